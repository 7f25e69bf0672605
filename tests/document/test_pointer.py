"""JSON pointers, and identities that survive re-ordering and another kind."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.document.kinds import WORKLOADS, pod_pointer
from auditor.document.pointer import digest, identity, related, split
from tests import factories as make

POD_SPEC = {
    "containers": [
        make.container("a", securityContext={"capabilities": {"add": ["SYS_TIME", "CHOWN"]}}),
        make.container(
            "b", ports=[{"containerPort": 80, "hostPort": 1}, {"containerPort": 53, "protocol": "UDP"}]
        ),
    ],
    "tolerations": [{"key": "x"}, [1], 5, True, "y"],
}


@pytest.mark.parametrize(
    ("pointer", "tokens"),
    [("", []), ("/", [""]), ("/a/b", ["a", "b"]), ("/a~1b/c~0d", ["a/b", "c~d"]), ("/~01", ["~1"])],
)
def test_tokens(pointer: str, tokens: list[str]) -> None:
    assert split(pointer) == tokens


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("/a", "/a", True),
        ("/a", "/a/b", True),
        ("/a/b", "/a", True),
        ("/a", "/ab", False),
        ("", "/a", True),
        ("/a/b", "/a/c", False),
    ],
)
def test_related(one: str, other: str, expected: bool) -> None:
    assert related(one, other) is expected


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("/spec/hostNetwork", "hostNetwork"),
        ("/spec/containers/0", "containers/[a]"),
        (
            "/spec/containers/0/securityContext/capabilities/add/1",
            "containers/[a]/securityContext/capabilities/add/[CHOWN]",
        ),
        ("/spec/containers/1/ports/0/hostPort", "containers/[b]/ports/[80~1TCP]/hostPort"),
        ("/spec/containers/1/ports/1", "containers/[b]/ports/[53~1UDP]"),
        ("/spec/containers/2", "containers/2"),
        ("/spec/containers/x", "containers/x"),
        ("/spec/containers/²", "containers/²"),
        ("/spec/containers/" + "9" * 5000, "containers/" + "9" * 5000),
        ("/spec/tolerations/2", "tolerations/[5]"),
        ("/spec/tolerations/3", "tolerations/[True]"),
        ("/spec/nothing/at/all", "nothing/at/all"),
        ("/spec/hostNetwork/deeper", "hostNetwork/deeper"),
        ("/spec", ""),
        ("", ""),
        ("/specs", "specs"),
        ("/metadata/annotations/a~1b", "../metadata/annotations/a~1b"),
        ("/metadata", "../metadata"),
        ("/metadatas", "metadatas"),
        ("/status", "status"),
    ],
)
def test_identity(pointer: str, name: str) -> None:
    assert identity(make.pod({**POD_SPEC, "hostNetwork": True}), pointer, "/spec") == name


def test_an_entry_without_a_name_is_known_by_its_digest() -> None:
    body = {"list": [{"b": 1, "a": 2}, [1]], "same": [{"a": 2, "b": 1}]}
    of_mapping, of_list = digest(b'{"a":2,"b":1}')[:16], digest(b"[1]")[:16]
    assert identity(body, "/list/0") == f"list/[{of_mapping}]"
    assert identity(body, "/list/0")[4:] == identity(body, "/same/0")[4:]
    assert identity(body, "/list/1") == f"list/[{of_list}]"


def test_subjects_are_known_by_kind_namespace_and_name() -> None:
    subjects = [
        {"kind": "User", "name": "x"},
        {"kind": "ServiceAccount", "namespace": "n", "name": "x"},
        {"port": 80},
    ]
    body = {"subjects": subjects}
    names = [identity(body, f"/subjects/{index}") for index in range(3)]
    assert names == ["subjects/[User ~1x]", "subjects/[ServiceAccount n~1x]", "subjects/[80~1TCP]"]


def test_a_name_cannot_pretend_to_be_a_path() -> None:
    body = make.pod(
        {"containers": [make.container("a]/ports/[80"), make.container("a", ports=[{"name": "80"}])]}
    )
    one, other = (
        identity(body, "/spec/containers/0", "/spec"),
        identity(body, "/spec/containers/1/ports/0", "/spec"),
    )
    assert one == "containers/[a]~1ports~1[80]"
    assert other == "containers/[a]/ports/[80]"


@pytest.mark.parametrize("kind", WORKLOADS)
def test_every_kind_has_the_same_identities(kind: str) -> None:
    body, base = make.workload(kind, POD_SPEC), pod_pointer(kind)
    assert identity(body, f"{base}/containers/0", base) == "containers/[a]"
    holder = base.removesuffix("/spec")
    assert identity(body, f"{holder}/metadata/annotations/x", base) == "../metadata/annotations/x"
    if kind != "Pod":
        assert identity(body, "/metadata/annotations/x", base) == "metadata/annotations/x"
        assert identity(body, "/spec/replicas", base) == "spec/replicas"


def _pointers(value: Any, at: str = "") -> list[tuple[str, Any]]:
    found = [(at, value)]
    if isinstance(value, dict):
        for key, item in value.items():
            found += _pointers(item, f"{at}/{str(key).replace('~', '~0').replace('/', '~1')}")
    if isinstance(value, list):
        for index, item in enumerate(value):
            found += _pointers(item, f"{at}/{index}")
    return found


json_values = st.recursive(
    st.integers(0, 2) | st.sampled_from(["a", "a/b", "~", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "a", "a/b", "port"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(json_values)
def test_exact_identities_are_all_different(value: Any) -> None:
    names = [identity(value, pointer, exact=True) for pointer, _ in _pointers(value) if pointer]
    assert len(names) == len(set(names))


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), unique=True), st.randoms())
def test_identities_survive_re_ordering(names: list[str], rng: random.Random) -> None:
    shuffled = rng.sample(names, len(names))
    one, other = ({"list": [{"name": name} for name in order]} for order in (names, shuffled))
    for name in names:
        found = identity(one, f"/list/{names.index(name)}")
        assert found == identity(other, f"/list/{shuffled.index(name)}")
