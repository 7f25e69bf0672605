"""Holds an audit against the history and the baseline, and keeps it."""

from __future__ import annotations

import os
from functools import partial

from auditor.cli.source import Scope
from auditor.cli.stored import find_audit, opened, stored
from auditor.cli.wanted import Wanted
from auditor.config.file import LAST
from auditor.errors import StoreError, UsageError
from auditor.judge.baseline import excused
from auditor.judge.diff import warnings
from auditor.judge.outcome import Outcome
from auditor.judge.remember import remember
from auditor.ports import Past
from auditor.record import Audit
from auditor.report.view import facts


class Keeping:
    """What becomes of the record of one audit: compared, and kept, unless the store fails."""

    def __init__(self, wanted: Wanted) -> None:
        """Read the baseline, if it is a file; raises `UsageError` if there is none, or none can be."""
        self._scope, self._messages = wanted.scope, wanted.messages
        self._store = opened(wanted.store, wanted.history)
        self._usual = not (wanted.store or os.environ.get("AUDITOR_STORE"))
        self._last = wanted.baseline == LAST
        self._baseline: Audit | None = None
        self._failure: StoreError | None = None
        if self._last and self._store is None:
            raise UsageError(
                "--baseline last: no store is used", "name one with --store, or a file of an audit"
            )
        if wanted.baseline and not self._last:
            self._baseline = find_audit(wanted.baseline, stored(lambda: self._store))

    def kept(self, record: Audit) -> Audit:
        """Return the record with what is new in it, and with its place in history.

        That the store fails costs no audit: it is told by `told`.
        """
        cluster = cluster_of(record, self._scope)
        try:
            if self._last:
                self._baseline = self._before(cluster)
            if self._store:
                return self._store.append(cluster, partial(remember, record, baseline=self._baseline))
        except StoreError as error:
            self._failed(error)
        # with nothing to compare with, a date of first sight would be that of every run
        return remember(record, Past(), baseline=self._baseline).audit if self._baseline else record

    def known(self, record: Audit) -> frozenset[str] | None:
        """Return the fingerprints that the baseline excuses; None without one.

        That it is of something else is said: a finding is known by its object, not by its cluster.
        """
        if self._baseline is None:
            return None
        for text in warnings(self._baseline, record, ("the baseline", "this audit")):
            self._messages.warning(text)
        return excused(record, self._baseline)

    def told(self, ending: Outcome) -> Outcome:
        """Say that the store failed, if it did, and return how the command ends then."""
        if self._failure is None:
            return ending
        self._messages.error(str(self._failure), self._failure.hint)
        return Outcome(self._failure.exit_code, f"the audit was not kept; {ending.reason}")

    def _failed(self, error: StoreError) -> None:
        """Take it as a failure, unless nobody asked for a store and there never was one.

        A job whose home is read-only shall not fail for a history that it does not want.
        """
        if self._usual and self._store and not self._store.path.exists():
            self._messages.warning(f"no history is kept: {error}; --store names another place, or none")
        else:
            self._failure = error

    def _before(self, cluster: str) -> Audit | None:
        """The last audit of this cluster; without one everything is new, and that is said."""
        assert self._store  # noqa: S101 - `last` without a store is refused
        if self._store.path.exists() and self._store.entries(cluster):
            return self._store.audit(LAST, cluster)
        self._messages.warning(f"--baseline last: {self._store.path} has no audit of {cluster} yet")
        return None


def cluster_of(record: Audit, scope: Scope) -> str:
    """Return under which name the history keeps audits of the same things.

    A cluster is told by the uid of its kube-system, or by its address where that was not read;
    manifests by where they lie. A snapshot is what a cluster was: it has a history of its own.
    """
    source = facts(record)
    if source.kind == "cluster":
        name = source.cluster_id or source.server
        return f"snapshot:{name}" if scope.snapshot else name
    return "manifests:" + os.pathsep.join(sorted({_place(path) for path in source.paths}))


def _place(path: str) -> str:
    return path if path == "-" else os.path.realpath(path)
