"""The reference stack: composed of what kustomize rendered when the package was built.

`tools/stack.py` renders base and components with the real kustomize, and keeps the base, what each
component adds, and JSON patches (RFC 6902) of what it changes. Here they are put together, without
kustomize, network or cluster: `choice` says what is wanted, `compose` makes the objects, `alerts`
switches alerts off, `emit` prints what kustomize would. `eject` writes it as a tree for kustomize.
"""
