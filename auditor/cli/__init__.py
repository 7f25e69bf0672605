"""The command line: flags in, adapters built, exit code out. No decisions are made here."""
