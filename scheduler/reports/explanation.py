"""Why one customer's plan is what it is, as sentences under headings and as a document.

Used by `tidegate explain`. Says what core.run.explain collected; judges nothing.
"""

from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from core.explained import Explained
from scheduler.reports import explanation_plan as planned
from scheduler.reports import summary
from scheduler.reports.explanation_changes import change_lines
from scheduler.reports.explanation_limit import limit_lines
from scheduler.reports.explanation_standing import spend_lines, standing_lines
from scheduler.reports.wording import clean, cloud, customer_id, shown_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One heading with its sentences; `name` is its key in the document."""

    name: str
    title: str
    lines: list[str]


def sections(explained: Explained) -> list[Section]:
    """Give everything in the order in which one thing leads to the next."""
    return [
        Section(name="limit", title="The limit", lines=limit_lines(explained)),
        Section(name="standing", title="How it stands at the vendor", lines=standing_lines(explained)),
        Section(name="spend", title="What is spent", lines=spend_lines(explained)),
        Section(name="target", title="What should stand", lines=planned.target_lines(explained)),
        Section(name="now", title="What would be done now", lines=planned.now_lines(explained)),
        Section(name="guards", title="Guards and approvals", lines=planned.guard_lines(explained)),
        Section(name="write_policy", title="What may be written", lines=planned.policy_lines(explained)),
        Section(name="quota", title="Credit to give out", lines=planned.quota_lines(explained)),
        Section(name="drift", title="Changed by others", lines=planned.drift_lines(explained)),
        Section(name="open", title="Open, disputed, paused", lines=planned.open_lines(explained)),
        Section(name="changes", title="The last changes", lines=change_lines(explained)),
    ]


def explanation_table(explained: Explained, *, show_names: bool) -> RenderableType:
    """Give it as something rich can print."""
    parts: list[RenderableType] = [_headline(explained, show_names=show_names)]
    for section in sections(explained):
        parts += [Text(""), Text(section.title, style="bold")]
        parts += [_sentence(line) for line in section.lines]
    parts += [Text(""), Text(summary.FOOTNOTE, style="dim")]
    if explained.name and not show_names:
        parts.append(Text(summary.MASKED, style="dim"))
    return Group(*parts)


def _headline(explained: Explained, *, show_names: bool) -> Text:
    facts = [shown_name(explained.name, show_names=show_names), cloud(explained.key.vendor), clean(explained.account)]
    text = Text(customer_id(explained.customer), style="bold")
    return text.append(f", {', '.join(fact for fact in facts if fact)}", style="not bold")


def _sentence(line: str) -> Padding:
    return Padding(Text(line), (0, 0, 0, 2), expand=False)
