"""Who is blind without a kind."""

from __future__ import annotations

import pytest

from auditor.document.kinds import WORKLOADS
from auditor.judge.rights import State, excusing, kinds_read, unjudged, wanting
from auditor.rules import Policy
from tests.factories import policy

ALL = policy("all")
NODES = policy("nodes", kinds=("Node",))
LONELY = policy("lonely", kinds=("Deployment",))
WANTS = policy("wants", kinds=("Service",), wants=("namespace",))
EXCUSED = policy("excused", kinds=("Service",), excuses=("namespace",))
NEEDS = policy("needs", kinds=("Service", "Node"), needs=("namespace",))


@pytest.mark.parametrize(
    ("chosen", "kinds"),
    [
        ([], set()),
        ([NODES], {"Node"}),
        ([WANTS], {"Service", "Namespace"}),
        ([NEEDS], {"Service", "Node", "Namespace"}),
        ([EXCUSED], {"Service", "Namespace"}),
        # a pod is only judged right when its owners are known
        ([LONELY], set(WORKLOADS)),
        ([ALL, WANTS], {*WORKLOADS, "Service", "Namespace"}),
    ],
)
def test_kinds_that_are_read(chosen: list[Policy], kinds: set[str]) -> None:
    assert kinds_read(chosen) == kinds


def test_who_cannot_do_without() -> None:
    chosen = (WANTS, NODES, NEEDS, LONELY, ALL)
    assert unjudged(chosen, "Node") == {"needs": ("Node",), "nodes": ("Node",)}
    assert unjudged(chosen, "Namespace") == {"needs": ("Service", "Node")}
    assert unjudged(chosen, "Job") == {"all": ("Job",), "lonely": ("Deployment",)}
    assert unjudged(chosen, "ConfigMap") == {}


def test_who_only_wants_it() -> None:
    both = policy("both", kinds=("Namespace",), wants=("namespace",))
    assert wanting((NEEDS, WANTS, ALL), "Namespace") == ("wants",)
    assert wanting((both,), "Namespace") == ()
    assert wanting((WANTS,), "Service") == ()


def test_whom_it_only_excuses() -> None:
    both = policy("both", kinds=("Service",), wants=("namespace",), excuses=("namespace",))
    assert excusing((NEEDS, WANTS, EXCUSED, ALL), "Namespace") == ("excused",)
    assert excusing((both,), "Namespace") == ()
    assert excusing((EXCUSED,), "Service") == ()


def test_states_are_ordered_worst_first() -> None:
    assert [state for state in State if state.blinds] == list(State)[:3]
    assert sorted(State, key=lambda state: state.rank)[0] is State.DENIED
