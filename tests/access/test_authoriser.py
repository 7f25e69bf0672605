"""Our authoriser and that of a real API server say the same of random worlds, and for the same reasons."""

from __future__ import annotations

import os
import uuid

import pytest

from auditor.access import objects
from auditor.access.aggregate import summed
from auditor.access.attributes import Attributes
from auditor.access.identity import Identity
from tests.access.reviews import Review, Server
from tests.access.worlds import Maker

WORLDS = 5
QUESTIONS = int(os.environ.get("AUDITOR_PROOF_ACCESS", "20000"))
"""In all worlds together; `make proof` asks 500,000."""
SEED = int(os.environ.get("AUDITOR_PROOF_SEED", "1"))


@pytest.mark.parametrize("number", range(WORLDS))
def test_it_says_what_the_server_says(server: Server, number: int) -> None:
    seed = SEED * 1000 + number
    maker = Maker(f"w{uuid.uuid4().hex[:8]}", seed)
    world = maker.world()
    server.write(world)
    try:
        asked = list(maker.questions(world, QUESTIONS // WORLDS))
        ours, theirs = server.authoriser(), server.review(asked)
        wrong = [
            (seed, *one, review)
            for one, review in zip(asked, theirs, strict=True)
            if not _agrees({str(grant.binding) for grant in ours.grants(*one)}, review)
        ]
        allowed = sum(review.allowed for review in theirs)
    finally:
        server.erase(world)
    assert not wrong, f"{len(wrong)} of {len(asked)}, as {wrong[:3]}"
    assert len(asked) / 10 < allowed < len(asked) * 9 / 10, "the questions tell nothing apart"


def _agrees(bindings: set[str], review: Review) -> bool:
    return review.binding in bindings if review.allowed else not bindings


def test_sums_are_those_of_the_controller(server: Server) -> None:
    maker = Maker(f"s{uuid.uuid4().hex[:8]}", SEED)
    world = maker.world()
    server.write(world)
    try:
        live = [objects.role(body) for body in server.written(world) if body["kind"] in objects.ROLES]
    finally:
        server.erase(world)
    declared = [objects.role(body) for body in world.objects if body["kind"] in objects.ROLES]
    sums = {role.ref: set(role.rules) for role in summed(declared) if role.aggregation}
    assert any(sums.values())
    assert {role.ref: set(role.rules) for role in live if role.aggregation} == sums


def test_masters_may_do_everything(server: Server) -> None:
    master, asked = Identity("root", frozenset({"system:masters"})), Attributes("x", "y", "z")
    assert server.review([(master, asked)])[0].allowed
    assert server.authoriser().can(master, asked)
