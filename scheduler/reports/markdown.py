"""Markdown as GitHub reads it: texts from outside that stay text, long lists folded away, and no more than it takes.

Used by the Markdown form of the plan and of the reports.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.reports.wording import clean, plural, sentence

LONGEST = 65_536  # characters in GitHub's comments and descriptions; a longer one is refused
MANY = 20  # from more lines on a list is folded away
_GAP = re.compile(r"\n{3,}")
_NOTE_ROOM = 400  # characters for saying what was left out
_MARKS = re.compile(r"[\\`*\[\]|#@]|(?<![^\W_])_|_(?![^\W_])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a document: what stands before and after a list, and the list, which may be cut short.

    `what`, `many`: one of its items and several in words, for saying how many were left out. `title`: of the list.
    """

    before: Sequence[str] = ()
    items: Sequence[str] = ()
    after: Sequence[str] = ()
    what: str = "line"
    many: str | None = None
    title: str = ""


def document(sections: Sequence[Section], *, elsewhere: str, longest: int = LONGEST) -> str:
    """Put sections into one text ending in a newline; where it grew too long, items are left out and that is said.

    The first section's beginning is the document's, below which is said what was left out; the items that stand first
    in a list are kept. `elsewhere`: where everything is.
    """
    whole = _joined(sections, [len(section.items) for section in sections], "")
    if len(whole) <= longest:
        return whole
    shown = _fitting(sections, longest)
    missing = [
        plural(len(section.items) - count, section.what, section.many)
        for section, count in zip(sections, shown, strict=True)
        if count < len(section.items)
    ]
    note = (
        f"> **Not all of it is here:** GitHub takes {LONGEST:,} characters, this would be {len(whole):,}. "
        f"Left out: {', '.join(missing)}. {elsewhere}"
    )
    return _joined(sections, shown, note)


def code(text: str) -> str:
    """Put a text from outside into a code span."""
    return f"`{clean(text).replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def prose(text: str) -> str:
    """Write a sentence so that nothing in it is markup; an underscore within a word is none, and stays as it is."""
    escaped = sentence(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKS.sub(lambda found: f"\\{found[0]}", escaped)


def _joined(sections: Sequence[Section], shown: Sequence[int], note: str) -> str:
    lines: list[str] = []
    for place, (section, count) in enumerate(zip(sections, shown, strict=True)):
        lines += _section(section, count)
        if place == 0 and note:
            lines += [note, ""]
    text = "\n".join(lines).strip("\n")
    return _GAP.sub("\n\n", text) + "\n"


def _section(section: Section, count: int) -> list[str]:
    if not section.items:
        return [*section.before, *section.after]
    left_out = len(section.items) - count
    more = ["", f"… and {left_out:,} more."] if left_out else []
    listed = [*section.before, *section.items[:count], *more, *section.after]
    if not section.title:
        return listed
    if len(section.items) <= MANY:
        return [f"**{section.title}**", "", *listed, ""]
    title = f"{section.title} ({len(section.items):,})"
    return ["<details>", f"<summary><b>{title}</b></summary>", "", *listed, "", "</details>", ""]


def _fitting(sections: Sequence[Section], longest: int) -> list[int]:
    """Say how many items of each section fit: a fair share each, then whatever is left, in the sections' order."""
    shown = [0] * len(sections)
    room = longest - _NOTE_ROOM - len(_joined(sections, shown, ""))
    lengths = [[len(item) + 1 for item in section.items] for section in sections]
    waiting = sum(bool(section.items) for section in sections)
    for share in (True, False):
        for place, items in enumerate(lengths):
            budget = room // max(waiting, 1) if share and items else room
            waiting -= bool(items) and share
            for length in items[shown[place] :]:
                if length > budget:
                    break
                budget, room, shown[place] = budget - length, room - length, shown[place] + 1
    return shown
