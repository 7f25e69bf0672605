"""Keeps audits: one file, in which each is chained to all before it."""
