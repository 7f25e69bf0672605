"""A large cluster to measure on: what is in it, and how it is written to a real API server."""
