"""Secrets are read as metadata: what they hold is not asked for, and refused where it comes all the same.

The API server leaves `data` and `type` out of what it sends where PartialObjectMetadata is asked for; RBAC
cannot grant as little as that. Which of them are tokens of ServiceAccounts tells a second list, by a field
selector.
https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-metadata
"""

from __future__ import annotations

import msgspec

from auditor.document.secrets import TOKEN
from auditor.model import Body

SELECTORS = ("", f"type={TOKEN}")
"""The lists of Secrets: all of them, and those of one type."""

CONTENTS = "the server sent more of Secrets than their metadata, which was thrown away"

METADATA = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
"""What is accepted, and nothing else: a server that cannot leave the rest out answers 406."""


class LiveSecret(msgspec.Struct, rename="camel"):
    """A Secret as it comes; what must not come is not decoded."""

    metadata: Body
    type: msgspec.Raw = msgspec.Raw(b"")
    data: msgspec.Raw = msgspec.Raw(b"")
    string_data: msgspec.Raw = msgspec.Raw(b"")

    @property
    def is_bare(self) -> bool:
        """Whether nothing came but metadata."""
        return not any(map(bytes, (self.type, self.data, self.string_data)))
