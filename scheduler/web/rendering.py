"""The page's templates, style sheet and icon; read once, when the server starts.

Used by scheduler.web.app. Jinja escapes every value. The style sheet is named after its content, so that a browser may
keep it for a year and still never show an old one.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined

_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that never changes under its path."""

    path: str
    media_type: str
    body: bytes


@cache
def style() -> Asset:
    """Give the style sheet: what all reports share, then the page's own."""
    shared = files("scheduler.reports").joinpath("base.css").read_text(encoding="utf-8")
    own = files("scheduler.web").joinpath("pages", "page.css").read_text(encoding="utf-8")
    return _asset("style", "css", "text/css; charset=utf-8", f"{shared}\n{own}")


@cache
def icon() -> Asset:
    """Give the icon of the browser's tab."""
    text = files("scheduler.web").joinpath("pages", "icon.svg").read_text(encoding="utf-8")
    return _asset("icon", "svg", "image/svg+xml", text)


def rendered(name: str, values: Mapping[str, object]) -> str:
    """Write a page from its template and values."""
    return _environment().get_template(f"{name}.jinja").render(**values, style=style().path, icon=icon().path)


@cache
def _environment() -> Environment:
    folder = files("scheduler.web").joinpath("pages")
    texts = {
        entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".jinja")
    }
    return Environment(
        loader=DictLoader(texts), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _asset(name: str, ending: str, media_type: str, text: str) -> Asset:
    body = text.encode()
    return Asset(f"/{name}-{hashlib.sha256(body).hexdigest()[:_DIGITS]}.{ending}", media_type, body)
