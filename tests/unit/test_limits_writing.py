"""A written limits file is read back as the same limits, and runs nothing in a spreadsheet."""

import csv
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.clouds.registry import VENDORS
from adapters.limits import LimitsFileExistsError, limits_csv, read_limits, write_limits
from core.limit import Customer, CustomerKey, Kind, Limit
from core.money import Money
from tests.unit.limit_terms import any_limit

ACCOUNTS = {"h": VENDORS["huawei"], "t": VENDORS["tencent"]}
LIMIT = Limit(account="h", customer=Customer(CustomerKey("huawei", "c1")), kind=Kind.MONTHLY, amount=Money(12345))
LIMITS = st.lists(any_limit(), min_size=1, max_size=5, unique_by=lambda limit: limit.key)


@given(LIMITS)
def test_written_limits_are_read_back_as_they_were(limits: list[Limit]) -> None:
    """For any limits, what is written is read as the same, down to names that look like formulas."""
    with tempfile.TemporaryDirectory() as folder:
        assert write_limits(Path(folder) / "limits.csv", limits) == len(limits)
        found = read_limits(["limits.csv"], base=Path(folder), accounts=ACCOUNTS)
    assert not found.faults
    assert [replace(limit, source=None) for limit in found.limits] == limits


@given(LIMITS)
def test_no_cell_begins_like_a_formula(limits: list[Limit]) -> None:
    """Nothing a vendor's customer named itself is run when the file is opened in a spreadsheet."""
    rows = list(csv.reader(limits_csv(limits).splitlines()))
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r")]


def test_line_breaks_in_names_become_spaces() -> None:
    """A row is one line, whatever a vendor sends as a name."""
    written = limits_csv([replace(LIMIT, name="A\r\nB\x00\t C ")])
    assert written == "account,customer_id,kind,amount,on_exhaustion,name\nh,c1,monthly,123.45,,A B C\n"


def test_optional_columns_appear_where_they_are_needed() -> None:
    """A plain file has the five columns of the documentation and no others."""
    assert limits_csv([LIMIT]) == "account,customer_id,kind,amount,on_exhaustion\nh,c1,monthly,123.45,\n"


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    """Importing never overwrites what somebody wrote."""
    path = tmp_path / "limits.csv"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(LimitsFileExistsError, match="is there already"):
        write_limits(path, [LIMIT])
    assert path.read_text(encoding="utf-8") == "mine"
