"""A control plane with simulated nodes, on loopback ports of its own: started, used, ended.

etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok. Several can run side by side,
each in its own folder.
"""

from __future__ import annotations

import secrets
import shlex
import shutil
import ssl
import subprocess
import tempfile
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tools import build
from tools.cluster import access, certificates, components, kwok, processes
from tools.cluster.access import User
from tools.cluster.components import Command, Layout
from tools.cluster.processes import Process
from tools.cluster.state import State, load

START_SECONDS = 120.0
"""How long one program may take to come up: seconds on an idle machine."""

TOOLS = ("etcd", "kubernetes", "kwok")
API_SERVER = "kube-apiserver"


class ClusterError(Exception):
    """The cluster cannot be started or used; the message says why, and where the log is."""


class ControlPlane:
    """One control plane; a context manager that starts it and leaves nothing behind.

    `users` may log in besides `admin` (may do everything) and `nobody` (may do nothing): each has a
    token and a context of its name in the kubeconfig. With `die_with_parent`, the kernel ends every
    program as soon as the thread that started them is gone, even if by SIGKILL. Without
    `controllers` there are only etcd and kube-apiserver: what is written stays as it is, and nobody
    makes nodes ready or the service accounts that pods need.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        nodes: int = 2,
        users: Sequence[User] = (),
        die_with_parent: bool = True,
        controllers: bool = True,
    ) -> None:
        """Start nothing yet. `folder` is created, and removed in the end; by default a temporary one.

        Raises `ValueError` for nodes without controllers: they would never be ready.
        """
        if nodes and not controllers:
            raise ValueError("nodes need controllers: say nodes=0, and create the Node objects yourself")
        self.folder = (folder or Path(tempfile.mkdtemp(prefix="auditor-cluster-"))).absolute()
        self._layout = Layout(self.folder)
        self._nodes = nodes
        self._users = users
        self._bound = die_with_parent
        self._controllers = controllers
        self._state = State()
        self._kept_port = ExitStack()
        """Holds the API server's port while it is down."""

    @classmethod
    def attach(cls, folder: Path) -> Self:
        """Return the running control plane of a folder; raise `ClusterError` if there is none."""
        state = load(folder)
        if state is None or not state.is_up():
            raise ClusterError(f"no control plane runs in {folder}: start one first")
        plane = cls(folder, die_with_parent=False)  # what is started again belongs to it, not to us
        plane._state = state
        return plane

    @property
    def url(self) -> str:
        """The API server, as `https://127.0.0.1:PORT`."""
        return self._state.url

    @property
    def ca(self) -> Path:
        """The certificate authority that signed the API server's certificate, PEM."""
        return Path(self._state.ca)

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig with a context per user; `admin` is the current one."""
        return self._layout.kubeconfig

    @property
    def audit_log(self) -> Path:
        """The API server's audit log: every request, one JSON event per line.

        An event is written when its answer is complete, which may be just after the client has it.
        """
        return self._layout.audit_log

    @property
    def processes(self) -> tuple[Process, ...]:
        """Everything that was started, in that order."""
        return self._state.processes

    def token(self, user: str) -> str:
        """Return the bearer token of a user; raise `KeyError` for a name that was not asked for."""
        return self._state.tokens[user]

    def kubectl(self, *arguments: str, input: str | None = None) -> str:
        """Run kubectl as admin (or with `--context`) and return its output; `ClusterError` if it fails."""
        program = build.tool_bin("kubernetes") / "kubectl"
        common = [f"--kubeconfig={self.kubeconfig}", f"--cache-dir={self.folder / 'kubectl-cache'}"]
        run = subprocess.run(
            [program, *common, *arguments], input=input, capture_output=True, text=True, check=False
        )
        if run.returncode:
            raise ClusterError(f"kubectl {' '.join(arguments)}: {run.stderr.strip()}")
        return run.stdout

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def start(self) -> None:
        """Start everything and return when nodes are ready and pods can be created.

        Raises `ClusterError`, with nothing left running; the logs then stay in the folder. Tools
        that are not built yet are built first, which takes minutes (`BuildError` if that fails).
        """
        self._claim_folder()
        try:
            self._start_programs()
            self._prepare_nodes()
            self._remember(replace(self._state, ready=True))
        except BaseException as error:
            processes.stop_all(self._state.processes)
            if isinstance(error, OSError):  # a program ended, was too slow, or could not be run
                raise ClusterError(f"the control plane did not start: {error}") from error
            raise

    def stop(self) -> None:
        """End every program and remove the folder."""
        self._kept_port.close()
        stop(self.folder)

    def kill_api_server(self) -> None:
        """End kube-apiserver by SIGKILL; connections to its port are refused until it is started again."""
        self._kept_port.enter_context(processes.reserved_port(urlsplit(self.url).port or 0))
        processes.kill(self._api_server())

    def start_api_server(self) -> None:
        """Start the killed kube-apiserver as it was: port, certificates, tokens; return when it is ready.

        With `die_with_parent` it ends with the calling thread. Raises `ClusterError` if it does not start.
        """
        former = self._api_server()
        log = self._layout.log(former.name)
        process = processes.spawn(former.name, shlex.split(former.command), log, die_with_parent=self._bound)
        started = tuple(process if one == former else one for one in self._state.processes)
        self._remember(replace(self._state, processes=started))
        try:
            self._wait_for_api_server(process)
        except OSError as error:
            raise ClusterError(f"the API server did not start again: {error}") from error
        finally:
            self._kept_port.close()

    def restart_api_server(self) -> None:
        """Kill it and start it again; raises as `start_api_server`."""
        self.kill_api_server()
        self.start_api_server()

    def _api_server(self) -> Process:
        return next(one for one in self._state.processes if one.name == API_SERVER)

    def _claim_folder(self) -> None:
        state = load(self.folder)
        if state is not None:
            if any(map(processes.is_running, state.processes)):
                raise ClusterError(
                    f"a control plane runs in {self.folder}: stop it, or choose another folder"
                )
            shutil.rmtree(self.folder)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(self.folder.iterdir()):  # `stop` removes the folder: never somebody's files
            raise ClusterError(f"{self.folder} is not empty: choose another folder")
        self._remember(State())

    def _remember(self, state: State) -> None:
        self._state = state
        state.save(self.folder)

    def _start_programs(self) -> None:
        layout = self._layout
        made = certificates.create(
            self.folder / "certificates", ["IP:127.0.0.1", "DNS:localhost", "DNS:kubernetes"]
        )
        people = [access.ADMIN, access.NOBODY, *self._users]
        machines = {
            "kube-controller-manager": access.CONTROLLERS,
            "kube-scheduler": access.SCHEDULER,
            "kwok": access.KWOK,
        }
        tokens = {user: secrets.token_urlsafe(24) for user in [*people, *machines.values()]}
        access.write_tokens(layout.tokens, tokens)
        layout.audit_policy.write_text(components.AUDIT_POLICY)
        by_name = {user.name: tokens[user] for user in people}
        self._remember(State(ca=str(made.ca), tokens=by_name))

        self._start_api_server(made, self._start_etcd())
        url = self.url
        access.write_kubeconfig(layout.kubeconfig, url, made.ca, {user: tokens[user] for user in people})
        for component, user in machines.items():
            access.write_kubeconfig(layout.kubeconfig_of(component), url, made.ca, {user: tokens[user]})
        if not self._controllers:
            return
        self._spawn("kubernetes", "kube-controller-manager", components.controller_manager(layout, made))
        self._spawn("kubernetes", "kube-scheduler", components.scheduler(layout))
        self._spawn("kwok", "kwok", kwok.kwok(layout))

    def _start_etcd(self) -> int:
        with processes.reserved_port() as port, processes.reserved_port() as peer_port:
            process = self._spawn("etcd", "etcd", components.etcd(self._layout, port, peer_port))
            log = self._layout.log("etcd")
            serving = "ready to serve client requests"
            processes.wait_for(serving, lambda: serving in log.read_text(), process, log, START_SECONDS)
        return port

    def _start_api_server(self, made: certificates.Certificates, etcd_port: int) -> None:
        with processes.reserved_port() as port:
            self._remember(replace(self._state, url=f"https://127.0.0.1:{port}"))
            command = components.api_server(self._layout, made, etcd_port, port)
            self._wait_for_api_server(self._spawn("kubernetes", API_SERVER, command))

    def _wait_for_api_server(self, process: Process) -> None:
        # Only this server has a certificate of our authority, so the answer cannot be another's.
        answers = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=self.ca)),
        )

        def ready() -> bool:
            try:
                with answers.open(f"{self.url}/readyz", timeout=5) as answer:
                    return bool(answer.status == 200)
            except OSError:
                return False

        processes.wait_for("/readyz", ready, process, self._layout.log(API_SERVER), START_SECONDS)

    def _spawn(self, tool: str, program: str, arguments: Command) -> Process:
        path = build.tool_bin(tool) / program
        log = self._layout.log(program)
        process = processes.spawn(program, [path, *arguments], log, die_with_parent=self._bound)
        self._remember(replace(self._state, processes=(*self._state.processes, process)))
        return process

    def _prepare_nodes(self) -> None:
        limit = f"--timeout={START_SECONDS:.0f}s"
        if self._nodes:
            version = "v" + ".".join(build.module_version("kubernetes", "k8s.io/kubernetes"))
            self.kubectl("create", "-f", "-", input=kwok.nodes(self._nodes, version))
            self.kubectl("wait", "--for=condition=Ready", "nodes", "--all", limit)
        if self._controllers:  # until they have made it, no pod is admitted
            self.kubectl("wait", "--for=create", "serviceaccount/default", limit)


def build_tools() -> None:
    """Build every program that a control plane needs, where it is not there yet; raise `BuildError`."""
    for tool in TOOLS:
        build.tool_bin(tool)


def stop(folder: Path) -> None:
    """End the control plane of a folder, running or half gone, and remove the folder; none is no error."""
    state = load(folder)
    if state is not None:
        processes.stop_all(state.processes)
        shutil.rmtree(folder)
