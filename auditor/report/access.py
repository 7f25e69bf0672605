"""Access of a subject: a screen for people, and one line for each rule and each step for everything else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from typing import IO

import msgspec

from auditor.access.subject_access import Holds, Reach, Rights, SubjectAccess
from auditor.report.page import Page
from auditor.report.text import visible
from auditor.report.view import plural


class AccessTable(msgspec.Struct, frozen=True):
    """Writes the answer as text; what the stream can show is decided outside, as for `TableRenderer`."""

    tty: bool
    color: bool = False
    ascii: bool = False
    width: int | None = None

    def render(self, answer: SubjectAccess, out: IO[str]) -> None:
        """Write the whole answer to `out`."""
        if not self.tty:
            for cells in _lines(answer):
                out.write("\t".join(visible(cell, self.ascii) for cell in cells) + "\n")
            return
        columns = self.width or shutil.get_terminal_size().columns
        _screen(answer, Page(out, columns, self.color, self.ascii))


def _lines(answer: SubjectAccess) -> Iterator[Sequence[str]]:
    """Yield the cells of each line: `grant` or the sink comes first, the command last."""
    for one in answer.grants:
        for rights in one.rules:
            place = one.namespace or "*"
            yield (
                "grant",
                one.subject,
                one.binding,
                one.role,
                str(rights.rule),
                place,
                sentence(rights),
                one.check,
            )
    for reach in answer.reaches:
        for number, step in enumerate(reach.path, 1):
            grant = [str(step.get(key, "")) for key in ("binding", "role", "rule")]
            ends = [str(step[key]) for key in ("from", "to", "edge")]
            yield reach.sink, str(number), *ends, *grant, "; ".join(step["checks"])


def _screen(answer: SubjectAccess, page: Page) -> None:
    page.text(f"{answer.subject} may", style="heading")
    for one in answer.grants:
        _grant(one, str(answer.subject), page)
    if not answer.grants:
        page.text("nothing: no binding names it, or a group that it is in.", indent=2, hang=2)
    page.blank()
    page.text("and could come to", style="heading")
    for reach in answer.reaches:
        _reach(reach, page)
    if not answer.reaches:
        page.text(
            "none of cluster admin, all Secrets, root on a node, control of admission.", indent=2, hang=2
        )
    page.blank()
    for gap in answer.unread:
        page.labelled(f"{gap.kind} not read:", gap.reason, 0, 2, "medium")
    page.text(f"Beside RBAC: {answer.beside}.", hang=2, style="quiet")


def _grant(one: Holds, subject: str, page: Page) -> None:
    place = f"in {one.namespace}" if one.namespace else "in all namespaces"
    via = "" if one.subject == subject else f", as a member of {one.subject}"
    page.blank()
    page.text(f"{place}, by {one.binding} of {one.role}{via}", indent=2, hang=2)
    for rights in one.rules:
        page.text(sentence(rights), indent=4, hang=2)
    page.text(one.check, indent=4, hang=2, style="quiet")


def _reach(reach: Reach, page: Page) -> None:
    page.blank()
    page.text(f"{reach.words}, in {plural(len(reach.path), 'step')}", indent=2, hang=2, style="high")
    for number, step in enumerate(reach.path, 1):
        page.text(f"{number}. {step['from']}: {step['how']} -> {step['to']}", indent=4, hang=3)
        for grant in ([step] if "binding" in step else []) + list(step.get("with", ())):
            page.text(f"{grant['binding']} gives {grant['role']}, rule {grant['rule'] + 1}", indent=7, hang=2)
        for check in step["checks"]:
            page.text(check, indent=7, hang=2, style="quiet")


def sentence(rights: Rights) -> str:
    """Return a rule as people say it: `get, list pods, deployments.apps named web`."""
    verbs = ", ".join(rights.verbs)
    if rights.nonResourceURLs:
        return f"{verbs} {', '.join(rights.nonResourceURLs)}"
    groups = [group for group in rights.apiGroups if group]
    of = f" of {', '.join(groups)}{' and the core group' if '' in rights.apiGroups else ''}" if groups else ""
    named = f" named {', '.join(rights.resourceNames)}" if rights.resourceNames else ""
    return f"{verbs} {', '.join(rights.resources)}{of}{named}"
