"""The kinds we know: their groups, where their pod spec lies, and the named sets of METADATA.

Sources read them by these names; a policy that names an unknown kind is a load error.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Kind(msgspec.Struct, frozen=True):
    """What must be known of a kind to read and judge it."""

    api_version: str
    """The version that is read, as `apps/v1`."""
    plural: str
    """Name in the URL of the API."""
    namespaced: bool = True
    pod_path: tuple[str, ...] = ()
    """Keys that lead to the pod spec; empty if there is none."""
    custom: bool = False
    """Defined by a CustomResourceDefinition: a server may have its group without it."""
    recent: bool = False
    """Of Kubernetes itself, and missing in versions that are in use: they have its group without it."""

    @property
    def group(self) -> str:
        """The API group, "" for the core group."""
        return self.api_version.rpartition("/")[0]


_TEMPLATE = ("spec", "template", "spec")

KINDS: Mapping[str, Kind] = {
    "Pod": Kind("v1", "pods", pod_path=("spec",)),
    "ReplicationController": Kind("v1", "replicationcontrollers", pod_path=_TEMPLATE),
    "Deployment": Kind("apps/v1", "deployments", pod_path=_TEMPLATE),
    "StatefulSet": Kind("apps/v1", "statefulsets", pod_path=_TEMPLATE),
    "DaemonSet": Kind("apps/v1", "daemonsets", pod_path=_TEMPLATE),
    "ReplicaSet": Kind("apps/v1", "replicasets", pod_path=_TEMPLATE),
    "Job": Kind("batch/v1", "jobs", pod_path=_TEMPLATE),
    "CronJob": Kind("batch/v1", "cronjobs", pod_path=("spec", "jobTemplate", "spec", "template", "spec")),
    "Namespace": Kind("v1", "namespaces", namespaced=False),
    "Node": Kind("v1", "nodes", namespaced=False),
    "ServiceAccount": Kind("v1", "serviceaccounts"),
    "ConfigMap": Kind("v1", "configmaps"),
    "Secret": Kind("v1", "secrets"),
    "Service": Kind("v1", "services"),
    "EndpointSlice": Kind("discovery.k8s.io/v1", "endpointslices"),
    "PodDisruptionBudget": Kind("policy/v1", "poddisruptionbudgets"),
    "HorizontalPodAutoscaler": Kind("autoscaling/v2", "horizontalpodautoscalers"),
    "NetworkPolicy": Kind("networking.k8s.io/v1", "networkpolicies"),
    "ClusterNetworkPolicy": Kind(
        "policy.networking.k8s.io/v1alpha2", "clusternetworkpolicies", namespaced=False, custom=True
    ),
    "AdminNetworkPolicy": Kind(
        "policy.networking.k8s.io/v1alpha1", "adminnetworkpolicies", namespaced=False, custom=True
    ),
    "BaselineAdminNetworkPolicy": Kind(
        "policy.networking.k8s.io/v1alpha1", "baselineadminnetworkpolicies", namespaced=False, custom=True
    ),
    "Ingress": Kind("networking.k8s.io/v1", "ingresses"),
    "IngressClass": Kind("networking.k8s.io/v1", "ingressclasses", namespaced=False),
    "LimitRange": Kind("v1", "limitranges"),
    "ResourceQuota": Kind("v1", "resourcequotas"),
    "PersistentVolumeClaim": Kind("v1", "persistentvolumeclaims"),
    "PersistentVolume": Kind("v1", "persistentvolumes", namespaced=False),
    "StorageClass": Kind("storage.k8s.io/v1", "storageclasses", namespaced=False),
    "PriorityClass": Kind("scheduling.k8s.io/v1", "priorityclasses", namespaced=False),
    "VolumeSnapshotClass": Kind(
        "snapshot.storage.k8s.io/v1", "volumesnapshotclasses", namespaced=False, custom=True
    ),
    "VolumeSnapshotContent": Kind(
        "snapshot.storage.k8s.io/v1", "volumesnapshotcontents", namespaced=False, custom=True
    ),
    "ValidatingWebhookConfiguration": Kind(
        "admissionregistration.k8s.io/v1", "validatingwebhookconfigurations", namespaced=False
    ),
    "MutatingWebhookConfiguration": Kind(
        "admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations", namespaced=False
    ),
    "ValidatingAdmissionPolicy": Kind(
        "admissionregistration.k8s.io/v1", "validatingadmissionpolicies", namespaced=False
    ),
    "ValidatingAdmissionPolicyBinding": Kind(
        "admissionregistration.k8s.io/v1", "validatingadmissionpolicybindings", namespaced=False
    ),
    "MutatingAdmissionPolicy": Kind(
        "admissionregistration.k8s.io/v1", "mutatingadmissionpolicies", namespaced=False, recent=True
    ),
    "MutatingAdmissionPolicyBinding": Kind(
        "admissionregistration.k8s.io/v1", "mutatingadmissionpolicybindings", namespaced=False, recent=True
    ),
    "APIService": Kind("apiregistration.k8s.io/v1", "apiservices", namespaced=False),
    "CustomResourceDefinition": Kind(
        "apiextensions.k8s.io/v1", "customresourcedefinitions", namespaced=False
    ),
    "ClusterRole": Kind("rbac.authorization.k8s.io/v1", "clusterroles", namespaced=False),
    "ClusterRoleBinding": Kind("rbac.authorization.k8s.io/v1", "clusterrolebindings", namespaced=False),
    "Role": Kind("rbac.authorization.k8s.io/v1", "roles"),
    "RoleBinding": Kind("rbac.authorization.k8s.io/v1", "rolebindings"),
    "HTTPRoute": Kind("gateway.networking.k8s.io/v1", "httproutes", custom=True),
    "GRPCRoute": Kind("gateway.networking.k8s.io/v1", "grpcroutes", custom=True),
    "Prometheus": Kind("monitoring.coreos.com/v1", "prometheuses", custom=True),
    "Alertmanager": Kind("monitoring.coreos.com/v1", "alertmanagers", custom=True),
    "PrometheusRule": Kind("monitoring.coreos.com/v1", "prometheusrules", custom=True),
    "ThanosRuler": Kind("monitoring.coreos.com/v1", "thanosrulers", custom=True),
    "Schedule": Kind("velero.io/v1", "schedules", custom=True),
    "Backup": Kind("velero.io/v1", "backups", custom=True),
    # Policies of other engines: that they are there is all that is looked at (network/engines.py).
    "CiliumNetworkPolicy": Kind("cilium.io/v2", "ciliumnetworkpolicies", custom=True),
    "CiliumClusterwideNetworkPolicy": Kind(
        "cilium.io/v2", "ciliumclusterwidenetworkpolicies", namespaced=False, custom=True
    ),
    "NetworkPolicy.projectcalico.org": Kind("projectcalico.org/v3", "networkpolicies", custom=True),
    "NetworkPolicy.crd.projectcalico.org": Kind("crd.projectcalico.org/v1", "networkpolicies", custom=True),
    "GlobalNetworkPolicy.projectcalico.org": Kind(
        "projectcalico.org/v3", "globalnetworkpolicies", namespaced=False, custom=True
    ),
    "GlobalNetworkPolicy.crd.projectcalico.org": Kind(
        "crd.projectcalico.org/v1", "globalnetworkpolicies", namespaced=False, custom=True
    ),
    "NetworkPolicy.crd.antrea.io": Kind("crd.antrea.io/v1beta1", "networkpolicies", custom=True),
    "ClusterNetworkPolicy.crd.antrea.io": Kind(
        "crd.antrea.io/v1beta1", "clusternetworkpolicies", namespaced=False, custom=True
    ),
    "ApplicationNetworkPolicy": Kind(
        "networking.k8s.aws/v1alpha1", "applicationnetworkpolicies", custom=True
    ),
    "ClusterNetworkPolicy.networking.k8s.aws": Kind(
        "networking.k8s.aws/v1alpha1", "clusternetworkpolicies", namespaced=False, custom=True
    ),
    "FQDNNetworkPolicy": Kind("networking.gke.io/v1alpha1", "fqdnnetworkpolicies", custom=True),
    "EgressFirewall": Kind("k8s.ovn.org/v1", "egressfirewalls", custom=True),
    "UserDefinedNetwork": Kind("k8s.ovn.org/v1", "userdefinednetworks", custom=True),
    "ClusterUserDefinedNetwork": Kind(
        "k8s.ovn.org/v1", "clusteruserdefinednetworks", namespaced=False, custom=True
    ),
    "AuthorizationPolicy": Kind("security.istio.io/v1", "authorizationpolicies", custom=True),
}
"""By name; where groups share one, all but the best known have theirs behind it: `Kind.group`."""

WORKLOADS = tuple(kind for kind, facts in KINDS.items() if facts.pod_path)
"""The kinds that carry a pod spec: set W of the policy catalogue."""

KIND_SETS: Mapping[str, tuple[str, ...]] = {
    "workload": WORKLOADS,
    "long_running": tuple(kind for kind in WORKLOADS if kind not in ("Job", "CronJob")),
    "replicated": ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"),
}
"""Named sets that METADATA `kinds` may use: W, L and R of the policy catalogue."""

SYSTEM_NAMESPACES = frozenset({"kube-system", "kube-public", "kube-node-lease"})
"""Namespaces that Kubernetes itself owns: their findings stand in a section of their own."""


def known_as(api_version: str, kind: str) -> str:
    """Return the name in `KINDS` of a kind, which has its group in it where groups share the kind."""
    qualified = f"{kind}.{api_version.rpartition('/')[0]}"
    return qualified if qualified in KINDS else kind


def same_group(api_version: str, kind: str) -> bool:
    """Tell whether an object of `kind` with this apiVersion is the kind we know.

    Older versions of the same group count (`apps/v1beta1`): the pod spec lies in the same place.
    A kind that we do not know is accepted as it is.
    """
    known = KINDS.get(kind)
    return known is None or known.group == api_version.rpartition("/")[0]


def pod_pointer(kind: str) -> str:
    """JSON pointer of the pod spec in an object of this kind, "" if it has none."""
    known = KINDS.get(kind)
    return "".join(f"/{key}" for key in known.pod_path) if known else ""
