"""A report as a page: one file that opens in any browser, on a phone and on paper, and asks nobody for anything.

Used by the plan, the month's report and what `sync` would have sent. `page.jinja` is the frame, each report fills it
with a template of its own; the style is `base.css` and the report's own rules. Jinja escapes every value, and the
page's own policy allows its style sheet and nothing else: no script, no picture from elsewhere, no form.
"""

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup, escape

_TIME = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?(?: UTC)?)?")


def page(name: str, **values: object) -> str:
    """Write a report's page from `<name>.jinja` and `<name>.css`, where there is one, with these values."""
    style = _style(name)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _environment().get_template(f"{name}.jinja").render(**values, style=style, style_hash=digest)


@cache
def _style(name: str) -> str:
    folder = files("scheduler.reports")
    sheets = [folder.joinpath(f"{each}.css") for each in ("base", name)]
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets if sheet.is_file())


@cache
def _environment() -> Environment:
    folder = files("scheduler.reports")
    texts = {each.name: each.read_text(encoding="utf-8") for each in folder.iterdir() if each.name.endswith(".jinja")}
    environment = Environment(
        loader=DictLoader(texts), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["dated"] = dated
    return environment


def dated(text: str) -> Markup:
    """Escape a sentence and keep each of its times whole: browsers break lines at the hyphens of a date."""
    return Markup(_TIME.sub(lambda found: f"<time>{found[0]}</time>", str(escape(text))))  # noqa: S704 - escaped
