"""Writes the parts of the documents that come from the code, between their marks; a test holds them to it.

`make papers` runs it. A part begins with `<!-- generated: NAME -->` and ends with `<!-- end -->`.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
_END = "<!-- end -->"
WIDTH = 96  # of the help texts: what fits into a code block on a narrow page


def help_texts() -> str:
    """Give every command's help, each folded away under its name."""
    from scheduler.cli.entry import COMMANDS, command_line  # noqa: PLC0415 - only after the path is set, see below

    parts = []
    group = command_line.make_context("tidegate", [], resilient_parsing=True)
    for name, entry in COMMANDS.items():
        command = command_line.get_command(group, name)
        assert command is not None
        # Below its group, as when it is called: from there come the names of its help option.
        context = click.Context(command, info_name=name, parent=group, terminal_width=WIDTH, max_content_width=WIDTH)
        text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        summary = f"<summary><code>tidegate {name}</code>: {entry.line}</summary>"
        parts.append(f"<details>{summary}\n\n```text\n{text}\n```\n\n</details>")
    return "\n\n".join(parts)


def metrics() -> str:
    """Give the table of every metric."""
    from tests.house.metrics_table import metrics_table  # noqa: PLC0415 - as above

    return metrics_table().rstrip()


PARTS: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "README.md": {"help": help_texts},
    "scheduler/README.md": {"metrics": metrics},
}


def written(document: str) -> str:
    """Give a document as it is to be: everything a person wrote, and the generated parts anew."""
    text = (ROOT / document).read_text(encoding="utf-8")
    for name, make in PARTS[document].items():
        begin = f"<!-- generated: {name} -->\n"
        if begin not in text or _END not in text.split(begin, 1)[1]:
            message = f"{document} has no part {name}: write {begin.strip()} and {_END} where it is to stand"
            raise ValueError(message)
        before, rest = text.split(begin, 1)
        text = f"{before}{begin}\n{make()}\n\n{_END}{rest.split(_END, 1)[1]}"
    return text


def main() -> None:
    """Write every document that has generated parts."""
    for document in PARTS:
        (ROOT / document).write_text(written(document), encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
