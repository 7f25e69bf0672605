"""What a request asks leave for.

The words are those of the API server's authorizer.Attributes, which SubjectAccessReview takes too:
https://kubernetes.io/docs/reference/access-authn-authz/authorization/#request-attributes-used-in-authorization
"""

from __future__ import annotations

import msgspec


class Attributes(msgspec.Struct, frozen=True):
    """One request, taken apart: for a resource, or, with `path`, for a URL that is none."""

    verb: str
    """Of a resource get, list and so on, or what RBAC alone knows (`bind`); of a URL the method."""
    group: str = ""
    """The API group, "" for the core group."""
    resource: str = ""
    """The plural, as `pods`."""
    subresource: str = ""
    name: str = ""
    """Of the object; "" for list, watch, create and deletecollection, which name none."""
    namespace: str = ""
    """"" for what is in no namespace, and for all namespaces at once. A request for the Namespace
    `shop` has `shop` here, as the API server sets it."""
    path: str = ""
    """Of a URL that is no resource, as `/metrics`; then only the verb counts besides."""

    @property
    def combined(self) -> str:
        """Resource and sub-resource as rules write them: `pods/exec`."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource
