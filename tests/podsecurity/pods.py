"""Random pods that reach every field of the Pod Security Standards.

Every pod decodes strictly as `corev1.Pod`, though the API server's validation would refuse some.
A part breaks no rule, a part few, a part many, so that every check is now passed and now failed.

    random_pod(random.Random(7))     fast and repeatable
    pods()                           the same pods for hypothesis
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import strategies as st

from tests.podsecurity import values
from tests.podsecurity.fixtures import Object
from tests.podsecurity.values import ABSENT, ASPECTS, UNSET

RATES = (1.0, 0.5, 0.2)
"""How often a place deviates in an aspect that the pod deviates in."""
HOOKS = ("exec", "httpGet", "tcpSocket")
CONTAINER_LISTS = (
    ("app", "containers", (1, 1, 2)),
    ("init", "initContainers", (0, 0, 1, 2)),
    ("side", "initContainers", (0, 0, 1)),
    ("debug", "ephemeralContainers", (0, 0, 1)),
)
"""Role, list, and how many; the role is the first part of a container's name."""


def pods() -> st.SearchStrategy[Object]:
    """Return the strategy that draws what `random_pod` makes; it shrinks towards a pod without a fault."""
    return st.randoms(use_true_random=False).map(random_pod)


def random_pod(rng: random.Random) -> Object:
    """Return a new pod; it shares parts with other pods and must not be changed."""
    draw = _Draw(rng)
    spec: Object = {}
    names = [
        name for role, key, counts in CONTAINER_LISTS for name in _containers(draw, spec, role, key, counts)
    ]
    _put(spec, "hostUsers", draw.host_users)
    _put(spec, "os", draw.os)
    for key, aspect in (("hostNetwork", "host_network"), ("hostPID", "host_pid"), ("hostIPC", "host_ipc")):
        _put(spec, key, draw.value(aspect))
    _put(spec, "securityContext", _pod_security_context(draw))
    _put(spec, "volumes", _some(draw, list(_volumes(draw))))
    if draw.chance(0.1):
        spec["nodeSelector"] = {"kubernetes.io/os": "windows"}  # exempts nobody
    metadata: Object = {"name": "random"}
    _put(metadata, "annotations", _some(draw, dict(_annotations(draw, names))))
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


class _Draw:
    """The choices for one pod; each is one number, and 0 is always the plainest choice."""

    def __init__(self, rng: random.Random) -> None:
        self._random = rng.random
        self.host_users = self.pick(values.HOST_USERS)
        self.os = self.pick(values.OS)
        self._rates = self._choose_rates()
        # A setter on the pod speaks for all containers, or each container for itself.
        self.pod_speaks_for = {aspect: not self.chance(0.4) for aspect in ("seccomp", "run_as_non_root")}

    def pick(self, options: tuple[Any, ...]) -> Any:
        return options[int(self._random() * len(options))]

    def chance(self, probability: float) -> bool:
        return self._random() >= 1 - probability

    def deviates(self, aspect: str) -> bool:
        rate = self._rates.get(aspect)
        return rate is not None and self.chance(rate)

    def value(self, aspect: str, *also_plain: Any) -> Any:
        """A value for one place."""
        plain, deviant = ASPECTS[aspect]
        return self.pick(deviant if self.deviates(aspect) else also_plain + plain)

    def _choose_rates(self) -> Mapping[str, float]:
        style = self.pick(("plain", "exempt", "few", "few", "wild", "wild", "wild"))
        if style == "plain":
            return {}
        if style == "few":
            aspects: Iterable[str] = [self.pick(tuple(ASPECTS)) for _ in range(self.pick((1, 2, 3)))]
        elif style == "wild":
            likely = self.pick((0.3, 0.7))
            aspects = [aspect for aspect in ASPECTS if self.chance(likely)]
        elif self.host_users is False:
            aspects = values.RELAXED_BY_USER_NAMESPACE
        else:
            self.os = values.WINDOWS
            aspects = values.EXEMPT_ON_WINDOWS
        return {aspect: self.pick(RATES) for aspect in aspects}


def _put(target: Object, key: str, value: Any) -> None:
    if value is not ABSENT:
        target[key] = value


def _some(draw: _Draw, entries: Any) -> Any:
    """The entries, or one of the ways to say that there are none."""
    return entries or draw.pick((ABSENT, None, entries))


def _containers(draw: _Draw, spec: Object, role: str, key: str, counts: tuple[int, ...]) -> list[str]:
    """Add the containers of one role; return their names."""
    if role == "app" and draw.chance(0.03):
        counts = (0,)
    entries = [_container(draw, f"{role}-{index}") for index in range(draw.pick(counts))]
    for entry in entries:
        if role == "side":
            entry["restartPolicy"] = "Always"
        elif role == "init":
            _put(entry, "restartPolicy", draw.pick((ABSENT, ABSENT, None, "Never")))
    _put(spec, key, _some(draw, (spec.get(key) or []) + entries))
    return [entry.get("name") or "" for entry in entries]


def _container(draw: _Draw, name: str) -> Object:
    container: Object = {}
    _put(container, "name", draw.pick(("", None, ABSENT)) if draw.chance(0.02) else name)
    _put(container, "securityContext", _security_context(draw))
    _put(container, "ports", _some(draw, [_port(draw) for _ in range(draw.pick((0, 0, 1, 2)))]))
    for key in ("livenessProbe", "readinessProbe", "startupProbe"):
        if draw.chance(0.3):
            container[key] = _handler(draw, "grpc", {"port": 1})
    if draw.chance(0.3):
        lifecycle: Object = {}
        for key in ("postStart", "preStop"):
            if draw.chance(0.6):
                lifecycle[key] = _handler(draw, "sleep", {"seconds": 1})
        container["lifecycle"] = lifecycle or draw.pick((None, lifecycle))
    return container


def _port(draw: _Draw) -> Object:
    port: Object = {"containerPort": draw.pick((80, 8080))}
    _put(port, "hostPort", draw.value("host_port"))
    return port


def _handler(draw: _Draw, other: str, body: Object) -> Any:
    """A probe or a hook; `other` is the kind of handler that only one of the two has."""
    if draw.chance(0.1):
        return draw.pick((None, {}))
    handler: Object = {}
    for kind in [draw.pick((*HOOKS, other))] + [draw.pick(HOOKS)] * draw.chance(0.1):
        if kind == other:
            handler[kind] = body
        elif kind == "exec":
            handler[kind] = {"command": ["true"]}
        else:
            action: Object = {"port": draw.pick((80, "http"))}
            if kind == "httpGet" and draw.chance(0.3):
                action["httpHeaders"] = [{"name": "Host", "value": "example.com"}]  # a header may
            _put(action, "host", draw.value("probe_host"))
            handler[kind] = action
    return handler


def _security_context(draw: _Draw) -> Any:
    if draw.deviates("security_context"):
        return draw.pick(ASPECTS["security_context"].deviant)
    context: Object = {}
    _put(context, "privileged", draw.value("privileged"))
    _put(context, "allowPrivilegeEscalation", draw.value("privilege_escalation"))
    _put(context, "procMount", draw.value("proc_mount"))
    _put(context, "capabilities", _capabilities(draw))
    for key, aspect in (("seccompProfile", "seccomp"), ("runAsNonRoot", "run_as_non_root")):
        _put(context, key, draw.value(aspect, *(UNSET if draw.pod_speaks_for[aspect] else ())))
    _shared_fields(draw, context)
    return context


def _pod_security_context(draw: _Draw) -> Any:
    if draw.deviates("security_context"):
        return draw.pick(ASPECTS["security_context"].deviant)
    context: Object = {}
    for key, aspect in (("seccompProfile", "seccomp"), ("runAsNonRoot", "run_as_non_root")):
        if draw.pod_speaks_for[aspect] or draw.deviates(aspect):
            _put(context, key, draw.value(aspect))
    _shared_fields(draw, context)
    names = [draw.value("sysctl") for _ in range(draw.pick((0, 0, 1, 2)))]
    if draw.deviates("sysctl_new"):
        names.append(draw.pick(ASPECTS["sysctl_new"].deviant))
    _put(context, "sysctls", _some(draw, [{"name": name, "value": "1"} for name in names]))
    return context or draw.pick((ABSENT, None, context))


def _shared_fields(draw: _Draw, context: Object) -> None:
    """Add the setters that pod and container have alike."""
    _put(context, "runAsUser", draw.value("run_as_user"))
    _put(context, "appArmorProfile", draw.value("app_armor"))
    _put(context, "windowsOptions", draw.value("windows_host_process"))
    engine = draw.deviates("se_linux_engine")
    options = draw.pick(ASPECTS["se_linux_engine"].deviant) if engine else draw.value("se_linux")
    _put(context, "seLinuxOptions", options)


def _capabilities(draw: _Draw) -> Any:
    capabilities: Object = {}
    _put(capabilities, "drop", draw.value("capability_drop"))
    add = ["NET_BIND_SERVICE"] if draw.chance(0.2) else []
    add += [
        draw.pick(ASPECTS[aspect].deviant)
        for aspect in ("capability_add", "capability_foreign")
        if draw.deviates(aspect)
    ]
    _put(capabilities, "add", _some(draw, add))
    return capabilities or draw.pick((ABSENT, None, capabilities))


def _volumes(draw: _Draw) -> Iterable[Object]:
    for index in range(draw.pick((0, 1, 2))):
        name = {} if draw.chance(0.02) else {"name": f"volume-{index}"}
        yield name | draw.value("volume")
    if draw.deviates("host_path"):
        yield {"name": "host"} | draw.pick(ASPECTS["host_path"].deviant)


def _annotations(draw: _Draw, names: list[str]) -> Iterable[tuple[str, Any]]:
    for name in (*names, "ghost", ""):
        if draw.chance(0.1) or draw.deviates("app_armor_annotation"):
            yield values.APP_ARMOR_PREFIX + name, draw.value("app_armor_annotation")
    for key in (values.SECCOMP_POD, *(values.SECCOMP_PREFIX + name for name in names)):
        if draw.chance(0.1) or draw.deviates("seccomp_annotation"):
            yield key, draw.value("seccomp_annotation")
    if draw.chance(0.2):
        yield draw.pick(values.IGNORED_ANNOTATIONS), "unconfined"
