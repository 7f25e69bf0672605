"""Asks Kubernetes' own pod security code: the Python end of tests/oracles/podsecurity."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from tools.build import tool_bin

Level = Literal["baseline", "restricted"]

NEWEST = 37
"""The last minor version whose rules module v0.37.2 knows; `latest` means the same."""
VERSIONS = tuple(f"v1.{minor}" for minor in range(NEWEST + 1))


class OracleError(Exception):
    """The oracle would not take a question; the message names the pod and what is wrong with it."""


class Question(msgspec.Struct, frozen=True):
    """One pod, and what it shall be judged by."""

    level: Level
    version: str
    """`v1.N` or `latest`."""
    pod: Mapping[str, Any]
    """Metadata and spec; nothing else of the object matters."""
    template: bool = False
    """The pod of a controller: the API server gives it fewer defaults than a Pod."""


class Verdict(msgspec.Struct, frozen=True):
    """What Kubernetes says of one question."""

    allowed: bool
    failed: Mapping[str, str]
    """Id of each failed check, with Kubernetes' reason."""


class _Answer(msgspec.Struct, frozen=True):
    allowed: bool | None = None
    failed: Mapping[str, str] = {}
    error: str = ""


def judge(questions: Iterable[Question]) -> list[Verdict]:
    """Return the verdicts in the order of the questions, some thousands a second.

    Raises `OracleError` for a pod that is no strictly decodable `corev1.Pod`, and
    `CalledProcessError` if the oracle itself broke.
    """
    asked = list(questions)
    encoder = msgspec.json.Encoder()
    run = subprocess.run(
        [tool_bin("oracle/podsecurity") / "podsecurity"],
        input=b"".join(encoder.encode(question) + b"\n" for question in asked),
        stdout=subprocess.PIPE,
        check=True,
    )
    decoder = msgspec.json.Decoder(_Answer)
    answers = [decoder.decode(line) for line in run.stdout.splitlines()]
    return [_verdict(question, answer) for question, answer in zip(asked, answers, strict=True)]


def _verdict(question: Question, answer: _Answer) -> Verdict:
    if answer.allowed is None:
        raise OracleError(f"{answer.error}: {msgspec.json.encode(question).decode()}")
    return Verdict(answer.allowed, answer.failed)
