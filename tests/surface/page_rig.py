"""A headless Chromium on the pages of a served board, for the tests of what people see.

The browser is the system's: one is never downloaded. A machine without it skips these tests and says why.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from scheduler.web.server import Server
from tests.unit.boards import NOW, Shown

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
# No sandbox: in a container there is none to be had. The rest keeps it from asking anybody for anything.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK, PHONE, NARROWEST = 1280, 390, 360

needs_chromium = pytest.mark.skipif(
    not Path(CHROMIUM).exists(), reason=f"there is no browser at {CHROMIUM}: install chromium, or set CHROMIUM"
)


@dataclass
class Visit:
    """One page in the browser, and what it did behind the scenes."""

    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open a path."""
        self.page.goto(self.origin + path)
        return self.page

    @property
    def strangers(self) -> list[str]:
        """Everything that was asked for and is not the page's own."""
        return [url for url in self.asked if not url.startswith(f"{self.origin}/")]


@contextmanager
def visiting(
    browser: Browser, server: Server, *, width: int = DESK, dark: bool = False, calm: bool = False
) -> Iterator[Visit]:
    """Open an empty page of a width, for one visit."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce" if calm else "no-preference",
    )
    page = context.new_page()
    visit = Visit(page, f"http://127.0.0.1:{server.port}")
    page.on("console", lambda message: visit.complaints.append(message.text))
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("request", lambda request: visit.asked.append(request.url))
    try:
        yield visit
    finally:
        context.close()


@contextmanager
def served(source: Shown, *, show_names: bool = True) -> Iterator[Server]:
    """Serve a source on loopback, at the moment for which the boards are made."""
    server = Server(source, host="127.0.0.1", port=0, token=None, show_names=show_names, hosts=(), now=lambda: NOW)
    server.start()
    try:
        yield server
    finally:
        server.stop()
