"""The alerting rules for Prometheus speak of metrics, labels and headings that there are."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]  # read here alone, and checked below

from scheduler.web.measures import Form
from scheduler.web.metrics import MEASURES
from tests.unit.scrapes import troubled

ROOT = Path(__file__).resolve().parents[2]
RULES_FILE = ROOT / "scheduler" / "deploy" / "tidegate.rules.yml"
CASES_FILE = Path(__file__).with_name("rules_cases.yml")
OPERATING = (ROOT / "scheduler" / "README.md").read_text(encoding="utf-8")
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian: prometheus)")

SERIES = {
    name: frozenset(measure.labels)
    for measure in MEASURES
    for name in ((f"{measure.name}_count", f"{measure.name}_sum") if measure.form is Form.SUMMARY else (measure.name,))
}
# What Prometheus itself puts on every series.
TARGET = frozenset({"job", "instance"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule as written."""

    name: str
    expression: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]

    @property
    def metrics(self) -> frozenset[str]:
        """The series that its expression names."""
        return frozenset(re.findall(r"\b(?:tidegate_\w+|process_\w+|up)\b", self.expression))


def rules() -> list[Rule]:
    """Read the file."""
    groups = yaml.safe_load(RULES_FILE.read_text(encoding="utf-8"))["groups"]
    return [
        Rule(name=rule["alert"], expression=rule["expr"], labels=rule["labels"], annotations=rule["annotations"])
        for group in groups
        for rule in group["rules"]
    ]


RULES = rules()
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def test_every_rule_has_a_name_of_its_own() -> None:
    """Each name begins with ours and is there once."""
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"Tidegate[A-Za-z]+", name) for name in names)


@each_rule
def test_a_rule_asks_for_metrics_that_there_are(rule: Rule) -> None:
    """Every series in an expression is shown by the daemon, with the labels and values that are matched."""
    assert rule.metrics
    assert rule.metrics <= {*SERIES, "up"}
    for name, matched in re.findall(r"(tidegate_\w+)\{([^}]*)\}", rule.expression):
        for label, value in re.findall(r'(\w+)="([^"]*)"', matched):
            shown = {dict(labels).get(label) for labels in troubled()[name]}
            # A word that may well be missing today is one that the documents know.
            assert value in shown or f"`{value}`" in OPERATING


@each_rule
def test_a_rule_tells_only_labels_that_its_series_have(rule: Rule) -> None:
    """Whatever is put into a text or summed by is a label of every series that the expression names."""
    told = set(re.findall(r"\$labels\.(\w+)", " ".join(rule.annotations.values())))
    summed = {label for names in re.findall(r"by \(([^)]*)\)", rule.expression) for label in re.findall(r"\w+", names)}
    for name in rule.metrics - {"up"}:
        assert told | summed <= SERIES[name] | TARGET
    if summed:
        assert told <= summed


@each_rule
def test_a_rule_says_how_grave_it_is_what_it_means_and_where_to_read_on(rule: Rule) -> None:
    """Severity is one of two words; summary, description and the runbook's heading are there."""
    assert rule.labels.keys() == {"severity"}
    assert rule.labels["severity"] in {"warning", "critical"}
    assert rule.annotations.keys() == {"summary", "description", "runbook"}
    assert rule.annotations["description"].endswith(".")
    assert not rule.annotations["summary"].endswith(".")


def test_the_rules_name_headings_of_the_runbook() -> None:
    """Whoever is woken finds the section by its name."""
    named = {rule.annotations["runbook"] for rule in RULES}
    assert sorted(name for name in named if f"## {name}\n" not in OPERATING) == []


def test_every_rule_has_a_case_in_which_it_fires() -> None:
    """The cases that Prometheus' own tool plays through expect each rule at least once."""
    cases = yaml.safe_load(CASES_FILE.read_text(encoding="utf-8"))["tests"]
    samples = [sample for case in cases for each in case.get("promql_expr_test", ()) for sample in each["exp_samples"]]
    fired = {name for sample in samples for name in re.findall(r'alertname="(\w+)"', sample["labels"])}
    assert fired == {rule.name for rule in RULES}


@needs_promtool
def test_prometheus_takes_the_rules() -> None:
    """Its own tool finds nothing wrong with expressions and texts."""
    _promtool("check", "rules", str(RULES_FILE))


@needs_promtool
def test_the_rules_fire_when_they_should_and_not_before() -> None:
    """Played through by Prometheus' own tool, over hours."""
    _promtool("test", "rules", str(CASES_FILE))


def _promtool(*arguments: str) -> None:
    assert PROMTOOL is not None
    ended = subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, check=False)  # noqa: S603 - a tool of the system
    assert ended.returncode == 0, ended.stdout + ended.stderr
