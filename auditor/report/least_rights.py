"""The least rights as a ClusterRole, or a Role for each namespace: YAML with the reason for each rule."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from auditor.document.kinds import KINDS
from auditor.judge.least_rights import KindRights

WIDTH = 100


def lines(name: str, places: Mapping[str, Sequence[KindRights]], head: Sequence[str]) -> Iterator[str]:
    """Yield the lines of one role for each place, "" being the cluster; `head` is said before them."""
    yield from (line for text in head for line in _comment(text, ""))
    for number, (namespace, rights) in enumerate(places.items()):
        if number:
            yield "---"
        yield "apiVersion: rbac.authorization.k8s.io/v1"
        yield f"kind: {'Role' if namespace else 'ClusterRole'}"
        yield "metadata:"
        yield f"  name: {name}"
        if namespace:
            yield f"  namespace: {namespace}"
        yield "rules:" if rights else "rules: []"
        for right in rights:
            yield from _rule(right)


def _rule(right: KindRights) -> Iterator[str]:
    kind = KINDS[right.kind]
    for why, policies in (
        (f"{right.kind}: no verdict without it from", right.needed_by),
        (f"{right.kind}: nothing passes without it by", right.wanted_by),
        (f"{right.kind}: may excuse what is found by", right.excused_by),
    ):
        if policies:
            yield from _comment(f"{why} {', '.join(policies)}", "  ")
    yield f'  - apiGroups: ["{kind.group}"]'
    yield f"    resources: [{kind.plural}]"
    if right.names:
        yield f"    resourceNames: [{', '.join(right.names)}]"
    yield f"    verbs: [{', '.join(right.verbs)}]"


def _comment(text: str, indent: str) -> Iterator[str]:
    wrap = textwrap.TextWrapper(WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ")
    yield from wrap.wrap(text)
