"""The stack on a cluster: planned, applied, waited for, compared with what it should be, removed.

`cluster` is the API server as far as it is needed, `wanted` what is sent, `plan` what that would change, by a
dry run of the server itself. `inventory` remembers what was applied, `lease` keeps two deployers apart,
`engine` applies in the order of `order`, `wait` says when it works. Nothing here decides on its own to delete
data or to take a field from somebody else: that needs the digest of a plan that was shown.
"""
