"""Tries policies on their own samples and Rego tests: `auditor policies test`.

A sample is a manifest whose file name begins with the verdict that its policy must reach:
`fail.cronjob.yaml`. Several documents in one file are a small cluster; the worst status counts
(fail, not_evaluated, pass, not_applicable). Samples run through the whole pipeline, so they test
what the engine really sees.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import msgspec

from auditor.judge.second_pass import NEED
from auditor.judge.selection import Selection
from auditor.model import Observation, SourceFacts, Status
from auditor.pipeline import collect, judge
from auditor.ports import Engine, Runtime, Source
from auditor.rules import Bundle, Policy

_ORDER = (Status.FAIL, Status.NOT_EVALUATED, Status.PASS, Status.NOT_APPLICABLE)


NOW = "2026-06-01T12:00:00Z"
"""When samples are read: what policies that need `now` compare the times in them with."""


_PARAMETERS = re.compile(r"# parameters: (\{.*\})\n")
"""First line of a sample that is judged by other parameters than its policy ships with, in JSON."""

_FROM_MANIFESTS = re.compile(r"^# source: manifests$", re.MULTILINE)
"""In a sample that is no small cluster: of what only manifests tell."""

MAX_EXAMPLE = 16 * 1024
"""Bytes of a sample that is shown."""

_OBSERVED = re.compile(r"^# observed: (\{.*\})$", re.MULTILINE)
"""What a running program says in a sample: a `model.Observation` in JSON, on one line for each."""

Changed = Callable[[str, Mapping[str, Any]], AbstractContextManager[tuple[Bundle, Engine]]]
"""Makes the bundle in which one policy has other parameters, and an engine that runs it."""


class Trial(msgspec.Struct, frozen=True):
    """What became of one sample."""

    policy: str
    sample: str
    """Path of the file, or the policy's folder if it has no sample."""
    expected: str
    found: str
    """A status, or what kept the sample from being judged."""

    @property
    def passed(self) -> bool:
        """The verdict is the one that the file name promises."""
        return self.expected == self.found


def try_samples(
    folders: Iterable[Path],
    bundle: Bundle,
    engine: Engine,
    source: Callable[[Path], Source],
    changed: Changed,
) -> Iterator[Trial]:
    """Judge every sample of these policy folders by its policy.

    `source` makes the source of one file, `changed` the bundle for a sample that begins with
    `# parameters: {...}`. A policy without a sample for fail or for pass is a
    trial that did not pass.
    """
    for folder in folders:
        policy = bundle.policies[folder.absolute().name]
        samples = sorted((folder / "samples").glob("*.y*ml"))
        promised = {_expected(sample) for sample in samples}
        for status in ("pass", "fail"):
            if status not in promised:
                yield Trial(policy.id, str(folder), f"a sample {status}*.yaml", "none")
        for sample in samples:
            runtime = _Observed(sample)
            if parameters := _parameters(sample):
                with changed(policy.id, parameters) as (other, runs_it):
                    found = _found(_read(sample, source), runtime, policy.id, other, runs_it)
            else:
                found = _found(_read(sample, source), runtime, policy.id, bundle, engine)
            yield Trial(policy.id, str(sample), _expected(sample), found)


def example(folder: Path) -> tuple[str, str] | None:
    """Return the plainest sample that fails, and the one most like it that passes; None if one is missing.

    The plainest is `fail.yaml`, or else the first by name. Samples with parameters of their own come
    last, and links that lead out of the folder are left out: what is returned is shown.
    """
    failing, passing = (_texts(folder, status) for status in (Status.FAIL, Status.PASS))
    if not (failing and passing):
        return None
    fails = min(failing, key=_is_special)
    return fails, min(passing, key=lambda passes: (_is_special(passes), _changed_lines(fails, passes)))


def _texts(folder: Path, status: Status) -> list[str]:
    """The samples of a status by name, the one without further words in its name first."""
    found = []
    paths = (one for one in folder.glob("samples/*.y*ml") if _expected(one) == status)
    for path in sorted(paths, key=lambda one: (one.stem != status, one.name)):
        with suppress(OSError, RuntimeError):  # a link that leads to itself is a RuntimeError
            if path.resolve().is_relative_to(folder.resolve()) and path.stat().st_size <= MAX_EXAMPLE:
                found.append(path.read_text(encoding="utf-8", errors="replace"))
    return found


def _is_special(text: str) -> bool:
    return bool(_PARAMETERS.match(text))


def _changed_lines(before: str, after: str) -> int:
    from difflib import SequenceMatcher  # every command imports this module, few need that one

    steps = SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False).get_opcodes()
    return sum(max(i2 - i1, j2 - j1) for step, i1, i2, j1, j2 in steps if step != "equal")


def _read(sample: Path, source: Callable[[Path], Source]) -> Source:
    told = _FROM_MANIFESTS.search(sample.read_text(encoding="utf-8"))
    return source(sample) if told else _SmallCluster(source(sample))


def _parameters(sample: Path) -> Mapping[str, Any]:
    match = _PARAMETERS.match(sample.read_text(encoding="utf-8"))
    return msgspec.json.decode(match[1], type=dict[str, Any]) if match else {}


def _found(source: Source, runtime: Runtime, policy: str, bundle: Bundle, engine: Engine) -> str:
    """What a policy says of a sample: a status, or why there is none."""
    selection = _selection(bundle.policies[policy], bundle)
    try:
        snapshot = collect(source, selection, now=NOW, runtime=runtime)
    except msgspec.MsgspecError as error:
        return f"a line `# observed:` that is no observation: {error}"
    _, results = judge(snapshot, engine, selection)
    if snapshot.gaps:
        return snapshot.gaps[0].reason
    statuses = {one.statuses.get(policy) for one in results}
    return next((status.value for status in _ORDER if status in statuses), "nothing judged")


def _selection(policy: Policy, bundle: Bundle) -> Selection:
    """The policy, and where it judges what others found, these others too."""
    first = {name: one for name, one in bundle.policies.items() if one.enabled and NEED not in one.needs}
    return Selection({**(first if NEED in policy.needs else {}), policy.id: policy}, (), ())


class _Observed:
    """What running programs say in a sample."""

    def __init__(self, sample: Path) -> None:
        self._text = sample.read_text(encoding="utf-8")

    def observe(self) -> tuple[Observation, ...]:
        """The lines that begin with `# observed: `; raises `msgspec.MsgspecError` for what is none."""
        return tuple(msgspec.json.decode(one, type=Observation) for one in _OBSERVED.findall(self._text))


class _SmallCluster:
    """A sample, which stands for a cluster: its objects have owners and a status."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.read = source.read
        self.confirm = source.confirm

    def facts(self) -> SourceFacts:
        """What the sample says, of a cluster."""
        return msgspec.structs.replace(self._source.facts(), kind="cluster")


def _expected(sample: Path) -> str:
    for status in sorted(Status, key=len, reverse=True):
        if sample.name.startswith(status.value):
            return status.value
    return "a file name that begins with a verdict"
