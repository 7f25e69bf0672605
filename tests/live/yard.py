"""A cluster that stands still, and audits of it, disturbed and undisturbed."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from auditor.collect.cluster import ClusterSource
from auditor.collect.connect import connect
from auditor.collect.patience import Patience
from auditor.errors import AuditorError
from auditor.evaluate.bundle import load_bundle
from auditor.evaluate.engine import OpaEngine
from auditor.judge.selection import Selection, reads_secrets, select
from auditor.model import Snapshot
from auditor.pipeline import run
from auditor.rules import Bundle
from tests.live.faulty import Answer, faulty
from tests.live.invariants import Listening, Ran, breaches, plain
from tests.live.live import Object, events, write_kubeconfig
from tests.live.still import settle, write_policies
from tools.build import tool_bin
from tools.cluster import ControlPlane

BOUND = 30.0
"""Seconds after which a disturbed audit hangs; the longest takes a tenth of it."""

Scope = tuple[str, ...]
"""The namespaces to which an audit is limited; none: the whole cluster."""


class Yard(NamedTuple):
    """All that audits need."""

    plane: ControlPlane
    folder: Path
    bundle: Bundle
    engine: OpaEngine
    starter: ThreadPoolExecutor
    """Its one thread may start the API server again, which ends with who started it."""

    def selection(self, *, shipped: bool = False) -> Selection:
        """Return the shipped policies and those of the tests, or only the former; none about Secrets."""
        own = [one for one in self.bundle.policies.values() if not reads_secrets(one)]
        return select(self.bundle, policies=[one.id for one in own if not (shipped and one.custom)])

    def audit(
        self,
        scope: Scope,
        selection: Selection,
        *,
        url: str = "",
        token: str = "",
        patience: Patience | None = None,
    ) -> Ran:
        """Run an audit of the API server, or of what is at the URL, as `admin` or who has the token.

        Fails if it leaves a thread behind.
        """
        before = _ours()
        url = url or self.plane.url
        ca = {"certificate-authority": str(self.plane.ca)} if url.startswith("https") else {}
        user = {"token": token or self.plane.token("admin")}
        file = write_kubeconfig(self.folder / "kubeconfig", {"server": url, **ca}, user)
        source = ClusterSource(connect(str(file), None, {}), scope, patience)
        engine = Listening(self.engine)
        ran = Ran(selection, engine.verdicts)
        kept: list[Snapshot] = []
        try:
            record = run(
                source,
                engine,
                selection,
                bundle=self.bundle,
                run_id="run",
                clock=lambda: datetime.now(UTC),
                save=kept.append,
            )
        except AuditorError as error:
            ran = ran._replace(error=error)
        else:
            ran = ran._replace(record=record, snapshot=kept[0])
        left = [one.name for one in _ours() - before]
        assert not left, f"threads are left: {left}"
        return ran

    def writes(self) -> list[Object]:
        """Return what auditors asked for beyond get, list and self-reviews, or of Secrets."""
        return [one for one in events(self.plane) if not _reads(one)]


def _reads(event: Object) -> bool:
    resource = event.get("objectRef", {}).get("resource")
    reviews = ("selfsubjectreviews", "selfsubjectaccessreviews")
    asks = event["verb"] in ("get", "list", "watch") or (event["verb"] == "create" and resource in reviews)
    return asks and resource != "secrets"


@contextmanager
def open_yard(folder: Path) -> Iterator[Yard]:
    """Start a control plane without controllers, fill it, and load the policies."""
    opa = tool_bin("opa") / "opa"
    with ExitStack() as stack:
        starter = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="starter"))
        plane = stack.enter_context(ControlPlane(folder / "plane", nodes=0, controllers=False))
        settle(plane)
        bundle = stack.enter_context(load_bundle(opa, [write_policies(folder / "policies")]))
        engine = stack.enter_context(OpaEngine(opa, bundle))
        yield Yard(plane, folder, bundle, engine, starter)


class Stills:
    """The undisturbed audits, each made when it is first asked for."""

    def __init__(self, yard: Yard) -> None:
        self._yard = yard
        self._known: dict[tuple[Scope, bool], Ran] = {}
        self._asked: dict[tuple[Scope, bool, int], list[str]] = {}

    def of(self, scope: Scope, *, shipped: bool = False) -> Ran:
        """Return the audit of a scope by all policies, or by the shipped ones."""
        if (scope, shipped) not in self._known:
            ran = self._yard.audit(scope, self._yard.selection(shipped=shipped))
            assert ran.ending == "whole"
            self._known[scope, shipped] = ran
        return self._known[scope, shipped]

    def asked(self, scope: Scope, page: int, *, shipped: bool) -> list[str]:
        """Return the paths that it asks for where lists come in such pages; it is the same audit."""
        key = (scope, shipped, page)
        if key not in self._asked:
            paths: list[str] = []

            def listen(path: str, true: Answer) -> Answer:
                paths.append(urlsplit(path).path)
                return true

            still = self.of(scope, shipped=shipped)
            with faulty(self._yard.plane, listen, page) as url:
                same = self._yard.audit(scope, still.selection, url=url)
            assert same.ending == "whole"
            assert breaches(same, still, ()) == []
            self._asked[key] = paths
        return self._asked[key]

    def check(self) -> None:
        """Make them again: nothing has moved."""
        for (scope, _), still in self._known.items():
            again = self._yard.audit(scope, still.selection)
            assert again.record
            assert still.record
            assert plain(again.record) == plain(still.record)


def bounded(work: Callable[[], Ran]) -> Ran:
    """Do something in a thread; fail if it hangs."""
    done: Future[Ran] = Future()

    def target() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is heard
            done.set_exception(error)

    threading.Thread(target=target, name="audit", daemon=True).start()
    _, hangs = wait([done], BOUND)
    assert not hangs, f"it hangs after {BOUND:g} s\n{_stacks()}"
    return done.result()


def _ours() -> set[threading.Thread]:
    """The threads that run, without those of the yard and of `faulty`."""
    kept = ("opa-", "starter")
    running = (one for one in threading.enumerate() if "process_request_thread" not in one.name)
    return {one for one in running if not one.name.startswith(kept)}


def _stacks() -> str:
    frames = sys._current_frames()
    return "\n".join(
        f"{one.name}:\n{''.join(traceback.format_stack(frames[one.ident]))}"
        for one in threading.enumerate()
        if one.ident in frames
    )
