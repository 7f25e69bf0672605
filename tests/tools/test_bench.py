"""`make bench` on the smallest cluster that it builds: a real one."""

from __future__ import annotations

import pytest

from tools.bench import __main__ as bench
from tools.bench import live


def test_figures_of_a_small_cluster(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(live, "ROUNDS", 1)
    bench.run((1_000,))
    lines = capsys.readouterr().out.splitlines()
    times, sizes = (line.split() for line in lines if line.strip().startswith("1000 "))
    floor, audit, ratio = map(float, times[1:4])
    assert ratio == pytest.approx(audit / floor, rel=0.1)  # of rounded figures
    python, opa, pages, others, _, resources, documents, variants, pairs, findings = map(int, sizes[1:])
    assert min(python, opa, others, findings) > 0
    [listed] = [line for line in lines if line.startswith("Listed, in this order")]
    assert pages == len(listed.partition(": ")[2].split(", ")) + 1  # two for the pods, one for all others
    assert resources > 1_000
    assert documents > variants > 20
    assert pairs > documents
    assert "Of these, named by no policy: none." in lines
    [besides] = [line for line in lines if line.startswith("Asked for besides")]
    assert "secrets" not in listed + besides
    assert "Relations whose cost grows faster than the cluster: none." in lines
    dearest = lines[lines.index("The 10 policies that cost OPA most at 1000 pods:") + 3 :]
    costs = [float(line.split()[-1]) for line in dearest[:10]]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > 0


def test_sizes_that_cannot_be_built(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("cluster", "run"):
        assert bench.main([command, "--size=1500"]) == 1
        told = capsys.readouterr()
        assert (told.out, told.err[:57]) == ("", "error: --size 1500: the cluster grows by 1000 pods, say a")
