"""The documents say what there is: commands, options, exit codes, reasons, keys, columns, files, a plan as printed."""

import io
import re
from pathlib import Path

import click
import pytest
from rich.console import Console

from adapters.clouds.registry import VENDORS
from adapters.limits.columns import COLUMNS
from core.plan import HoldReason
from core.run.reconcile import survey
from core.run.world import Request
from scheduler import bootstrap
from scheduler.cli import endings
from scheduler.cli.demo import SCENES
from scheduler.cli.entry import COMMANDS, command_line
from scheduler.cli.planning import FORMATS
from scheduler.config.approvals import ApprovalSection
from scheduler.config.outlets import AlertsSection, ChannelSection, WebSection
from scheduler.config.sections import (
    AccountSection,
    AgreementSection,
    AmountCap,
    CountCap,
    GuardsSection,
    IndirectPartnerSection,
    TidegateSection,
)
from scheduler.reports.plan_table import plan_table
from scheduler.sandbox import served

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "scheduler" / "README.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "config.example.toml").read_text(encoding="utf-8")
SHOWN = "$ tidegate plan --show-names\n"
WIDTH = 100  # the table in the README was printed at this many characters
SECTIONS = (
    TidegateSection,
    AccountSection,
    AgreementSection,
    IndirectPartnerSection,
    ApprovalSection,
    GuardsSection,
    WebSection,
    AlertsSection,
    ChannelSection,
    CountCap,
    AmountCap,
)
KEYS = {name for model in SECTIONS for name in model.model_fields} | {
    name for vendor in VENDORS.values() for name in vendor.settings.model_fields
}


def options(command: str) -> list[str]:
    """Give a command's options by their long names."""
    found = command_line.get_command(click.Context(command_line), command)
    assert found is not None
    return [name for each in found.params for name in each.opts if name.startswith("--")]


def codes(text: str) -> set[int]:
    """Give the exit codes of a document's table."""
    return {int(code) for code in re.findall(r"^\| (\d) \|", text, flags=re.MULTILINE)}


def named_files(text: str, folder: Path) -> list[str]:
    """Give what a document in a folder names as files or folders, each in a code span."""
    spans = set(re.findall(r"`([\w<>./-]+)`", text))
    rows = re.search(r"## The files\n\n(.*?)(?:\n\n|\Z)", text, flags=re.DOTALL)
    modules = re.findall(r"`([\w/]+)`", rows[1]) if rows else []
    paths = {span for span in spans if "/" in span or span.endswith((".py", ".md", ".toml"))}
    return sorted(paths | {f"{folder.name}/{name}" for name in modules})


def exists(name: str, folder: Path) -> bool:
    """Whether a file or folder of this name is there: from the root, the folder, or in every vendor's folder."""
    places = [ROOT, folder, folder / "run"]
    clouds = ROOT / "adapters" / "clouds"
    if any((place / name).exists() or (place / f"{name}.py").exists() for place in places):
        return True
    return all((clouds / each / name.removeprefix("clouds/<vendor>/")).exists() for each in VENDORS)


def test_every_command_stands_in_the_readme_with_its_help() -> None:
    """The README's table is the list of `tidegate --help`, word for word."""
    table = re.findall(r"^\| `tidegate ([a-z]+)` \| (.+) \|$", README, flags=re.MULTILINE)
    assert table == [(name, entry.line) for name, entry in COMMANDS.items()]


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_every_option_of_plan_and_apply_is_documented(command: str) -> None:
    """The two commands that matter most have no option that one must guess."""
    assert [name for name in options(command) if f"{name}`" not in README and f"{name} " not in README] == []


def test_every_form_of_a_plan_is_documented() -> None:
    """The README names each form that `--format` takes."""
    (row,) = re.findall(r"^\| `plan --format` \| (.+) \|$", README, flags=re.MULTILINE)
    assert [form for form in FORMATS if f"`{form}`" not in row] == []


@pytest.mark.parametrize("document", [README, OPERATING], ids=["README", "scheduler/README"])
def test_every_exit_code_is_documented(document: str) -> None:
    """Both tables of exit codes are whole, and hold no code that is never given."""
    given = {endings.DONE, endings.FAILED, endings.USAGE, endings.PENDING, endings.ATTENTION}
    assert codes(document) == given


def test_every_reason_for_not_doing_says_what_to_do() -> None:
    """Each word that a plan's JSON may give as a reason has a row in the runbook, and no other word has."""
    table = OPERATING[OPERATING.index("| reason |") :].split("\n\n", 1)[0]
    words = {word for row in table.splitlines()[2:] for word in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert words == {reason.word for reason in HoldReason}


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_key_of_the_configuration_is_shown(key: str) -> None:
    """Each key that can be written stands in the example, with its place and form."""
    assert re.search(rf"\b{key} = |\[(accounts\.[a-z-]+\.|alerts\.)?{key}\]", EXAMPLE)


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_of_the_limits_is_documented(column: str) -> None:
    """Each column that a limits file may have stands in the README's table."""
    table = README[README.index("| column |") :].split("\n\n", 1)[0]
    assert f"`{column}`" in table


@pytest.mark.parametrize("folder", ["core", "adapters"])
def test_the_files_that_a_readme_names_exist(folder: str) -> None:
    """A reader who follows a name in a package's README finds it."""
    text = (ROOT / folder / "README.md").read_text(encoding="utf-8")
    named = named_files(text, ROOT / folder)
    assert len(named) > 10
    assert [name for name in named if not exists(name, ROOT / folder)] == []


def test_the_plan_in_the_readme_is_what_the_demo_prints(tmp_path: Path) -> None:
    """The README's plan is the demo's own, line for line, at the width of an ordinary screen."""
    with served(tmp_path, SCENES, ports={}, enforce_rates=False) as made:
        settings = bootstrap.load(made.config)
        with bootstrap.compose(settings, observe_only=True) as world:
            plan = survey(world, settings.limits, Request(command="plan", who="reader"))
    console = Console(file=io.StringIO(), width=WIDTH, highlight=False, emoji=False, markup=False, no_color=True)
    with console.capture() as captured:
        console.print(plan_table(plan, width=WIDTH, show_names=True))
    printed = [line.rstrip() for line in captured.get().rstrip().splitlines()]
    block = README.split(f"```\n{SHOWN}", 1)[1].split("```", 1)[0]
    assert [line.rstrip() for line in block.rstrip().splitlines()] == printed
