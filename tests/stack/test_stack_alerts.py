"""Alerts that are switched off are gone, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from auditor.errors import UsageError
from auditor.stack import alerts
from auditor.stack.alerts import Off, Wishes
from auditor.stack.shipped import SwitchedOff
from tests.stack.render import DEPLOY, find
from tests.stack.shipped import chosen, rendered, shipped

FILES = sorted(DEPLOY.glob("**/rules/*.yml"))
RULES = """\
# The head stays.
groups:
  - name: one
    rules:
      # Of the first.
      - alert: First
        expr: up == 0
        annotations:
          description: |-
            # no comment
            text

      - record: a:b
        expr: vector(1)
      # Of the second,
      # in two lines.
      - alert: Second
        expr: up == 1

  # Of the second group.
  - name: two
    rules:
      - alert: Third
        expr: up == 2

      - alert: Second
        expr: up == 3
        labels: {severity: info}
"""


def off(*names: str) -> Wishes:
    return Wishes(tuple(Off(name, "our reason", "--disable-alert") for name in names))


def rules(text: str) -> list[Any]:
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


def test_one_goes_with_its_comment() -> None:
    left = alerts.without(RULES, {"First"})
    gone = RULES[RULES.index("      # Of the first.") : RULES.index("      - record")]
    assert left == RULES.replace(gone, "")


def test_the_same_name_goes_everywhere_and_the_last_of_a_group_leaves_it_in_order() -> None:
    left = alerts.without(RULES, {"Second"})
    first, second = "      # Of the second,\n", "\n      - alert: Second\n        expr: up == 3"
    assert left.startswith(RULES[: RULES.index(first)])
    assert left.endswith(RULES[RULES.index("  # Of the second group.") : RULES.index(second)])
    assert alerts.names(left) == {"First", "Third"}


def test_an_empty_group_goes() -> None:
    left = alerts.without(RULES, {"Third", "Second"})
    assert "two" not in left
    assert "second" not in left
    assert len(rules(left)) == 2


def test_recording_rules_stay() -> None:
    left = alerts.without(RULES, {"First", "Second", "Third"})
    assert rules(left) == [{"record": "a:b", "expr": "vector(1)"}]


def test_a_file_of_which_nothing_is_left_is_still_a_rule_file() -> None:
    text = RULES.replace("      - record: a:b\n        expr: vector(1)\n", "")
    assert yaml.safe_load(alerts.without(text, {"First", "Second", "Third"})) == {"groups": []}
    assert alerts.without(text, {"First", "Second", "Third"}).startswith("# The head stays.\n")


def test_what_is_not_named_is_not_touched() -> None:
    assert alerts.without(RULES, {"Fourth"}) == RULES
    assert alerts.without(RULES, set()) == RULES


def test_a_file_whose_lines_cannot_be_told_apart_is_refused() -> None:
    with pytest.raises(ValueError, match="block style"):
        alerts.without("groups: [{name: a, rules: [{alert: A, expr: up}, {alert: B, expr: up}]}]\n", {"A"})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_shipped_alert_can_go_and_takes_no_line_of_another(path: Any) -> None:
    text = path.read_text()
    for name in alerts.check(text):
        left = alerts.without(text, {name})
        assert rules(left) == [rule for rule in rules(text) if rule.get("alert") != name]
        lines = iter(text.splitlines())
        assert all(line in lines for line in left.splitlines()), f"{name}: lines were changed or moved"


def test_switched_off_in_what_is_rendered() -> None:
    choice = chosen("ha")
    before = find(rendered(choice).objects, "ConfigMap", "prometheus-rules")["data"]
    made = rendered(choice, off("NodeCpuSaturated", "NodeMemoryLow"))
    after = find(made.objects, "ConfigMap", "prometheus-rules")["data"]
    assert {key for key in before if before[key] != after[key]} == {"infrastructure.yml"}
    assert alerts.known(made.objects) == alerts.known(rendered(choice).objects) - {
        "NodeCpuSaturated",
        "NodeMemoryLow",
    }
    assert made.text.startswith(
        "# Alerts that are switched off:\n"
        "#   NodeCpuSaturated (--disable-alert): our reason\n"
        "#   NodeMemoryLow (--disable-alert): our reason\n"
        "apiVersion: v1\n"
    )


def test_the_head_cannot_be_escaped_from() -> None:
    wishes = Wishes((Off("NodeMemoryLow", "a\nkind: Secret\u2028b", "--disable-alert"),))
    made = rendered(chosen("ha"), wishes)
    head = made.text.partition("apiVersion")[0]
    assert head.splitlines() == [
        "# Alerts that are switched off:",
        r"#   NodeMemoryLow (--disable-alert): a\x0akind: Secret\u2028b",
    ]


@pytest.mark.parametrize("preset", sorted(shipped().presets))
def test_presets(preset: str) -> None:
    named = {one.alert for one in shipped().presets[preset]}
    made = rendered(chosen("azure-mlops"), Wishes(presets=(preset,)))
    assert {one.alert for one in made.off} == named
    assert alerts.known(made.objects) == alerts.known(rendered(chosen("azure-mlops")).objects) - named
    assert made.idle_presets == ([] if named else [preset])
    assert all(one.reason and preset in one.by for one in made.off)


def test_only_the_preset_without_kube_proxy_is_idle() -> None:
    assert [name for name, entries in shipped().presets.items() if not entries] == ["no-kube-proxy"]


def test_own_words_win_over_those_of_a_preset() -> None:
    wishes = Wishes(off("NodeMemoryLow").one_by_one, ("autoscaled",))
    reasons = {one.alert: one.by for one in rendered(chosen("ha"), wishes).off}
    assert reasons == {"NodeMemoryLow": "--disable-alert", "NodeCpuSaturated": "preset autoscaled"}


def test_own_presets() -> None:
    own = {"batch": (SwitchedOff("NodeCpuSaturated", "r"), SwitchedOff("MlflowDown", "r"))}
    made = rendered(chosen("ha"), Wishes(presets=("batch",), own_presets=own))
    assert [one.alert for one in made.off] == ["NodeCpuSaturated"], "what is not chosen is passed over"


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        (
            off("NodeNotReadyy"),
            "--disable-alert: unknown alert 'NodeNotReadyy'; did you mean 'NodeNotReady'?",
        ),
        (
            off("MlflowDown"),
            "--disable-alert: MlflowDown is an alert of the component mlops, which is left out",
        ),
        (Wishes(presets=("ciliumm",)), "--preset ciliumm: unknown preset; did you mean 'cilium'?"),
        (
            Wishes(presets=("x",), own_presets={"x": (SwitchedOff("Nothing", "r"),)}),
            "preset x: unknown alert 'Nothing'",
        ),
    ],
)
def test_what_does_not_exist(wishes: Wishes, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        rendered(chosen("ha"), wishes)
    assert words in str(raised.value)
    assert raised.value.hint or "left out" in words


def test_who_goes_by_what_is_switched_off_is_told() -> None:
    """An inhibition and the dead man's switch; and nobody where nobody does."""
    place = ("alertmanager-config", "alertmanager.yml")
    assert rendered(chosen("ha"), off("NodeNotReady", "Watchdog", "NodeMemoryLow")).still_named == [
        ("NodeNotReady", *place),
        ("Watchdog", *place),
    ]
