"""A real browser that opens a page from a file, and what it complained about.

Playwright with the Chromium of the system; it may load nothing but that file.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from auditor.record import Audit
from auditor.report.html import HtmlRenderer
from tests.report.screens import rendered

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]  # it runs as root in places

COMPLAINTS = """
addEventListener("securitypolicyviolation", (event) => console.error("CSP: " + event.violatedDirective));
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser, and end it."""
    program = shutil.which("chromium")
    assert program, "chromium is missing: make packages"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Opened:
    """A page, with what the browser said and asked for."""

    def __init__(self, browser: Browser, file: Path, record: Audit, **context: Any) -> None:
        """Write the report of a record to a file and open that."""
        file.write_text(rendered(HtmlRenderer(), record), encoding="utf-8")
        self.said: list[str] = []
        self.asked: list[str] = []
        self.dialogs: list[str] = []
        self.address = file.as_uri()
        self.page: Page = browser.new_context(accept_downloads=True, **context).new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("dialog", self._dismiss)
        if context.get("java_script_enabled", True):
            self.page.add_init_script(COMPLAINTS)
        self.open()

    def _dismiss(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def open(self, anchor: str = "") -> None:
        """Load the page, at one of its addresses."""
        self.page.goto("about:blank")
        self.page.goto(self.address + (f"#{anchor}" if anchor else ""))

    def shown(self) -> list[str]:
        """Return the ids of the findings that can be seen, in the order of the page."""
        found: list[str] = self.page.eval_on_selector_all(
            ".finding", "all => all.filter((one) => one.checkVisibility()).map((one) => one.id)"
        )
        return found

    def close(self) -> None:
        """Forget the page."""
        self.page.context.close()
