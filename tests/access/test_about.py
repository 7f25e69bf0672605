"""What policies say they are about (METADATA `about`) is all that they judge of the relation `grants`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from auditor.access.power import REQUESTS, Power
from auditor.access.roles import RBAC
from auditor.document.relations.grants import GRANTS
from auditor.document.relations.relation import World, filed
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.engine import OpaEngine
from auditor.model import PASS, Body
from auditor.rules import Bundle
from tests import factories as make
from tests.evaluate.questions import ask, document
from tools.build import tool_bin

EVERYTHING = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}


@pytest.fixture(scope="module")
def opa() -> Path:
    return tool_bin("opa") / "opa"


@pytest.fixture(scope="module")
def bundle(opa: Path) -> Iterator[Bundle]:
    with load_bundle(opa) as found:
        yield found


def rules() -> Iterator[list[dict[str, Any]]]:
    """For each power what gives it, and no more than the few that come with that; at last everything."""
    for power in Power:
        yield [
            {"apiGroups": [one.group], "resources": [one.resource], "verbs": sorted(one.verbs)}
            for one in REQUESTS.get(power, ())
        ]
    yield [{**EVERYTHING, "apiGroups": ["apps"]}]
    yield [{**EVERYTHING, "verbs": ["get"]}]
    yield [EVERYTHING]


def values() -> list[Any]:
    """What bindings of such roles have, in the cluster and in a namespace in which an account can do all."""
    strong = make.obj("ServiceAccount", name="strong")
    bodies: list[Body] = [make.obj("Namespace", {}, name="shop"), strong]
    for number, given in enumerate(rules()):
        name = f"role-{number}"
        bodies.append({**make.obj("ClusterRole", name=name), "rules": given})
        ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name}
        subjects = [{"kind": "User", "name": f"user-{number}", "apiGroup": ref["apiGroup"]}]
        if given == [EVERYTHING]:
            subjects = [{"kind": "ServiceAccount", "name": "strong", "namespace": "shop"}]
        bodies += [
            {**make.obj(kind, name=name), "roleRef": ref, "subjects": subjects}
            for kind in ("ClusterRoleBinding", "RoleBinding")
        ]
    resources = tuple(map(make.resource, bodies))
    join = GRANTS.join(World(resources, live=True))
    return [join.value(one) for one in resources if one.ref.api_version == RBAC and "Binding" in one.ref.kind]


def test_without_it_they_pass_whatever_else_is_there(opa: Path, bundle: Bundle) -> None:
    """So that they may be shown `{}` instead, once for all: the engine is asked about the whole here."""
    about = {name: policy for name, policy in bundle.policies.items() if policy.about}
    plain = {name: msgspec.structs.replace(policy, about=()) for name, policy in bundle.policies.items()}
    assert len(about) > 20
    found = values()
    silent = 0
    spoken: set[str] = set()
    documents = [document(f"d{number}", related__grants=value) for number, value in enumerate(found)]
    with OpaEngine(opa, msgspec.structs.replace(bundle, policies=plain)) as engine:
        answers = list(engine.evaluate(ask(list(about), documents)))
    for value, answer in zip(found, answers, strict=True):
        names = filed(GRANTS, value)
        if names is None:
            assert value == {}
            continue
        for name, policy in about.items():
            if names.isdisjoint(policy.about):
                silent += 1
                assert answer.verdicts[name] is PASS, (name, json.dumps(value))
            elif answer.verdicts[name] is not PASS:
                spoken.add(name)
    assert silent > 500
    assert spoken == set(about)
