"""Something of each kind that rules ask about happens in a cluster, so that exporters have it to tell."""

from __future__ import annotations

import json
from contextlib import suppress

from tests.stack.loopback import until
from tests.stack.render import Object
from tools.cluster import ClusterError, ControlPlane

CONTAINER = {
    "name": "web",
    "image": "web:1",
    "resources": {"requests": {"cpu": "10m"}, "limits": {"cpu": "1", "memory": "1Gi"}},
}
CRASHING: Object = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "crashing", "namespace": "default"},
    "spec": {"containers": [CONTAINER]},
}
CRASHED = {
    "name": "web",
    "image": "web:1",
    "imageID": "",
    "ready": False,
    "restartCount": 3,
    "state": {"waiting": {"reason": "CrashLoopBackOff"}},
    "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}},
}
CRON_JOB: Object = {
    "apiVersion": "batch/v1",
    "kind": "CronJob",
    "metadata": {"name": "nightly", "namespace": "default"},
    "spec": {
        "schedule": "0 3 * * *",
        "jobTemplate": {
            "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [CONTAINER]}}}
        },
    },
}
JOB: Object = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "doomed", "namespace": "doomed"},
    "spec": {
        "activeDeadlineSeconds": 1,
        "backoffLimit": 0,
        "template": {
            "spec": {"restartPolicy": "Never", "nodeSelector": {"no": "such-node"}, "containers": [CONTAINER]}
        },
    },
}
RAN = {"lastScheduleTime": "2026-01-02T03:00:00Z", "lastSuccessfulTime": "2026-01-02T03:01:00Z"}
WEBHOOK: Object = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingWebhookConfiguration",
    "metadata": {"name": "nobody"},
    "webhooks": [
        {
            "name": "nobody.example.org",
            "clientConfig": {"url": "https://127.0.0.1:1/"},
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "failurePolicy": "Fail",
            "timeoutSeconds": 1,
            "objectSelector": {"matchLabels": {"for": "nobody"}},
            "rules": [
                {
                    "apiGroups": [""],
                    "apiVersions": ["v1"],
                    "operations": ["CREATE"],
                    "resources": ["configmaps"],
                }
            ],
        }
    ],
}
REFUSED: Object = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "refused", "namespace": "default", "labels": {"for": "nobody"}},
}


def happen(plane: ControlPlane) -> None:
    """A container is killed for its memory and crashes, a CronJob has run, a Job fails, and a webhook too."""
    create = ("create", "-f", "-")
    plane.kubectl("create", "namespace", "doomed")
    plane.kubectl(*create, input=json.dumps(JOB))
    plane.kubectl(*create, input=json.dumps(CRASHING))
    plane.kubectl(*create, input=json.dumps(CRON_JOB))
    plane.kubectl(*create, input=json.dumps(WEBHOOK))
    plane.kubectl("wait", "--for=condition=Ready", "pod/crashing", "--timeout=60s")
    status = ("--subresource=status", "--type=merge", "-p")
    plane.kubectl("patch", "pod/crashing", *status, json.dumps({"status": {"containerStatuses": [CRASHED]}}))
    plane.kubectl("patch", "cronjob/nightly", *status, json.dumps({"status": RAN}))

    def refused() -> bool:
        try:
            plane.kubectl(*create, input=json.dumps(REFUSED))
        except ClusterError as error:
            return "nobody.example.org" in str(error)
        with suppress(ClusterError):
            plane.kubectl("delete", "configmap/refused")
        return False

    until(refused)  # the API server comes to know a webhook a moment later
