"""Reads what users write: auditor.yaml and waivers. Every fault names file, line and key."""
