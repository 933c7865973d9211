"""README's tables of the vendors' manuals hold every sentence, and name the scenarios that there are, all of them."""

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.scenario.manual_sentences import HUAWEI, TENCENT

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "tests" / "scenario"
SECTION = "## The vendors' manuals, sentence by sentence\n"
PAGES = {"Huawei Cloud": ("test_manual_huawei*.py", HUAWEI), "Tencent Cloud": ("test_manual_tencent*.py", TENCENT)}
COLUMNS = "| the manual says | Tidegate does or says | scenario |"

every_page = pytest.mark.parametrize("page", PAGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table."""

    sentence: str
    answer: str
    scenarios: tuple[str, ...]


def rows(page: str) -> list[Row]:
    """Read one page's table in the README."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").split(SECTION, 1)[1].split("\n## ", 1)[0]
    table = section.split(f"### {page}: ", 1)[1].split("\n### ", 1)[0]
    found = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ") and line != COLUMNS]
    return [
        Row(sentence=said.strip(), answer=does.strip(), scenarios=tuple(name.strip(" `") for name in names.split(",")))
        for said, does, names in found
    ]


def scenarios(page: str) -> list[str]:
    """Name the scenarios of one page."""
    files = sorted(SCENARIOS.glob(PAGES[page][0]))
    nodes = [node for file in files for node in ast.parse(file.read_text(encoding="utf-8")).body]
    return [node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


@every_page
def test_every_sentence_of_the_manual_stands_in_the_readme(page: str) -> None:
    """The table has the page's sentences, none left out and none added, in the page's order, each with an answer."""
    assert [row.sentence for row in rows(page)] == list(PAGES[page][1])
    assert all(row.answer for row in rows(page))


@every_page
def test_every_scenario_of_the_manual_stands_in_the_readme(page: str) -> None:
    """Every test that the table names is there, and every scenario of the page is named by it."""
    names = scenarios(page)
    assert len(names) == len(set(names))
    assert {name for row in rows(page) for name in row.scenarios} == set(names)
