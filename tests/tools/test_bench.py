"""`make bench` on the smallest cluster that it builds: a real one."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tools.bench import __main__ as bench
from tools.bench import live, table
from tools.bench.asked import Asked
from tools.bench.usage import Usage


def test_figures_of_a_small_cluster(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(live, "ROUNDS", 1)
    bench.run((1_000,))
    lines = capsys.readouterr().out.splitlines()
    begins = [place for goal in live.GOALS for place in places(lines, f"{goal.name}: medians")]
    assert len(begins) == len(live.GOALS)
    few, many = (section(lines[first:last]) for first, last in pairwise([*begins, len(lines)]))
    assert few < many
    assert "Relations whose cost grows faster than the cluster: none." in lines
    dearest = lines[lines.index("The 10 policies that cost OPA most at 1000 pods:") + 3 :]
    costs = [float(line.split()[-1]) for line in dearest[:10]]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > 0


def places(lines: list[str], begin: str) -> list[int]:
    return [place for place, line in enumerate(lines) if line.startswith(begin)]


def section(lines: list[str]) -> int:
    """Check what was printed of one goal; return how many pairs were judged."""
    times, sizes = (line.split() for line in lines if line.strip().startswith("1000 "))
    floor, audit, ratio = map(float, times[1:4])
    assert ratio == pytest.approx(audit / floor, rel=0.1)  # of rounded figures
    python, opa, pages, others, _, resources, documents, variants, pairs, findings = map(int, sizes[1:])
    assert min(python, opa, others, findings) > 0
    [listed] = [line for line in lines if line.startswith("Listed, in this order")]
    # two for the pods, one for all others, and where rights are judged the accounts once more: many are gone
    assert pages - len(listed.partition(": ")[2].split(", ")) in (1, 2)
    assert resources > 1_000
    assert documents > variants > 20
    assert pairs > documents
    assert "Of these, named by no policy: none." in lines
    [besides] = [line for line in lines if line.startswith("Asked for besides")]
    assert "secrets" not in listed + besides
    return pairs


def goal(ratio: float, python: int, opa: int) -> live.Goal:
    return live.Goal("some", (), ratio, python, opa)


@pytest.mark.parametrize(
    ("goal", "missed"),
    [
        (goal(2.0, 100, 90), []),
        (goal(1.9, 100, 90), ["at most 1.9 x floor"]),
        (goal(2.0, 99, 90), ["Python at most 99 MiB"]),
        (goal(2.0, 100, 89), ["OPA at most 89 MiB"]),
    ],
)
def test_each_goal_has_targets_of_its_own(goal: live.Goal, missed: list[str]) -> None:
    def run(seconds: float) -> live.Run:
        return live.Run(Usage(seconds, 0, 0, 100 * table.MIB, 90 * table.MIB), 0, {})

    figures = live.Figures((run(1.0),), (run(2.0),), (Asked(24, 4, (), frozenset(), {}, ""),))
    told = table.targets(figures, goal, [])
    assert [one.partition(":")[0] for one in told.split("; ") if one.endswith("NO")] == missed


def test_sizes_that_cannot_be_built(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("cluster", "run"):
        assert bench.main([command, "--size=1500"]) == 1
        told = capsys.readouterr()
        assert (told.out, told.err[:57]) == ("", "error: --size 1500: the cluster grows by 1000 pods, say a")
