"""What our policies say about pods: the whole path from object to verdict, with the real OPA."""

from __future__ import annotations

import atexit
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from typing import Any

from auditor.document.assemble import assemble
from auditor.document.keep import keep
from auditor.document.kinds import WORKLOADS
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.engine import OpaEngine
from auditor.judge.results import results
from auditor.model import Question, Resource, ResourceRef, Snapshot, SourceFacts, Status
from auditor.rules import Bundle
from tests.podsecurity.checks import POLICIES
from tools.build import tool_bin

VERSION_LABEL = "pod-security.kubernetes.io/enforce-version"


def evaluate(pods: Sequence[tuple[Mapping[str, Any], str]]) -> list[frozenset[str]]:
    """Return the ids of the policies that each object fails, judged at a version (v1.N, latest).

    The version comes as users give it: by the label of the namespace. An object that gets no
    verdict of a policy is an error.
    """
    bundle, engine = _engine()
    policies = tuple(sorted(POLICIES["baseline"] | POLICIES["restricted"]))
    answers = engine.evaluate(Question(document, policies) for document in _documents(pods))
    failed: dict[str, frozenset[str]] = {}
    for answer in answers:
        judged = results(answer, bundle.policies)
        lost = [one for one in judged.told if one.status is Status.NOT_EVALUATED]
        if lost:
            raise AssertionError(f"{lost[0].policy.id}: {lost[0].reasons}: {answer.document.body}")
        found = frozenset(one.policy.id for one in judged.told if one.status is Status.FAIL)
        failed[answer.document.ref.name] = found
    return [failed[f"o{number}"] for number in range(len(pods))]


def _documents(pods: Sequence[tuple[Mapping[str, Any], str]]) -> Any:
    resources = [_namespace(version) for version in sorted({version for _, version in pods})]
    for number, (body, version) in enumerate(pods):
        name, space = f"o{number}", _space(version)
        metadata = {**(body.get("metadata") or {}), "name": name, "namespace": space}
        ref = ResourceRef(body["apiVersion"], body["kind"], name, space)
        resources.append(keep(ref, {**body, "metadata": metadata}))
    return assemble(
        Snapshot(SourceFacts("manifests"), tuple(resources)),
        kinds=frozenset(WORKLOADS),
        relations=frozenset({"namespace"}),
        parts=frozenset({"pod", "containers", "related.namespace"}),
    )


def _namespace(version: str) -> Resource:
    name = _space(version)
    body = {"kind": "Namespace", "metadata": {"name": name, "labels": {VERSION_LABEL: version}}}
    return keep(ResourceRef("v1", "Namespace", name), body)


def _space(version: str) -> str:
    return "n-" + version.replace(".", "-")


@cache
def _engine() -> tuple[Bundle, OpaEngine]:
    """One engine for the whole test process."""
    opa = tool_bin("opa") / "opa"
    stack = ExitStack()
    atexit.register(stack.close)
    bundle = stack.enter_context(load_bundle(opa))
    return bundle, stack.enter_context(OpaEngine(opa, bundle))
