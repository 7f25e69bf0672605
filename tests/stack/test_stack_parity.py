"""What is composed is what kustomize renders, byte for byte."""

from __future__ import annotations

import json
import os
import subprocess
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from auditor.stack.choice import Choice
from auditor.stack.emit import printed
from tests.stack import render
from tests.stack.render import COMPONENT_SETTINGS, COMPONENTS, DEPLOY, OVERLAYS, REGISTRY, SETTINGS
from tests.stack.shipped import chosen, rendered, shipped
from tools import build

ALL = SETTINGS | COMPONENT_SETTINGS
PAIRS = [pair for pair in combinations(COMPONENTS, 2) if REGISTRY.allowed(render.complete(*pair))]
if "AUDITOR_PROOF_STACK" not in os.environ:
    # `make stack` compares every pair with its settings as marks; here those that change each other
    PAIRS = [one.components for one in shipped().between]


def composed(*components: str, settings: dict[str, str]) -> str:
    """Return what is composed of these components on the base alone."""
    choice = chosen("minimal", more=tuple(components), settings=used(components, settings))
    assert list(choice.components) == list(components)
    return rendered(choice).text


def used(components: Any, settings: dict[str, str]) -> dict[str, str]:
    rows = [REGISTRY.components[name] for name in (*components, *REGISTRY.always)]
    return {key: value for key, value in settings.items() if any(key in row.settings for row in rows)}


@pytest.mark.parametrize("profile", OVERLAYS)
def test_profile_is_its_overlay(profile: str) -> None:
    assert rendered(chosen(profile)).text == render.text(DEPLOY / "overlays" / profile)


@pytest.mark.parametrize("profile", OVERLAYS)
def test_profile_is_its_overlay_by_kubectl(profile: str) -> None:
    command: list[str | Path] = [
        build.tool_bin("kubernetes") / "kubectl",
        "kustomize",
        DEPLOY / "overlays" / profile,
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert rendered(chosen(profile)).text == run.stdout


@pytest.mark.parametrize("component", COMPONENTS)
def test_component_alone(component: str) -> None:
    components = tuple(render.complete(component))
    assert composed(*components, settings=ALL) == render.own_text(components, tuple(sorted(ALL.items())))


@pytest.mark.parametrize("pair", PAIRS, ids="+".join)
def test_pair(pair: tuple[str, str]) -> None:
    """Two that may stand beside each other; that neither takes anything away, `make stack` sees to."""
    components = tuple(render.complete(*pair))
    assert composed(*components, settings=ALL) == render.own_text(components, tuple(sorted(ALL.items())))


@pytest.mark.parametrize("edge", ["gateway-api", "ingress-traefik", "ingress-nginx-compat"])
def test_as_many_as_may_stand_beside_each_other(edge: str) -> None:
    """Three and more meet too, some of whom no test of pairs has seen together."""
    components = REGISTRY.closure(edge)
    for name in COMPONENTS:
        if REGISTRY.allowed(more := REGISTRY.closure(*components, name)):
            components = more
    assert len(components) > 8
    assert composed(*components, settings=ALL) == render.own_text(
        tuple(components), tuple(sorted(ALL.items()))
    )


@pytest.mark.parametrize("value", ["true", "1", "007", "1e3", "1_000", "no", "2026-01-01", "0x1F"])
def test_values_that_yaml_could_mistake(value: str) -> None:
    settings = SETTINGS | {"cluster": value, "environment": value}
    assert composed(settings=settings) == render.own_text((), tuple(sorted(settings.items())))


def test_the_same_bytes_each_time() -> None:
    choice = chosen("azure-mlops")
    assert rendered(choice).text == rendered(choice).text
    backwards = Choice(choice.profile, choice.components, dict(reversed(choice.settings.items())))
    assert rendered(backwards).text == rendered(choice).text


def test_what_ships_is_not_used_up_by_rendering() -> None:
    before = rendered(chosen("ha")).text
    one = rendered(chosen("ha", replicas=5, storage_class="fast", settings={"cluster": "other"}))
    assert one.text != before
    assert rendered(chosen("ha")).text == before


TEXTS = """
~ y Yes oN on NO null nULL True 1 01 08 1_000 0x1F 0o17 0b11 -0b1 1e3 1.5 1. 1.e5 .5 +1 - -a 1:30 190:20:30
12:99 2026-01-01 2026-1-1 << = a:b #a 'a' "a" a'b a"b *a &a !a %a @a `a ?a :a {a [a ]a ,a a,b |a >a é .inf
-.INF +.inf .nan 0 -0 00 0.0 1__0 _1 1_ 0xg 0b2 0o8 1e e1 1e+5 1.2.3 v1 10Gi 30d 100m --- ... 0777 +0b1
1-2-3 2001-12-14t21:59:43.10-05:00 20200101 2020-01-01T $(A)
""".split()
TEXTS += ["", "a: b", "a #b", " a", "a ", "- a", "? a", ": a", "--- a", "{{ x }}", "2026-01-01 10:00:00"]
TEXTS += [
    "a\nb",
    "a\n",
    "a\n\n",
    "\na",
    "  a\nb",
    "a \nb",
    "a\tb",
    "a\\b",
    "\n",
    " \n",
    "a\n--- b\nc",
    "a\n  b\n c\n",
]
TEXTS += ["a" * 200, "word " * 60, "word " * 60 + "x", "word: " * 60 + "x"]
KEYS = "a b A B a_b aB a-b a.b a10 a2 a01 a001 a0 a9 _x x1 x10 x9 x_ x-1 Z _ a1 100 20 3".split()


def test_every_text_and_key_as_kustomize_prints_it(tmp_path: Path) -> None:
    """Whoever writes the next component need not think of how YAML is quoted, or keys are sorted."""
    one: render.Object = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "texts", "labels": dict.fromkeys(KEYS, "x")},
        "data": {f"k{number:03}": text for number, text in enumerate(TEXTS)},
        "list": TEXTS,
        "other": [1, -5, 0.5, True, False, None, [], {}, [[1], [{"a": 1, "b": [{}]}]]],
    }
    (tmp_path / "one.yaml").write_text(json.dumps(one, ensure_ascii=False))
    (tmp_path / "kustomization.yaml").write_text("resources: [one.yaml]\n")
    assert printed([one]) == render.text(tmp_path)


def test_what_ships_says_of_what_it_was_made() -> None:
    program = build.tool_bin("kustomize") / "kustomize"
    assert (
        shipped().kustomize
        in subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout
    )
