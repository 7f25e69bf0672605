"""Builds the bundle of policies and lets OPA judge documents by it."""
