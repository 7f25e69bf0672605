"""The rule files of the stack, their unit tests and their runbooks, as tests read them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
RUNBOOKS = ROOT / "docs" / "runbooks"
METRICS = ROOT / "docs" / "metrics.md"
UNIT_TESTS = DEPLOY / "tests"

RULE_FILES = sorted(DEPLOY.glob("base/rules/*.yml")) + sorted(DEPLOY.glob("components/*/rules/*.yml"))
UNIT_TEST_FILES = sorted(UNIT_TESTS.glob("*_test.yml"))

STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
MATCHERS = re.compile(r"\{[^{}]*\}")
GROUPING = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)")
NAME = re.compile(r"(?<![\w:.])([a-zA-Z_:][\w:]*)(?![\w:])(?!\s*\()")
WORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan", "by", "without"}


@dataclass(frozen=True)
class Rule:
    """One alert or record, and where it stands."""

    file: Path
    group: str
    body: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name of the alert or of the recorded series."""
        return str(self.body.get("alert") or self.body["record"])

    @property
    def expr(self) -> str:
        """What it evaluates."""
        return str(self.body["expr"])

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels it adds."""
        return dict(self.body.get("labels", {}))


@functools.cache
def load(path: Path) -> Any:
    """Return the YAML of a file, read once: not to be changed."""
    return yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def rules() -> Iterator[Rule]:
    """Every rule of every rule file."""
    for path in RULE_FILES:
        for group in load(path)["groups"]:
            for body in group["rules"]:
                yield Rule(path, group["name"], body)


ALERTS = [rule for rule in rules() if "alert" in rule.body]
RECORDS = [rule for rule in rules() if "record" in rule.body]
ALERT_NAMES = sorted({rule.name for rule in ALERTS})


def metrics(expr: str) -> set[str]:
    """Return the names of the series that an expression asks for.

    Strings, matchers, label lists and function names are taken away; the rest are names. Enough for
    our own rules: no `__name__` matchers, no quoted names.
    """
    bare = STRING.sub('""', re.sub(r"#.*", "", expr))
    bare = GROUPING.sub(" ", MATCHERS.sub(" ", bare))
    bare = re.sub(r"\[[^\]]*\]", " ", bare)
    bare = re.sub(r"\boffset\s+\w+", " ", bare)
    return {name for name in NAME.findall(bare) if name.lower() not in WORDS}


def matchers(expr: str) -> Iterator[tuple[str, str, str, str]]:
    """Give (metric, label, operator, value) of every matcher of an expression."""
    for metric, inside in re.findall(r"([a-zA-Z_:][\w:]*)\s*\{([^{}]*)\}", expr):
        for label, operator, value in re.findall(r'(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"', inside):
            yield metric, label, operator, value


def documented_metrics() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return docs/metrics.md: metric -> label -> its values, none where they are open."""
    found = {}
    for line in METRICS.read_text().splitlines():
        if row := re.match(r"\| `(auditor_\w+)` \| ([^|]*)\|", line):
            labels = re.findall(r"`(\w+)`(?: \(([^)]*)\))?", row[2])
            found[row[1]] = {label: tuple(re.findall(r"`(\w+)`", values)) for label, values in labels}
    return found


def fenced(text: str, language: str) -> list[str]:
    """Return the blocks of one language in a Markdown page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
