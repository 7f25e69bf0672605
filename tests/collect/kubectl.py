"""Asks kubectl's own YAML parser: the Python end of tests/oracles/yaml."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from auditor.collect.compose import YamlError
from auditor.collect.yaml import documents
from tools.build import tool_bin

REFUSED = "refused"
"""Stands for the JSON of a document that cannot be read."""


class Oracle:
    """One running oracle; some 20,000 documents a second."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def read(self, text: str) -> str:
        """Return what kubectl makes of a document, as canonical JSON or `REFUSED`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(text).encode() + b"\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return REFUSED if answer.get("error") else canonical(answer["ok"])


@contextmanager
def oracle() -> Iterator[Oracle]:
    """Run the oracle, built first if need be."""
    program = tool_bin("oracle/yaml") / "yaml"
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Oracle(process)
        process.communicate()


def ours(text: str) -> str:
    """Return what we make of the first document of a text, in the oracle's words."""
    for document in documents(text.encode()):
        return REFUSED if isinstance(document, YamlError) else canonical(document.value)
    return canonical(None)


def refusal(text: str) -> str:
    """Return why we refuse the first document of a text."""
    return str(next(documents(text.encode())))


def canonical(value: object) -> str:
    """Encode so that 1 and 1.0 differ, and the order of keys does not matter."""
    return json.dumps(value, sort_keys=True, allow_nan=False)
