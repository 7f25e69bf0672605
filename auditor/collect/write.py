"""What writes to a cluster: server-side apply, and the little else that the stack needs.

The audit imports none of it (a contract in pyproject.toml). Each request may be sent twice, as `Api` does
where it is not known whether the first one arrived: applying is idempotent, deleting names the uid, and
creating and replacing are refused the second time.
https://kubernetes.io/docs/reference/using-api/server-side-apply/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

import msgspec

from auditor.collect.api import Api, decoded
from auditor.collect.exchange import NO_HEADERS
from auditor.collect.fault import ApiError

__all__ = ["WritingApi"]

Body = dict[str, Any]

_APPLY = {"Content-Type": "application/apply-patch+yaml"}
_RACES = 3
"""How often an apply is sent that another write has crossed."""
_METADATA_ONLY = {"Accept": "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"}


class WritingApi(Api):
    """The API server behind a connection, to be written to; paths are those of objects or lists."""

    AGENT: ClassVar[str] = "auditor-stack"

    def find(self, path: str, *, metadata_only: bool = False) -> Body | None:
        """Return an object, or None if there is none; raises as `get`.

        With `metadata_only` the server leaves out all else: so a Secret is asked for that need not be read.
        """
        try:
            return self._send("GET", path, None, _METADATA_ONLY if metadata_only else NO_HEADERS)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def apply(
        self, path: str, body: Mapping[str, Any], manager: str, *, force: bool = False, dry_run: bool = False
    ) -> Body:
        """Apply what `manager` wants of an object and return what comes of it; raises as `get`.

        Fields that the server does not know are refused. `force` takes fields over from others; without it
        they are an `ApiError` 409 whose causes name them.
        """
        query = {"fieldManager": manager, "fieldValidation": "Strict", "force": str(force).lower()}
        if dry_run:
            query["dryRun"] = "All"
        for _ in range(_RACES):
            try:
                # JSON is YAML
                return self._send("PATCH", f"{path}?{urlencode(query)}", body, _APPLY)
            except ApiError as error:
                if error.status != 409 or error.causes:
                    raise
                lost = error  # somebody was faster, and wants nothing of what we want
        raise lost

    def create(self, path: str, body: Mapping[str, Any]) -> Body:
        """Create an object in a list; an `ApiError` 409 says that it is there."""
        return self._send("POST", path, body)

    def replace(self, path: str, body: Mapping[str, Any]) -> Body:
        """Replace an object; an `ApiError` 409 says that its resourceVersion is not the newest."""
        return self._send("PUT", path, body)

    def delete(self, path: str, uid: str, *, dry_run: bool = False) -> bool:
        """Delete the object with this uid, what it owns first; tell whether it was there.

        An `ApiError` 409 says that another object has its name. Raises as `get`.
        """
        body: Body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Foreground",
            "preconditions": {"uid": uid},
        }
        if dry_run:
            body["dryRun"] = ["All"]
        try:
            self._send("DELETE", path, body)
        except ApiError as error:
            if error.status == 404:
                return False
            raise
        return True

    def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Body:
        data = None if body is None else msgspec.json.encode(body)
        return self._ask(method, path, lambda answer: decoded(answer, Body), data, headers=headers)
