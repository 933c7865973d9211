"""`tidegate release`: a person's word that a restriction is to be lifted, against simulated vendors."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from adapters.clouds.huawei.simulator import SimulatedHuawei
from adapters.sandbox.faults import Mode
from tests.surface.cli_rig import GRANTED, RAISED, STATED, UNLISTED, Rig, on_terminal, opened

UNFREEZE = "UnfreezeSubCustomers"
WORD = ("--why", "paid in full", "--who", "ann")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Two simulated vendors and a configuration."""
    with opened(tmp_path) as made:
        yield made


def huawei(rig: Rig) -> SimulatedHuawei:
    """Give the vendor whose console can freeze."""
    return cast("SimulatedHuawei", rig.vendors["huawei"])


def history(rig: Rig, customer_id: str) -> list[dict[str, str]]:
    """Give what explain says was changed last."""
    told = json.loads(rig.run("explain", customer_id, "--stored", "--format", "json").stdout)
    return cast("list[dict[str, str]]", told["changes"]["lines"])


def test_a_restriction_from_the_console_is_lifted_and_read_back(rig: Rig) -> None:
    """Without a terminal it does not ask; one sentence says that it was done, and the word is on record."""
    huawei(rig).console_freeze(STATED, resources=False)
    result = rig.run("release", STATED, *WORD)
    assert result.exit_code == 0, result.output
    assert f"Released: huawei/{STATED}; read back at " in result.stderr
    assert result.stdout == ""
    assert not huawei(rig).restricted(STATED)
    lines = history(rig, STATED)
    assert [line["what"] for line in lines] == ["release: applied and read back", "asked for a release"]
    assert [line["who"] for line in lines] == ["ann", "ann"]
    assert lines[-1]["why"] == "paid in full"


def test_resources_lifts_the_sort_that_stopped_them(rig: Rig) -> None:
    """With --resources one call is enough for a freeze of the resources."""
    huawei(rig).console_freeze(STATED, resources=True)
    assert rig.run("release", STATED, "--resources", *WORD).exit_code == 0
    assert not huawei(rig).restricted(STATED)
    assert huawei(rig).requests()[UNFREEZE] == 1


def test_the_other_sort_is_tried_once_where_the_first_is_refused(rig: Rig) -> None:
    """Which sort it is cannot be read, so a refusal for its sort is followed by the other, and no third."""
    huawei(rig).console_freeze(STATED, resources=True)
    assert rig.run("release", STATED, *WORD).exit_code == 0
    assert not huawei(rig).restricted(STATED)
    assert huawei(rig).requests()[UNFREEZE] == 2


def test_who_is_not_restricted_is_not_released(rig: Rig) -> None:
    """Nothing is sent, and it ends with 4 and the reason."""
    result = rig.run("release", STATED, *WORD)
    assert result.exit_code == 4
    assert f"huawei/{STATED} is not restricted" in result.stderr
    assert rig.writes() == 0


def test_a_vendor_that_releases_by_itself_is_not_called(rig: Rig) -> None:
    """Where a raise lifts a suspension there is no call for it, and the sentence says so."""
    result = rig.run("release", GRANTED, *WORD)
    assert result.exit_code == 4
    assert "Tencent Cloud lifts a suspension by itself once the credit is raised" in result.stderr


def test_a_pause_holds_a_release_too(rig: Rig) -> None:
    """A person's word against another's: the pause stands until it is ended."""
    huawei(rig).console_freeze(STATED, resources=False)
    rig.run("pause", "--customer", STATED, "--why", "under review", "--who", "li")
    result = rig.run("release", STATED, *WORD)
    assert result.exit_code == 4
    assert "not done: somebody paused it: by li: under review" in result.stderr
    assert huawei(rig).restricted(STATED)


def test_a_refused_release_ends_with_4_and_the_vendors_words(rig: Rig) -> None:
    """What the vendor refuses is told, and nothing is tried for ever."""
    huawei(rig).console_freeze(STATED, resources=False)
    huawei(rig).faults.plan(UNFREEZE, Mode.REFUSAL, times=2)
    result = rig.run("release", STATED, *WORD)
    assert result.exit_code == 4
    assert "the vendor refused it: " in result.stderr
    assert huawei(rig).restricted(STATED)


def test_a_lost_answer_is_found_out_and_never_sent_twice(rig: Rig) -> None:
    """Where the answer was lost, what the vendor shows afterwards decides; one call was made."""
    rig.edit('quarantine = "1s"', 'quarantine = "10m"')
    huawei(rig).console_freeze(STATED, resources=False)
    huawei(rig).faults.plan(UNFREEZE, Mode.RESET_BEFORE)
    result = rig.run("release", STATED, *WORD)
    assert result.exit_code == 4
    assert f"huawei/{STATED}: outcome not known yet" in result.stderr
    assert "`tidegate apply` settles it from" in result.stderr
    assert huawei(rig).requests()[UNFREEZE] == 1
    again = rig.run("release", STATED, *WORD)
    assert again.exit_code == 4
    assert "the outcome of an earlier change is not known yet" in again.stderr
    assert huawei(rig).requests()[UNFREEZE] == 1


def test_a_release_needs_a_reason_and_a_known_customer(rig: Rig) -> None:
    """Without --why, for a customer without a limit or for nobody, nothing is asked of a vendor."""
    assert rig.run("release", STATED).exit_code == 2
    unlisted = rig.run("release", UNLISTED, *WORD)
    assert unlisted.exit_code == 2
    assert "no limit is written for it in any account" in unlisted.stderr
    nearly = rig.run("release", f"{RAISED[:-1]}7", *WORD)
    assert nearly.exit_code == 2
    assert f"did you mean {RAISED}?" in nearly.stderr
    elsewhere = rig.run("release", RAISED, "--account", "tencent-main", *WORD)
    assert elsewhere.exit_code == 2
    assert rig.asked() == 0


def test_on_a_terminal_it_asks_and_no_means_no(rig: Rig) -> None:
    """Whoever answers no has changed nothing, and nothing was asked of the vendor."""
    huawei(rig).console_freeze(STATED, resources=False)
    code, screen = on_terminal(("release", STATED, *WORD, "-c", str(rig.config)), "n\n")
    assert code == 0, screen
    assert "Lift the restriction of huawei/" in screen
    assert "Nothing was changed." in screen
    assert huawei(rig).restricted(STATED)
    assert rig.asked() == 0


def test_on_a_terminal_yes_is_not_asked(rig: Rig) -> None:
    """With --yes it goes ahead at once."""
    huawei(rig).console_freeze(STATED, resources=False)
    code, screen = on_terminal(("release", STATED, "--yes", *WORD, "-c", str(rig.config)), "")
    assert code == 0, screen
    assert "Released: " in screen
    assert not huawei(rig).restricted(STATED)


@pytest.mark.parametrize("words", [("release", STATED), ("pause", "--all")])
@pytest.mark.parametrize("why", ["  ", "…", " ... "])
def test_a_word_must_say_something(rig: Rig, words: tuple[str, ...], why: str) -> None:
    """An empty reason, or an example's dots, is refused before anything is asked: it would stand for ever."""
    result = rig.run(*words, "--why", why)
    assert (result.exit_code, rig.asked()) == (2, 0)
    assert "it says nothing" in result.stderr


def test_it_says_that_the_next_run_would_undo_it(rig: Rig) -> None:
    """Who spent its amount under `freeze` is frozen again by the next run, and whoever releases it is told so first."""
    rig.config.write_text(
        rig.config.read_text().replace(
            'vendor = "huawei"', 'vendor = "huawei"\nagreement = { by = "ann", date = 2026-01-31 }'
        )
    )
    rig.limits.write_text(rig.limits.read_text().replace("4000.00,restrict", "100.00,freeze"))
    rig.run("apply", "--yes")
    huawei(rig).console_freeze(STATED, resources=True)
    said = rig.run("release", STATED, "--resources", *WORD).stderr
    assert f"huawei/{STATED} has spent 100.00 of 100.00: the next run freezes it again" in said
