"""Asks the API server what an audit may read: by self-reviews, without reading anything.

https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from auditor.collect.api import Api, ApiError
from auditor.document.kinds import KINDS, Kind
from auditor.document.relations.table import CONFIRMED
from auditor.errors import SourceError
from auditor.judge.rights import Right, State
from auditor.model import SourceFacts

_REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


class _Status(msgspec.Struct, rename="camel"):
    allowed: bool
    reason: str = ""
    evaluation_error: str = ""


class _Review(msgspec.Struct):
    status: _Status


def rights(api: Api, kinds: Iterable[str], facts: SourceFacts) -> Iterator[Right]:
    """Yield the rights that an audit of these kinds uses, kind by kind.

    `facts` say which API groups the server has and to which namespaces the audit is limited. What
    the server cannot be asked is `State.UNKNOWN`, with the reason; nothing is raised.
    """
    ask = _Asking(api)
    for name in sorted(kinds):
        kind = KINDS[name]
        if beyond := _beyond(name, kind, facts):
            yield beyond
            continue
        for place in facts.namespaces or ("",):
            if kind.namespaced or not place:
                yield ask.right(name, kind, "list", place)
                if name in CONFIRMED:
                    yield ask.right(name, kind, "get", place, confirms=True)
            else:
                # a Namespace in namespace mode: read by itself, and authorised inside itself
                yield ask.right(name, kind, "get", place, object_name=place)


def _beyond(name: str, kind: Kind, facts: SourceFacts) -> Right | None:
    """The one entry of a kind that no right makes readable; None for all others."""
    versions = _versions(kind.group, facts.apis)
    if not versions:
        return Right(name, "list", State.NOT_OFFERED, f"the server has no {_group(kind)}")
    if kind.api_version not in versions:
        reason = f"the server has {', '.join(versions)}, and {kind.api_version} is what is read"
        return Right(name, "list", State.OTHER_VERSION, reason)
    if facts.namespaces and not kind.namespaced and name != "Namespace":
        reason = "cluster-wide kind, the audit is limited to namespaces"
        return Right(name, "list", State.OUT_OF_REACH, reason)
    return None


def _versions(group: str, apis: Sequence[str]) -> list[str]:
    return [one for one in apis if one.rpartition("/")[0] == group]


def _group(kind: Kind) -> str:
    return f"API group {kind.group}" if kind.group else "core API group"


class _Asking:
    """Sends the reviews one by one; once the connection is lost, it does not wait for it again."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._lost = ""

    def right(
        self,
        name: str,
        kind: Kind,
        verb: str,
        namespace: str,
        *,
        object_name: str = "",
        confirms: bool = False,
    ) -> Right:
        state, reason = self._answer(kind, verb, namespace, object_name)
        return Right(name, verb, state, reason, namespace, confirms)

    def _answer(self, kind: Kind, verb: str, namespace: str, object_name: str) -> tuple[State, str]:
        if self._lost:
            return State.UNKNOWN, self._lost
        try:
            status = self._api.review(_REVIEW, _review(kind, verb, namespace, object_name), _Review).status
        except ApiError as error:
            return State.UNKNOWN, f"{error.status}: {error}" if error.status else str(error)
        except SourceError as error:
            self._lost = str(error)
            return State.UNKNOWN, self._lost
        reason = "; ".join(filter(None, (status.reason, status.evaluation_error)))
        return State.ALLOWED if status.allowed else State.DENIED, reason


def _review(kind: Kind, verb: str, namespace: str, name: str) -> dict[str, Any]:
    attributes = {
        "group": kind.group,
        "version": kind.api_version.rpartition("/")[2],
        "resource": kind.plural,
        "verb": verb,
        "namespace": namespace,
        "name": name,
    }
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
