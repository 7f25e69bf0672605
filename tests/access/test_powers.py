"""A power is held exactly where the authoriser allows one of the requests that make it."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from auditor.access.attributes import Attributes
from auditor.access.authoriser import Authoriser
from auditor.access.identity import user
from auditor.access.power import EXTRAS, REQUESTS, SYSTEM, Power, Requests
from auditor.access.powers import Held, held
from auditor.access.roles import RBAC, Binding, Role, Subject
from auditor.access.rule import ALL, Rule
from auditor.model import ResourceRef
from tests.access.test_rule import rule

ALICE = user("alice")
FRESH = "fresh"
"""What no rule names."""

VERBS = sorted({verb for lines in REQUESTS.values() for one in lines for verb in one.verbs})
GROUPS = sorted({one.group for lines in REQUESTS.values() for one in lines} - {ALL})
WRITTEN = sorted({one.resource for lines in REQUESTS.values() for one in lines} - {ALL, EXTRAS})
SUBRESOURCES = sorted({f"{ALL}/{one.partition('/')[2]}" for one in WRITTEN if "/" in one})
DEAD = ("*/*", "*/", "pods/*", "nodes/*", "Secrets", "secret", "userextras", "userextras/", "proxy")


def role(*rules: Rule) -> Role:
    return Role(ResourceRef(RBAC, "ClusterRole", "r"), rules)


def powers(namespace: str, *rules: Rule) -> set[Power]:
    return {one.power for one in held(role(*rules), namespace)}


R = "rbac.authorization.k8s.io"
A = "authentication.k8s.io"
C = "certificates.k8s.io"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (rule("watch", "-", "secrets"), {Power.SECRET_READ}),
        (rule("create", "-", "secrets"), {Power.SECRET_CREATE}),
        (rule("patch", "-", "secrets"), {Power.SECRET_CHANGE}),
        (rule("patch", "apps", "replicasets"), {Power.WORKLOAD_CREATE}),
        (rule("create", "batch", "cronjobs"), {Power.WORKLOAD_CREATE}),
        (rule("create", "-", "pods"), {Power.WORKLOAD_CREATE}),
        (rule("get", "-", "pods/attach"), {Power.POD_EXEC}),
        (rule("update", "-", "pods/ephemeralcontainers"), {Power.POD_MODIFY}),
        (rule("create", "-", "pods/eviction"), {Power.POD_DELETE}),
        (rule("get", "-", "nodes/proxy"), {Power.NODE_PROXY}),
        (rule("get", "-", "services/proxy"), {Power.API_PROXY}),
        (rule("create", "-", "serviceaccounts/token"), {Power.TOKEN_REQUEST}),
        (rule("impersonate", "-", "serviceaccounts"), {Power.IMPERSONATE}),
        (rule("impersonate", A, "userextras/scopes"), {Power.IMPERSONATE}),
        (rule("impersonate:arbitrary-node", A, "nodes"), {Power.IMPERSONATE_CONSTRAINED}),
        (rule("escalate", R, "clusterroles"), {Power.ESCALATE}),
        (rule("bind", R, "roles"), {Power.BIND}),
        (rule("create", R, "roles"), {Power.ROLE_WRITE}),
        (rule("patch", R, "clusterrolebindings"), {Power.BINDING_WRITE}),
        (rule("update", C, "certificatesigningrequests/approval"), {Power.CSR_APPROVE}),
        (rule("update", C, "certificatesigningrequests/status"), {Power.CSR_SIGN}),
        (rule("approve", C, "signers"), {Power.SIGNER_APPROVE}),
        (rule("sign", C, "signers"), {Power.SIGNER_SIGN}),
        (
            rule("delete", "admissionregistration.k8s.io", "validatingadmissionpolicybindings"),
            {Power.ADMISSION_WRITE},
        ),
        (rule("create", "-", "persistentvolumes"), {Power.VOLUME_CREATE}),
        (rule("patch", "-", "nodes/status"), {Power.NODE_WRITE}),
        (rule("patch", "-", "*/status"), {Power.NODE_WRITE, Power.STATUS_WRITE}),
        (rule("create", "apiregistration.k8s.io", "apiservices"), {Power.APISERVICE_WRITE}),
        (rule("patch", "-", "namespaces"), {Power.NAMESPACE_LABEL}),
        (rule("update", "-", "configmaps"), {Power.SYSTEM_CONFIG_MAP}),
        (rule("delete", "events.k8s.io", "events"), {Power.DELETE_WIDE}),
        (rule("delete", "example.com", "*"), {Power.DELETE_WIDE, Power.WILDCARD_PARTIAL}),
        (rule("*", "example.com", "*"), {Power.DELETE_WIDE, Power.WILDCARD_RULE}),
        (rule("*", "example.com", "*", "a"), {Power.WILDCARD_RULE}),
        (rule("get", "*", "x"), {Power.WILDCARD_PARTIAL}),
        (rule("*", "apps", "x"), {Power.WILDCARD_PARTIAL}),
        # what other tools take for a power
        (rule("*", "-", "pods/*"), {Power.WILDCARD_PARTIAL}),
        (rule("get list", "-", "secret"), set()),
        (rule("bind", R, "rolebindings"), set()),
        (rule("list watch create", "-", "nodes/metrics"), set()),
        (rule("list create", "-", "nodes/configz"), set()),
        (rule("impersonate", "-", "userextras"), set()),
        (rule("create", "-", "secrets", "a"), set()),
        (Rule(("*",), (), (), (), ("*",)), set()),
    ],
)
def test_what_gives_what(written: Rule, expected: set[Power]) -> None:
    assert powers("", written) == expected


def test_everything() -> None:
    found = powers("", rule("*", "*", "*"))
    assert found == set(Power) - {Power.WILDCARD_RULE, Power.WILDCARD_PARTIAL}
    assert Power.CLUSTER_ADMIN not in powers("", rule("*", "*", "*", "a"))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (rule("get", "-", "nodes/proxy"), set()),
        (rule("create", "-", "persistentvolumes"), set()),
        (rule("escalate", R, "roles clusterroles"), {Power.ESCALATE}),
        (rule("escalate", R, "clusterroles"), set()),
        # asked for in the namespace of the binding
        (rule("bind", R, "clusterroles"), {Power.BIND}),
        (rule("patch", "-", "namespaces"), {Power.NAMESPACE_LABEL}),
        (rule("patch", "-", "namespaces", "shop"), {Power.NAMESPACE_LABEL}),
        (rule("patch", "-", "namespaces", "bank"), set()),
        (rule("delete", "-", "namespaces"), {Power.DELETE_WIDE}),
        (rule("deletecollection", "-", "namespaces"), set()),
        (rule("update", "-", "configmaps"), set()),
        (rule("delete", "-", "persistentvolumes"), set()),
    ],
)
def test_by_a_role_binding(written: Rule, expected: set[Power]) -> None:
    assert powers("shop", written) == expected


def test_config_maps_of_the_system() -> None:
    assert powers(SYSTEM, rule("update", "-", "configmaps", "coredns")) == {Power.SYSTEM_CONFIG_MAP}


def test_what_is_told_of_a_rule() -> None:
    rules = (
        rule("get", "-", "pods"),
        rule("get create delete", "- apps", "pods/exec pods pods/attach", "a b"),
    )
    assert held(role(*rules), "shop") == (
        Held(Power.POD_EXEC, 1, ("create", "get"), ("pods/attach", "pods/exec"), ("a", "b")),
        Held(Power.POD_DELETE, 1, ("delete",), ("pods",), ("a", "b")),
    )
    (wildcard, *_) = held(role(rule("* get", "apps", "* x")), "")
    assert wildcard == Held(Power.WILDCARD_RULE, 0, ("*", "get"), ("*", "x"), (), ("apps",))


# --- against the authoriser -----------------------------------------------------------------------


def allowed(power: Power, written: Rule, namespace: str) -> set[tuple[str, str]]:
    """Return verb and resource of what makes a power and the authoriser allows, asked one by one."""
    where = ResourceRef(RBAC, "RoleBinding" if namespace else "ClusterRoleBinding", "b", namespace)
    bound = Binding(where, role().ref, (Subject("User", "alice"),))
    authoriser = Authoriser([role(written)], [bound])
    return {
        (verb, line.resource)
        for line in REQUESTS.get(power, ())
        if not (line.whole and written.names)
        for verb in line.verbs
        if any(authoriser.can(ALICE, asked) for asked in requests(line, verb, written, namespace))
    }


def requests(line: Requests, verb: str, written: Rule, namespace: str) -> Iterator[Attributes]:
    """Yield requests of one verb and resource, for objects that the rule names and for another."""
    home = namespace or line.only or FRESH
    if line.only not in ("", home):
        return
    resource, _, sub = line.resource.partition("/")
    keys = [one.partition("/")[2] for one in written.resources if one.startswith("userextras/")]
    keys = (keys or [FRESH] * (ALL in written.resources)) if line.resource == EXTRAS else [sub]
    carries = sub or verb not in ("create", "deletecollection")
    for name in (FRESH, *written.names) if carries else ("",):
        for key in keys:
            for group in written.groups if line.group == ALL else (line.group,):
                place = home if line.namespaced else ""
                if resource == "namespaces":
                    # as the API server sets it: the Namespace is in itself, all of them are nowhere
                    yield Attributes(
                        verb, group, resource, key, namespace or name, name and (namespace or name)
                    )
                else:
                    named = FRESH if resource == ALL else resource
                    yield Attributes(verb, group, named, key, name, place)


def written_at_random(dice: random.Random) -> Rule:
    def some(values: list[str], most: int, all_of_them: float) -> tuple[str, ...]:
        if dice.random() < all_of_them:
            return (ALL,)
        return tuple(dice.sample(values, dice.randint(1, most)))

    resources = some([*WRITTEN, *SUBRESOURCES, *DEAD, "userextras/scopes"], 5, 0.15)
    names = some(["x", SYSTEM, "shop", ALL], 2, 0) if dice.random() < 0.3 else ()
    return Rule(some(VERBS, 8, 0.2), some(GROUPS, 4, 0.3), resources, names)


@pytest.mark.parametrize("seed", range(2))
def test_held_is_what_the_authoriser_allows(seed: int) -> None:
    dice = random.Random(seed)
    seen: set[tuple[Power, bool]] = set()
    for _ in range(120):
        written = written_at_random(dice)
        for namespace in ("", "shop", SYSTEM):
            found = {one.power: one for one in held(role(written), namespace)}
            for power in REQUESTS:
                expected = allowed(power, written, namespace)
                verbs = tuple(sorted({verb for verb, _ in expected}))
                resources = tuple(sorted({resource for _, resource in expected}))
                ours = found.get(power)
                assert (ours is not None) == bool(expected), (power, written, namespace)
                if ours:
                    assert (ours.verbs, ours.resources, ours.names) == (verbs, resources, written.names)
                seen.add((power, bool(expected)))
    assert seen == {(power, answer) for power in REQUESTS for answer in (True, False)}
