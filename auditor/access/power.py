"""The powers that are worth judging, and the requests that make each: who may send one of them holds it.

Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/ and the checks of the API server
itself, which are named beside their power.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from auditor.access.roles import RBAC
from auditor.access.rule import ALL

SYSTEM = "kube-system"
"""The namespace whose ConfigMaps tell parts of the cluster how to run."""


class Power(StrEnum):
    """What a rule can give. The last ones are halves: a danger only together with another."""

    CLUSTER_ADMIN = "cluster_admin"
    """Every verb on every resource of every group: of the cluster, or of one namespace."""
    WILDCARD_RULE = "wildcard_rule"
    """`*` in verbs and resources, without being that."""
    WILDCARD_PARTIAL = "wildcard_partial"
    """`*` in verbs, resources or groups, without being either."""
    SECRET_READ = "secret_read"
    SECRET_CHANGE = "secret_change"
    WORKLOAD_CREATE = "workload_create"
    POD_EXEC = "pod_exec"
    """`get` alone is enough before Kubernetes 1.35: a WebSocket begins as a GET."""
    POD_MODIFY = "pod_modify"
    NODE_PROXY = "node_proxy"
    API_PROXY = "api_proxy"
    TOKEN_REQUEST = "token_request"
    IMPERSONATE = "impersonate"
    IMPERSONATE_CONSTRAINED = "impersonate_constrained"
    """Who may be named; what may be done under the name is a right of its own (KEP-5284)."""
    ESCALATE = "escalate"
    ROLE_WRITE = "role_write"
    ADMISSION_WRITE = "admission_write"
    VOLUME_CREATE = "volume_create"
    NODE_WRITE = "node_write"
    STATUS_WRITE = "status_write"
    APISERVICE_WRITE = "apiservice_write"
    NAMESPACE_LABEL = "namespace_label"
    SYSTEM_CONFIG_MAP = "system_config_map"
    DELETE_WIDE = "delete_wide"

    SECRET_CREATE = "secret_create"
    """With SECRET_READ or SECRET_CHANGE a token of any account of the namespace is made and read."""
    BIND = "bind"
    """With BINDING_WRITE any role is given to anybody."""
    BINDING_WRITE = "binding_write"
    """Alone, one's own rights are shared."""
    CSR_APPROVE = "csr_approve"
    """`update` of the approval; with SIGNER_APPROVE a client certificate is issued."""
    SIGNER_APPROVE = "signer_approve"
    CSR_SIGN = "csr_sign"
    """`update` of the status; with SIGNER_SIGN a certificate is put into it."""
    SIGNER_SIGN = "signer_sign"
    POD_DELETE = "pod_delete"
    """With NODE_WRITE pods are moved to where one can reach them."""


class Requests(msgspec.Struct, frozen=True):
    """Requests that differ in their verb alone."""

    resource: str
    """As rules write it: `pods/exec`."""
    verbs: tuple[str, ...]
    group: str = ""
    """`*` if it may be any."""
    namespaced: bool = True
    """Whether the request has a namespace, so that RoleBindings count. Not the same as whether the object is
    in one: `bind` on a ClusterRole is asked for in the namespace of the binding."""
    only: str = ""
    """The one namespace where it is a danger."""
    whole: bool = False
    """With `resourceNames` it is no danger."""

    def named(self, verb: str) -> bool:
        """Tell whether the request carries the name of an object, so that `resourceNames` can match it.

        list and watch do by the field selector metadata.name; create does on sub-resources.
        """
        if verb == "create":
            return "/" in self.resource
        return verb != "deletecollection"


_ADMISSION = "admissionregistration.k8s.io"
_AUTHENTICATION = "authentication.k8s.io"
_CERTIFICATES = "certificates.k8s.io"
_ROLES = RBAC.partition("/")[0]

_CHANGE = ("update", "patch")
_WRITE = ("create", "update", "patch")
_DELETE = ("delete", "deletecollection")
_ANY = ("get", "create", "update", "patch", "delete")
"""What HTTP methods become on their way through a proxy."""

EXTRAS = "userextras/*"
"""What is impersonated besides, by its key: any that a rule names."""


def _each(
    resources: str, verbs: Iterable[str], group: str = "", *, namespaced: bool = True
) -> list[Requests]:
    return [Requests(one, tuple(verbs), group, namespaced) for one in resources.split()]


REQUESTS: Mapping[Power, tuple[Requests, ...]] = {
    # a list returns the values too, not the names alone
    Power.SECRET_READ: (Requests("secrets", ("get", "list", "watch")),),
    Power.SECRET_CREATE: (Requests("secrets", ("create",)),),
    # the answer to a change has the whole object
    Power.SECRET_CHANGE: (Requests("secrets", _CHANGE),),
    Power.WORKLOAD_CREATE: (
        Requests("pods", ("create",)),
        *_each("replicationcontrollers", _WRITE),
        *_each("deployments daemonsets statefulsets replicasets", _WRITE, "apps"),
        *_each("jobs cronjobs", _WRITE, "batch"),
    ),
    Power.POD_EXEC: tuple(_each("pods/exec pods/attach", ("get", "create"))),
    Power.POD_MODIFY: tuple(_each("pods pods/ephemeralcontainers", _CHANGE)),
    Power.POD_DELETE: (Requests("pods", _DELETE), Requests("pods/eviction", ("create",))),
    # https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/
    Power.NODE_PROXY: tuple(_each("nodes/proxy", _ANY, namespaced=False)),
    Power.API_PROXY: (
        *_each("pods/proxy services/proxy", _ANY),
        Requests("pods/portforward", ("get", "create")),
    ),
    Power.TOKEN_REQUEST: (Requests("serviceaccounts/token", ("create",)),),
    # https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
    Power.IMPERSONATE: (
        *_each("users groups", ("impersonate",), namespaced=False),
        *_each("serviceaccounts", ("impersonate",)),
        *_each(f"uids {EXTRAS}", ("impersonate",), _AUTHENTICATION, namespaced=False),
    ),
    Power.IMPERSONATE_CONSTRAINED: (
        *_each("users groups uids", ("impersonate:user-info",), _AUTHENTICATION, namespaced=False),
        *_each("serviceaccounts", ("impersonate:serviceaccount",), _AUTHENTICATION),
        *_each(
            "nodes",
            ("impersonate:arbitrary-node", "impersonate:associated-node"),
            _AUTHENTICATION,
            namespaced=False,
        ),
    ),
    # https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
    Power.ESCALATE: (
        *_each("roles", ("escalate",), _ROLES),
        *_each("clusterroles", ("escalate",), _ROLES, namespaced=False),
    ),
    # asked for in the namespace of the binding, of a ClusterRole too: BindingAuthorized of the API server
    Power.BIND: tuple(_each("roles clusterroles", ("bind",), _ROLES)),
    Power.BINDING_WRITE: (
        *_each("rolebindings", _WRITE, _ROLES),
        *_each("clusterrolebindings", _WRITE, _ROLES, namespaced=False),
    ),
    Power.ROLE_WRITE: (
        *_each("roles", _WRITE, _ROLES),
        *_each("clusterroles", _WRITE, _ROLES, namespaced=False),
    ),
    # https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#authorization
    Power.CSR_APPROVE: tuple(
        _each("certificatesigningrequests/approval", _CHANGE, _CERTIFICATES, namespaced=False)
    ),
    Power.CSR_SIGN: tuple(
        _each("certificatesigningrequests/status", _CHANGE, _CERTIFICATES, namespaced=False)
    ),
    Power.SIGNER_APPROVE: tuple(_each("signers", ("approve",), _CERTIFICATES, namespaced=False)),
    Power.SIGNER_SIGN: tuple(_each("signers", ("sign",), _CERTIFICATES, namespaced=False)),
    Power.ADMISSION_WRITE: tuple(
        _each(
            "mutatingwebhookconfigurations mutatingadmissionpolicies mutatingadmissionpolicybindings "
            "validatingwebhookconfigurations validatingadmissionpolicies validatingadmissionpolicybindings",
            (*_WRITE, *_DELETE),
            _ADMISSION,
            namespaced=False,
        )
    ),
    Power.VOLUME_CREATE: tuple(_each("persistentvolumes", ("create",), namespaced=False)),
    Power.NODE_WRITE: (
        *_each("nodes", (*_CHANGE, *_DELETE), namespaced=False),
        *_each("nodes/status", _CHANGE, namespaced=False),
    ),
    Power.STATUS_WRITE: tuple(_each("pods/status services/status", _CHANGE)),
    Power.APISERVICE_WRITE: (
        *_each("apiservices", _WRITE, "apiregistration.k8s.io", namespaced=False),
        *_each("customresourcedefinitions", _WRITE, "apiextensions.k8s.io", namespaced=False),
    ),
    # a request for the Namespace `shop` has the namespace `shop`
    Power.NAMESPACE_LABEL: (Requests("namespaces", _CHANGE),),
    Power.SYSTEM_CONFIG_MAP: (Requests("configmaps", _WRITE, only=SYSTEM),),
    Power.DELETE_WIDE: (
        Requests(ALL, _DELETE, ALL, whole=True),
        Requests("namespaces", _DELETE, whole=True),
        Requests("nodes", _DELETE, namespaced=False, whole=True),
        Requests("persistentvolumes", _DELETE, namespaced=False, whole=True),
        Requests("customresourcedefinitions", _DELETE, "apiextensions.k8s.io", namespaced=False, whole=True),
        Requests("events", _DELETE, whole=True),
        Requests("events", _DELETE, "events.k8s.io", whole=True),
    ),
}
"""By power, the requests of which any one gives it; the powers that are missing here are about the words of
a rule."""
