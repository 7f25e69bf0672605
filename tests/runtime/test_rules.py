"""What is made of the rules of a Prometheus: which lack a series, fail, or take a gauge for a counter."""

from __future__ import annotations

import json
from typing import Any

import pytest

from auditor.collect.runtime import rules
from auditor.collect.runtime.client import Client, UnansweredError
from auditor.collect.runtime.endpoint import Endpoint
from tests.collect.scripted import Asked, Reply, serving

RULES = "/api/v1/rules"
NAMES = "/api/v1/label/__name__/values"
METADATA = "/api/v1/metadata"


def rule(name: str, query: str, kind: str = "alerting", **more: str) -> dict[str, Any]:
    return {"name": name, "query": query, "type": kind, "health": "ok", **more}


def data(value: Any) -> Reply:
    return Reply(body=json.dumps({"status": "success", "data": value}).encode())


def asked(
    *listed: dict[str, Any],
    names: tuple[str, ...] = (),
    types: dict[str, str] | None = None,
    pages: dict[str, Reply] | None = None,
) -> dict[str, Any]:
    """Return what is told of rules, where these series were there and these types are known."""
    described = {name: [{"type": kind, "help": "x", "unit": ""}] for name, kind in (types or {}).items()}
    known = {
        RULES: data({"groups": [{"name": "a", "rules": list(listed)}]}),
        NAMES: data(list(names)),
        METADATA: data(described),
    } | {f"/api/v1/{name}": reply for name, reply in (pages or {}).items()}

    def script(one: Asked) -> Reply:
        return known.get(one.path.partition("?")[0], Reply(404))

    with serving(script) as server:
        return rules.ask(Client(Endpoint("monitoring/k8s", server.url)))


def names(told: dict[str, Any], key: str) -> list[str]:
    assert told[key]["total"] == len(told[key]["items"])
    return [one["rule"] for one in told[key]["items"]]


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        ("web_up == 0", []),
        ("gone == 0", ["gone"]),
        ("sum(rate(gone[5m])) / sum(rate(web_up[5m])) > 1", ["gone"]),
        ("gone or web_up", []),
        ("gone or other", ["gone", "other"]),
        ("web_up unless gone", []),
        ("gone unless web_up", ["gone"]),
        ("web_up and on() gone", ["gone"]),
        ("absent(gone)", []),
        ("absent_over_time(gone[1h])", []),
        ("vector(1) > scalar(gone)", []),
        ("web_up > scalar(gone)", []),
        ('{__name__=~"gone.*"} > 1', []),
        ('{__name__="gone"} > 1', ["gone"]),
        ('{"gone.too"} > 1', ["gone.too"]),
        ("up == 0", []),
        ('ALERTS{alertstate="firing"} > 0', []),
        ("max_over_time((gone > 1)[1h:])", ["gone"]),
        ("-gone", ["gone"]),
        ("topk(3, gone)", ["gone"]),
        ("histogram_quantile(0.9, rate(web_seconds_bucket[5m])) > 1", []),
        ("web_seconds_max > 1", ["web_seconds_max"]),
        ("web_size_sum / web_size_count > 1", []),
        ("rate(web_errors_total[5m]) > 0", []),
        ("gone{", []),
        ("(" * 300 + "gone" + ")" * 300, []),
    ],
)
def test_what_an_alert_lacks(query: str, missing: list[str]) -> None:
    types = {"web_seconds": "histogram", "web_size": "summary", "web_errors": "counter"}
    told = asked(rule("A", query), names=("web_up",), types=types)
    items = [{"rule": "A", "missing": missing}] if missing else []
    assert told["silent"] == {"total": len(items), "items": items}


def test_rules_that_record_are_not_silent() -> None:
    told = asked(rule("a:b", "gone", "recording"), rule("A", "a:b > 1"))
    assert told["rules"] == {"alerts": 1, "records": 1}
    assert names(told, "silent") == ["A"]


def test_rules_that_fail() -> None:
    told = asked(
        rule("A", "web_up", health="err", lastError="many-to-many " + "x" * 300),
        rule("B", "web_up"),
        names=("web_up",),
    )
    [one] = told["failing"]["items"]
    assert (one["rule"], one["error"][:13], len(one["error"])) == ("A", "many-to-many ", 200)


def test_gauges() -> None:
    types = {"web_heat": "gauge", "web_requests_total": "counter", "web_unknown": "unknown"}
    told = asked(
        rule("A", "rate(web_heat[5m]) > 1"),
        rule("b:c", "increase(web_heat[5m]) + irate(web_requests_total[5m])", "recording"),
        rule("D", "deriv(web_heat[5m]) > 1"),
        rule("E", "rate(web_unknown[5m]) + rate(web_requests_total[5m])"),
        types=types,
    )
    assert told["gauges"] == {
        "total": 2,
        "items": [{"rule": "A", "metrics": ["web_heat"]}, {"rule": "b:c", "metrics": ["web_heat"]}],
    }


def test_a_name_that_several_rules_have_is_told_once() -> None:
    told = asked(rule("A", "gone"), rule("A", "other"))
    assert told["silent"] == {"total": 1, "items": [{"rule": "A", "missing": ["gone"]}]}


def test_only_so_many_are_named() -> None:
    told = asked(*(rule(f"A{number}", "gone") for number in range(rules.MOST + 1)))
    assert (told["silent"]["total"], len(told["silent"]["items"])) == (rules.MOST + 1, rules.MOST)


@pytest.mark.parametrize(
    ("page", "reply", "says"),
    [
        ("rules", Reply(404), f"{RULES}: HTTP 404: there is no such page; the path of the URL may be wrong"),
        (
            "rules",
            data({"groups": [{"rules": [{"name": "A"}]}]}),
            f"{RULES}: what came is not what Prometheus says",
        ),
        ("label/__name__/values", data({}), f"{NAMES}: what came is not what Prometheus says"),
        ("label/__name__/values", Reply(503), f"{NAMES}: HTTP 503"),
        ("metadata", Reply(body=b"[" * 100_000), f"{METADATA}: what came is not what Prometheus says"),
        ("metadata", Reply(body=b" " * 5 * 1024**2), f"{METADATA}: the answer is larger than 4 MiB"),
    ],
)
def test_no_answer(page: str, reply: Reply, says: str) -> None:
    with pytest.raises(UnansweredError) as caught:
        asked(rule("A", "gone"), pages={page: reply})
    assert str(caught.value) == says
