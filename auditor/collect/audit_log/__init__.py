"""The audit log of API servers: files of one event a line, read once, of which a summary is kept.

However long they are, memory holds the bindings and accounts that they name, and no event.
https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
"""
