"""Builds the cluster in a running control plane without controllers, block by block."""

from __future__ import annotations

import time
from typing import Self

from tools.bench.cluster import furniture, loose, workloads
from tools.bench.cluster.block import PODS, Block
from tools.bench.cluster.pods import KUBELET, Pod, status
from tools.bench.cluster.templates import Object
from tools.bench.cluster.writer import Crew, Writer
from tools.cluster import ControlPlane

ESTABLISHED_SECONDS = 60.0


def blocks(size: int) -> int:
    """Return how many blocks a cluster of `size` pods has; raise `ValueError` if that is no whole number."""
    if size % PODS or size < PODS:
        raise ValueError(f"--size {size}: the cluster grows by {PODS} pods, say a multiple of it")
    return size // PODS


class Builder:
    """A cluster that grows; only one may write to a control plane, from its beginning."""

    def __init__(self, plane: ControlPlane, version: str) -> None:
        """Write nothing yet; `version` is that of the nodes' kubelets."""
        self._writer = Writer(plane)
        self._version = version
        self._blocks = 0
        self._node_uids: dict[str, str] = {}
        self._variants: set[tuple[str, int, bool]] = set()

    @property
    def variants(self) -> int:
        """How many different looks live pods have that their owner's template has not."""
        return len(self._variants)

    def grow(self, size: int) -> None:
        """Write until there are `size` pods.

        Raises as `blocks`, and `RefusedError` for what the API server does not take.
        """
        wanted = blocks(size)
        with Crew() as crew:
            if not self._blocks:
                self._begin()
            for number in range(self._blocks, wanted):
                self._write(crew, Block(number))
                self._blocks = number + 1

    def __enter__(self) -> Self:
        """Connect when something is written."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._writer.close()

    def _begin(self) -> None:
        self._writer.create(furniture.definition())
        for namespace in furniture.SYSTEM:
            self._open(namespace)
        deadline = time.monotonic() + ESTABLISHED_SECONDS
        while not self._writer.exists("/apis/example.dev/v1alpha1/rollouts"):
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"no Rollout can be listed {ESTABLISHED_SECONDS:.0f} s after its definition"
                )
            time.sleep(0.1)

    def _open(self, namespace: str) -> None:
        """Do for a namespace what the controllers would."""
        self._writer.create(furniture.default_account(namespace), "kube-controller-manager")
        self._writer.create(furniture.authority(namespace), "kube-controller-manager")

    def _write(self, crew: Crew, block: Block) -> None:
        if block.opens_pool:
            made = crew.work(lambda name: self._register(name, block.pool), block.nodes)
            self._node_uids |= zip(block.nodes, made, strict=True)
        crew.work(self._namespace, furniture.namespaces(block))
        tasks = [*workloads.tasks(block), *loose.tasks(block, self._node_uids)]
        pods = [pod for made in crew.work(lambda task: task(self._writer), tasks) for pod in made]
        self._variants.update(filter(None, (pod.variant for pod in pods)))
        crew.work(self._pod, pods)
        crew.work(self._writer.create, furniture.objects(block))

    def _register(self, name: str, pool: str) -> str:
        return self._writer.create(furniture.node(name, pool, self._version), KUBELET).uid

    def _namespace(self, body: Object) -> None:
        self._writer.create(body)
        self._open(body["metadata"]["name"])

    def _pod(self, pod: Pod) -> None:
        body = {"kind": "Pod", **pod.body}
        made = self._writer.create(body, pod.manager)
        self._writer.report(body, status(body, pod.phase, made.created), KUBELET)
