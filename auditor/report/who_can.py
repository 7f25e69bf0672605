"""Who can: a screen for people, and one line for each way in for everything else."""

from __future__ import annotations

import shutil
from typing import IO

import msgspec

from auditor.access.attributes import Attributes
from auditor.access.who_can import WhoCan
from auditor.report.page import Page
from auditor.report.text import visible
from auditor.report.view import plural


class WhoCanTable(msgspec.Struct, frozen=True):
    """Writes the answer as text; what the stream can show is decided outside, as for `TableRenderer`."""

    tty: bool
    color: bool = False
    ascii: bool = False
    width: int | None = None

    def render(self, answer: WhoCan, out: IO[str]) -> None:
        """Write the whole answer to `out`."""
        if not self.tty:
            for holder in answer.subjects:
                for via in holder.via:
                    cells = (str(holder), via.binding, via.role, str(via.rule))
                    out.write("\t".join(visible(cell, self.ascii) for cell in cells) + "\n")
            return
        columns = self.width or shutil.get_terminal_size().columns
        _screen(answer, Page(out, columns, self.color, self.ascii))


def _screen(answer: WhoCan, page: Page) -> None:
    page.text(f"Who can {sentence(answer.asked)}?", style="heading")
    for holder in answer.subjects:
        page.blank()
        page.text(str(holder), indent=2, hang=2, style="heading")
        for via in holder.via:
            page.text(f"{via.binding} gives {via.role}, rule {via.rule + 1}", indent=4, hang=2)
        page.text(holder.check, indent=4, hang=2, style="quiet")
    page.blank()
    count = plural(len(answer.subjects), "subject")
    page.text(count if answer.subjects else "No binding gives it to anybody.")
    for one in answer.unread:
        page.labelled(f"{one.kind} not read:", one.reason, 0, 2, "medium")
    if answer.dangling:
        some = ", ".join(answer.dangling[:5])
        more = f" and {len(answer.dangling) - 5} more" if len(answer.dangling) > 5 else ""
        page.text(f"Bindings without their role, which give nothing: {some}{more}", hang=2, style="quiet")
    page.text(f"Beside RBAC: {answer.beside}.", hang=2, style="quiet")


def sentence(asked: Attributes) -> str:
    """Return what is asked as people say it: `get secrets in shop`."""
    if asked.path:
        return f"{asked.verb} {asked.path}"
    group = f".{asked.group}" if asked.group not in ("", "*") else ""
    name = f" {asked.name}" if asked.name else ""
    resource = asked.resource + group + (f"/{asked.subresource}" if asked.subresource else "")
    place = f" in {asked.namespace}" if asked.namespace else ""
    return f"{asked.verb} {resource}{name}{place}"
