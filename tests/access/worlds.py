"""Random RBAC objects, made to meet every corner of the authoriser, and random questions about them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from auditor.access.attributes import Attributes
from auditor.access.identity import ANONYMOUS, Identity, service_account, user

Object = dict[str, Any]

API = "rbac.authorization.k8s.io"

VERBS = ("get", "list", "create", "delete", "patch", "bind", "impersonate", "Get")
GROUPS = ("", "apps", API, "metrics.k8s.io", "*.k8s.io")
RESOURCES = ("pods", "secrets", "deployments", "namespaces", "nodes", "*")
SUBRESOURCES = ("exec", "scale", "proxy", "*")
WRITTEN = (
    *("*", "pods", "pods/exec", "pods/*", "*/exec", "*/*", "*/scale", "*/", "exec", "secrets", "deployments"),
    *("deployments/scale", "namespaces", "nodes", "nodes/proxy", "/exec"),
)
"""What rules write as resources, dead forms too."""
NAMES = ("a", "b", "*")
PATHS = ("/metrics", "/metrics/slis", "/healthz", "/a", "/ab", "/a*b", "/*/x", "/y/x", "/", "/api/v1/")
PATTERNS = ("*", "/metrics", "/metrics/*", "/healthz*", "/a**", "/a*b", "/*/x", "/*", "/api/*")
HOSTILE = ("\x1b[31mred", "two\nlines", "a,b", 'quote"d', "[bold]x", "ünïcode", "system:serviceaccount:", " ")


class World(NamedTuple):
    """What is written to a cluster, and who lives there."""

    namespaces: tuple[str, ...]
    objects: tuple[Object, ...]
    people: tuple[Identity, ...]


Question = tuple[Identity, Attributes]


class Maker:
    """Makes one world; all that it names has the tag in its name, so that worlds are apart."""

    def __init__(self, tag: str, seed: int) -> None:
        """The same seed makes the same world."""
        self.tag = tag
        self.random = random.Random(seed)
        self.namespaces = tuple(f"{tag}-{letter}" for letter in "xyz")
        self.users = (f"alice-{tag}", self.random.choice(HOSTILE) + tag)
        self.group = f"dev {tag}\x1b"

    def world(self) -> World:
        """Return roles, bindings, sums of roles, and bindings whose role is missing."""
        roles = [self._role(f"role-{index}") for index in range(9)]
        cluster_roles = [self._cluster_role(f"role-{index}") for index in range(9)]
        sums = [self._sum(f"sum-{index}") for index in range(3)]
        bindings = [self._binding(f"binding-{index}") for index in range(22)]
        cluster_bindings = [self._cluster_binding(f"binding-{index}") for index in range(8)]
        objects = (*roles, *cluster_roles, *sums, *bindings, *cluster_bindings)
        return World(self.namespaces, objects, tuple(self._people()))

    def questions(self, world: World, count: int) -> Iterator[Question]:
        """Yield requests of people: half of them at random, half near to what some rule allows."""
        roles = {
            (found["kind"], found["metadata"]["name"]): found["rules"]
            for found in world.objects
            if found.get("rules")
        }
        bindings = [found for found in world.objects if "roleRef" in found]
        for _ in range(count):
            bound = self.random.choice(bindings)
            ref = bound["roleRef"]
            rules = roles.get((ref["kind"], ref["name"]))
            if rules and self.random.random() < 0.6:
                asked = self._near(self.random.choice(rules), bound)
            else:
                asked = self._far()
            yield self.random.choice(world.people), asked

    def _far(self) -> Attributes:
        pick = self.random.choice
        if self.random.random() < 0.15:
            return Attributes(pick(VERBS), path=pick(PATHS))
        return Attributes(
            pick((*VERBS, "*")),
            pick((*GROUPS, "*")),
            pick(RESOURCES),
            pick(SUBRESOURCES) if self.random.random() < 0.4 else "",
            pick(("", "", *NAMES)),
            pick(("", *self.namespaces)),
        )

    def _near(self, rule: Object, bound: Object) -> Attributes:
        """Return what the rule allows, read plainly, but for one thing now and then."""
        far = self._far()
        verb = self._near_to(rule["verbs"], far.verb)
        if "nonResourceURLs" in rule:
            written = self.random.choice(rule["nonResourceURLs"])
            return Attributes(verb, path=self.random.choice((written, written.replace("*", "x"), *PATHS)))
        resource, _, sub = self.random.choice(rule["resources"]).partition("/")
        home = bound["metadata"].get("namespace", self.random.choice(("", *self.namespaces)))
        return Attributes(
            verb,
            self._near_to(rule["apiGroups"], far.group),
            self._near_to([resource], far.resource or "pods"),
            self._near_to([sub], far.subresource),
            self._near_to(rule.get("resourceNames", [""]), far.name),
            home if self.random.random() < 0.9 else far.namespace,
        )

    def _near_to(self, written: list[str], other: str) -> str:
        """Return one of what is written, seldom something else; for `*` mostly something else."""
        one = self.random.choice(written)
        return one if self.random.random() < (0.2 if one == "*" else 0.93) else other

    def _people(self) -> Iterator[Identity]:
        for name in self.users:
            yield user(name)
            yield user(name, [self.group])
        for namespace in self.namespaces:
            yield service_account(namespace, "default")
            yield service_account(namespace, "app")
        yield ANONYMOUS
        yield Identity("", frozenset({self.group}))
        yield Identity(self.users[0])  # in no group at all

    def _some(self, values: tuple[str, ...], most: int = 2) -> list[str]:
        return self.random.sample(values, self.random.randint(1, most))

    def _rule(self) -> Object:
        verbs = ["*"] if self.random.random() < 0.2 else self._some(VERBS, 4)
        rule = {
            "verbs": verbs,
            "apiGroups": ["*"] if self.random.random() < 0.25 else self._some(GROUPS, 3),
            "resources": self._some(WRITTEN, 4),
        }
        if self.random.random() < 0.3:
            rule["resourceNames"] = self._some(NAMES)
        return rule

    def _url_rule(self) -> Object:
        return {"verbs": self._some((*VERBS, "*"), 3), "nonResourceURLs": self._some(PATTERNS)}

    def _role(self, name: str) -> Object:
        rules = [self._rule() for _ in range(self.random.randint(0, 2))]
        return self._object("Role", name, self.random.choice(self.namespaces), rules=rules)

    def _cluster_role(self, name: str) -> Object:
        rules = [self._rule() for _ in range(self.random.randint(0, 2))]
        rules += [self._url_rule()] if self.random.random() < 0.4 else []
        found = self._object("ClusterRole", name, "", rules=rules)
        found["metadata"]["labels"] = {f"{self.tag}/part": self.random.choice("abc")}
        return found

    def _sum(self, name: str) -> Object:
        part = f"{self.tag}/part"
        selectors = self.random.choice(
            (
                [{"matchLabels": {part: "a"}}],
                [{"matchLabels": {part: "a"}}, {"matchLabels": {part: "b"}}],
                [
                    {
                        "matchExpressions": [
                            {"key": part, "operator": "Exists"},
                            {"key": part, "operator": "NotIn", "values": ["c"]},
                        ]
                    }
                ],
            )
        )
        found = self._object("ClusterRole", name, "", rules=[])
        found["aggregationRule"] = {"clusterRoleSelectors": selectors}
        # Some are part of another sum.
        found["metadata"]["labels"] = {part: self.random.choice("abcd")}
        return found

    def _binding(self, name: str) -> Object:
        namespace = self.random.choice(self.namespaces)
        kind = self.random.choice(("Role", "ClusterRole"))
        return self._bound("RoleBinding", name, namespace, kind)

    def _cluster_binding(self, name: str) -> Object:
        return self._bound("ClusterRoleBinding", name, "", "ClusterRole")

    def _bound(self, binding: str, name: str, namespace: str, kind: str) -> Object:
        names = [f"role-{index}" for index in range(9)] + ["missing"]
        names += ["sum-0", "sum-1", "sum-2"] if kind == "ClusterRole" else []
        ref = {"apiGroup": API, "kind": kind, "name": self._named(self.random.choice(names))}
        subjects = [self._subject(namespace) for _ in range(self.random.randint(0, 5))]
        return self._object(binding, name, namespace, roleRef=ref, subjects=subjects)

    def _subject(self, namespace: str) -> Object:
        home = self.random.choice(self.namespaces)
        account = {
            "kind": "ServiceAccount",
            "name": self.random.choice(("default", "app")),
            "namespace": home,
        }
        if namespace and self.random.random() < 0.3:
            del account["namespace"]  # that of the binding, then
        people = (self.users[0], self.users[1], f"system:serviceaccount:{home}:app", "system:anonymous")
        groups = (self.group, f"system:serviceaccounts:{home}", "system:authenticated")
        shared = ("system:serviceaccounts", "system:unauthenticated", "System:Authenticated")
        return self.random.choice(
            (
                account,
                account,
                {"apiGroup": API, "kind": "User", "name": self.random.choice(people)},
                {"apiGroup": API, "kind": "Group", "name": self.random.choice((*groups, *shared))},
            )
        )

    def _named(self, name: str) -> str:
        return f"{self.tag}-{name}"

    def _object(self, kind: str, name: str, namespace: str, **rest: Any) -> Object:
        metadata: Object = {"name": self._named(name)}
        if namespace:
            metadata["namespace"] = namespace
        return {"apiVersion": f"{API}/v1", "kind": kind, "metadata": metadata, **rest}
