"""From the engine's answers to the record: results, findings, controls, coverage, outcome."""
