"""Which policies can be asked about a document at all."""

from __future__ import annotations

from collections.abc import Hashable

from auditor.judge.results import judged, missing_need
from auditor.judge.selection import Selection
from auditor.model import Document, Obstacle, Result, Status


class Able:
    """Tells the policies of a selection that can judge a document from those that cannot."""

    def __init__(self, selection: Selection) -> None:
        """Say which policies are asked."""
        self._selection = selection
        self._known: dict[Hashable, tuple[str, ...]] = {}

    def __call__(self, document: Document) -> tuple[tuple[str, ...], list[Result]]:
        """Return the ids of those that can judge a document, and the results of those that cannot."""
        if document.missing or document.refused or document.hollow:
            return self._told_apart(document)
        # most documents of a kind have the same parts, and then the same policies can judge them
        alike = (document.ref.kind, document.variant, *document.parts)
        if alike in self._known:
            return self._known[alike], []
        able, unable = self._told_apart(document)
        if not unable:
            self._known[alike] = able
        return able, unable

    def _told_apart(self, document: Document) -> tuple[tuple[str, ...], list[Result]]:
        able, unable = [], []
        whose = judged(document)
        for policy in self._selection.policies.values():
            if document.ref.kind not in policy.kinds or (document.variant and not policy.judges_pods):
                continue
            if reason := missing_need(policy, document) or document.hollow:
                obstacle = Obstacle.UNREADABLE
                unable.append(
                    Result(policy, whose, Status.NOT_EVALUATED, reasons=(reason,), obstacle=obstacle)
                )
            else:
                able.append(policy.id)
        return tuple(able), unable
