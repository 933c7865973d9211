"""A quarter of both vendors in one store, daily runs, as `make year` plays a whole year: every cent is explained."""

from tests.scenario.year_story import open_year, unexplained

QUARTER = 97  # from 28 December into April, over four month ends and a 29 February


def test_after_a_quarter_of_both_vendors_every_cent_is_explained() -> None:
    """Books, closed months, intents and the chain of records agree with what truly happened to 20 customers."""
    year = open_year(20)
    year.play(QUARTER)
    assert list(unexplained(year)) == []
    assert year.outages > 10
    assert year.consoles > 5
