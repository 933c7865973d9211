"""Limits from CSV: what a spreadsheet writes is read, what it spoils is told by row and column."""

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.clouds.registry import VENDORS, Vendor
from adapters.limits import LimitFault, LimitsRead, read_limits
from core.limit import (
    Dated,
    Kind,
    OnExhaustion,
    Overrun,
    Release,
    Source,
    Temporary,
    TopUp,
    WritePolicy,
)
from core.money import Money

ACCOUNTS: Mapping[str, Vendor | None] = {
    "h": VENDORS["huawei"],
    "t": VENDORS["tencent"],
    "t2": VENDORS["tencent"],
    "x": None,
}
HEADER = "account,customer_id,kind,amount,on_exhaustion\n"


def read(folder: Path, content: str | bytes, *patterns: str) -> LimitsRead:
    """Read one file limits.csv, or the patterns given."""
    written = content if isinstance(content, bytes) else content.encode()
    (folder / "limits.csv").write_bytes(written)
    return read_limits(patterns or ["limits.csv"], base=folder, accounts=ACCOUNTS)


def faults_of(folder: Path, content: str | bytes) -> list[tuple[int, str | None, str]]:
    """Give (line, column, sentence) of every fault."""
    return [(fault.line, fault.column, fault.sentence) for fault in read(folder, content).faults]


def test_a_row_becomes_a_limit(tmp_path: Path) -> None:
    """Every column arrives, with the place it was written at."""
    header = f"name,{HEADER[:-1]},write_policy,non_stop,allow_zero,indirect_partner_id,changed_by,reason\n"
    row = "Ü Ltd,h,c1,monthly,100.5,restrict,lower_only,false,TRUE,p1,Ann,more room\n"
    (limit,) = read(tmp_path, header + row).limits
    assert (limit.account, str(limit.key), limit.kind, limit.amount) == ("h", "huawei/c1", Kind.MONTHLY, Money(10050))
    assert limit.on_exhaustion is OnExhaustion.RESTRICT
    assert limit.write_policy is WritePolicy.LOWER_ONLY
    assert (limit.non_stop, limit.allow_zero) == (False, True)
    assert limit.customer.indirect_partner_id == "p1"
    assert (limit.name, limit.changed_by, limit.reason) == ("Ü Ltd", "Ann", "more room")
    assert limit.source == Source("limits.csv", 2)


def test_a_row_with_everything_that_may_be_said_of_a_limit(tmp_path: Path) -> None:
    """Overrun, earlier spend, release, topping up, a temporary and a later amount arrive as they were written."""
    more = {
        "overrun_max": "40.5",
        "spent_before": "12",
        "since": "2026-11-01",
        "release": "manual",
        "top_up": "25",
        "top_up_below": "10",
        "top_up_max": "200",
        "temporary_amount": "300",
        "temporary_from": "2026-12-01",
        "temporary_until": "2026-12-15",
        "next_amount": "120",
        "next_from": "2027-01-01",
    }
    content = f"{HEADER[:-1]},{','.join(more)}\nt,200000000011,one_time,100,alert,{','.join(more.values())}\n"
    (limit,) = read(tmp_path, content).limits
    assert (limit.overrun, limit.spent_before, limit.since) == (Overrun(Money(4050)), Money(1200), date(2026, 11, 1))
    assert (limit.release, limit.onboard) == (Release.MANUAL, False)
    assert limit.top_up == TopUp(step=Money(2500), below=Decimal(10), most=Money(20000))
    assert limit.temporary == Temporary(amount=Money(30000), until=date(2026, 12, 15), starts=date(2026, 12, 1))
    assert limit.later == Dated(Money(12000), date(2027, 1, 1))


def test_empty_cells_are_not_given(tmp_path: Path) -> None:
    """An empty cell of an optional column says nothing."""
    (limit,) = read(tmp_path, HEADER + "t,200000000011,credit_line,50,\n").limits
    given = (limit.on_exhaustion, limit.write_policy, limit.name, limit.customer.indirect_partner_id)
    assert given == (None, None, None, None)


def test_optional_cells_may_be_left_out_at_the_end(tmp_path: Path) -> None:
    """A row that ends before an optional column says nothing there; one that ends before a required one is told."""
    header = HEADER[:-1] + ",allow_zero,reason\n"
    given, empty = read(tmp_path, header + "t,200000000011,credit_line,0,,true\nh,c1,monthly,5,\n").limits
    assert (given.allow_zero, given.reason, empty.allow_zero) == (True, None, False)
    ((line, _, sentence),) = faults_of(tmp_path, header + "h,c1,monthly,5\n")
    assert line == 2
    assert sentence.startswith("the row ends early: on_exhaustion, allow_zero, reason is missing")


@pytest.mark.parametrize(
    "content",
    [
        ("\ufeff" + HEADER + "h,c1,monthly,5,\n").encode(),
        (HEADER + "h,c1,monthly,5,\n").replace("\n", "\r\n").encode(),
        (HEADER + "h,c1,monthly,5,").encode(),
        (HEADER + "\n,,,,\n h , c1 ,monthly, 5 ,\n\n").encode(),
        (HEADER + '"h","c1","monthly","5",""\n').encode(),
        (HEADER + "h,'c1,monthly,5,\n").replace("'c1", "c1").encode(),
    ],
)
def test_what_spreadsheets_write_is_accepted(tmp_path: Path, content: bytes) -> None:
    """A byte order mark, Windows line ends, blank rows, quotes and spaces around cells change nothing."""
    found = read(tmp_path, content)
    assert not found.faults
    assert [(str(limit.key), limit.amount) for limit in found.limits] == [("huawei/c1", Money(500))]


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ('h,c1,monthly,"12,500.00",', "amount", "'12,500.00' is not an amount: write 12500.00"),
        ('h,c1,monthly,"12.500,00",', "amount", "write 12500.00"),
        ('h,c1,monthly,"12500,5",', "amount", "write 12500.5"),
        ("h,c1,monthly,12 500,", "amount", "write 12500"),
        ("h,c1,monthly,1'250'000.50,", "amount", "write 1250000.50"),
        ("h,c1,monthly,$12.50,", "amount", "write 12.50"),
        ("h,c1,monthly,12.50 USD,", "amount", "write 12.50"),
        ("h,c1,monthly,1.25E+04,", "amount", "write 12500"),
        ("h,c1,monthly,12.345,", "amount", "at most two decimals"),
        ("h,c1,monthly,-5,", "amount", "-5 is negative"),
        ("h,c1,monthly,-0.01,", "amount", "negative"),
        ("h,c1,monthly,abc,", "amount", "write digits and a point"),
        ("h,c1,monthly,\u0661\u0662,", "amount", "plain digits"),
        ("h,c1,monthly,NaN,", "amount", "not an amount"),
        ("h,c1,monthly,12345678901234567890123,", "amount", "not an amount"),
        ("h,c1,monthly,9999999999.00,", "amount", "the largest amount"),
        ("h,c1,monthly,,", "amount", "empty"),
        ("h,c1,monthly,0,", "amount", "allow_zero = true"),
        ("t,200000000011,credit_line,0.00,", "amount", "allow_zero = true"),
        ("h,,monthly,5,", "customer_id", "empty"),
        ("h,a b,monthly,5,", "customer_id", "no spaces"),
        ("t,abc,credit_line,5,", "customer_id", "digits only"),
        ("t,2.00000000011E+11,credit_line,5,", "customer_id", "format the column as text"),
        ("h,2E+11,monthly,5,", "customer_id", "format the column as text"),
        ("t,200000000011.0,credit_line,5,", "customer_id", "write 200000000011"),
        ('t,"200,000,000,011",credit_line,5,', "customer_id", "write 200000000011"),
        ("z,c1,monthly,5,", "account", "there is no account 'z' in the configuration: write h or t or t2 or x"),
        (",c1,monthly,5,", "account", "empty"),
        ("h,c1,weekly,5,", "kind", "write credit_line or monthly or one_time"),
        ("h,c1,Monthly,5,", "kind", "write credit_line or monthly or one_time"),
        ("h,c1,,5,", "kind", "empty"),
        ("h,c1,credit_line,5,", "kind", "choose monthly or one_time"),
        ("t,200000000011,monthly,5,", "on_exhaustion", "write alert, freeze, restrict"),
        ("h,c1,monthly,5,stop", "on_exhaustion", "write alert or freeze or restrict"),
        ("t,200000000011,credit_line,5,alert", "overrun_max", "write overrun_max"),
        ("t,200000000011,credit_line,5,restrict", "on_exhaustion", "Write non_stop = true"),
        ('h,"c\n1",monthly,5,', "customer_id", "line break"),
        (f"h,{'c' * 300},monthly,5,", "customer_id", "at most"),
    ],
)
def test_one_wrong_cell_is_told_by_row_and_column(tmp_path: Path, row: str, column: str, words: str) -> None:
    """A cell that cannot be used is told with its row, its column and what to write instead; the next row is read."""
    found = read(tmp_path, f"{HEADER}{row}\nh,other,monthly,1,\n")
    assert [str(limit.key) for limit in found.limits] == ["huawei/other"]
    assert {(fault.file, fault.line, fault.column) for fault in found.faults} == {("limits.csv", 2, column)}
    assert words in found.faults[0].sentence


def test_a_hexadecimal_id_that_looks_scientific_is_an_id(tmp_path: Path) -> None:
    """Only what spreadsheets write, with a sign in the exponent, is taken for a spoilt id."""
    assert not faults_of(tmp_path, HEADER + "h,12345678e90,monthly,5,\nh,1e5,monthly,5,\n")


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("allow_zero", "yes", "write true or false"),
        ("allow_zero", "True", "write true"),
        ("non_stop", "1", "write true or false"),
        ("write_policy", "none", "write lower_only or observe or raise_only or sync"),
        ("indirect_partner_id", "2.0E+11", "format the column as text"),
        ("name", "a\x1b[31m", "control character"),
    ],
)
def test_a_wrong_optional_cell_is_told(tmp_path: Path, column: str, cell: str, words: str) -> None:
    """Optional cells are judged as strictly as the others."""
    ((line, where, sentence),) = faults_of(tmp_path, f"{HEADER[:-1]},{column}\nh,c1,monthly,5,,{cell}\n")
    assert (line, where) == (2, column)
    assert words in sentence


def test_non_stop_contradicts_the_vendors_freeze(tmp_path: Path) -> None:
    """Where exhaustion stops a customer, one that never stops is a contradiction."""
    ((_, column, sentence),) = faults_of(tmp_path, f"{HEADER[:-1]},non_stop\nt,200000000011,credit_line,5,,true\n")
    assert column == "non_stop"
    assert "non_stop" in sentence


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", 0, "the file is empty"),
        (b"\n\n", 0, "the file is empty"),
        (HEADER, 0, "no limits"),
        (HEADER + ",,,,\n\n", 0, "no limits"),
        (HEADER.replace(",", ";") + "h;c1;monthly;5;\n", 1, "separated by semicolons"),
        (HEADER.replace(",", "\t") + "h\tc1\tmonthly\t5\t\n", 1, "separated by tabs"),
        (HEADER.replace("amount", "Amount"), 1, "write amount"),
        (HEADER.replace("amount", "ammount"), 1, "write amount"),
        (HEADER.replace(",on_exhaustion", ""), 1, "the header lacks on_exhaustion"),
        (HEADER.replace("kind", "account"), 1, "twice"),
        (HEADER[:-1] + ",\n", 1, "column 6 has no name"),
        (HEADER[:-1] + ",pool\n", 1, "pool is not available in this version"),
        (HEADER[:-1] + ",colour\n", 1, "the columns are account"),
        (HEADER + "h,c1,monthly\n", 2, "amount, on_exhaustion is missing"),
        (HEADER + "h,c1,monthly,12,500.00,\n", 2, "an amount has no comma"),
        (HEADER + 'h,"c1"x,monthly,5,\n', 2, "check the quotes"),
        (HEADER.encode() + b"h,c1,monthly,5,\nh,c\xe9,monthly,5,\n", 3, "this line is not UTF-8"),
        (HEADER.encode("utf-16"), 1, "the file is UTF-16"),
    ],
)
def test_a_file_of_the_wrong_form_is_told(tmp_path: Path, content: str | bytes, line: int, words: str) -> None:
    """Empty files, other separators, odd headers, short and long rows and other encodings are told by line."""
    found = faults_of(tmp_path, content)
    assert any(fault[0] == line and words in fault[2] for fault in found), found


def test_a_customer_has_one_limit(tmp_path: Path) -> None:
    """A customer listed twice is told with both places, also across files, accounts and rows with other faults."""
    (tmp_path / "more.csv").write_text(HEADER + "t2,200000000011,credit_line,5,\nh,c1,monthly,x,\n", encoding="utf-8")
    found = read(tmp_path, HEADER + "t,200000000011,credit_line,5,\nh,c1,monthly,5,\n", "limits.csv", "more.csv")
    twice = [fault for fault in found.faults if "twice" in fault.sentence]
    assert [(fault.file, fault.line) for fault in twice] == [("more.csv", 2), ("more.csv", 3)]
    assert "first at limits.csv:2" in twice[0].sentence
    assert "a customer belongs to one account: t or t2" in twice[0].sentence


def test_the_same_id_at_two_vendors_is_two_customers(tmp_path: Path) -> None:
    """Ids are unique within a vendor only."""
    assert not faults_of(tmp_path, HEADER + "t,200000000011,credit_line,5,\nh,200000000011,monthly,5,\n")


def test_limits_of_an_account_without_a_known_vendor_are_judged_as_far_as_possible(tmp_path: Path) -> None:
    """When the account's own section is at fault, its limits are still checked for what holds at every vendor."""
    assert not faults_of(tmp_path, HEADER + "x,c1,monthly,5,\n")
    assert faults_of(tmp_path, HEADER + "x,c1,monthly,1.234,\nx,c2,monthly,5,\nx,c2,monthly,5,\n")


def test_globs_are_read_in_order_and_each_file_once(tmp_path: Path) -> None:
    """A file that two patterns name is read once; the digest is over the bytes in that order."""
    for name in ("b", "a"):
        (tmp_path / f"{name}.csv").write_text(f"{HEADER}h,{name},monthly,5,\n", encoding="utf-8")
    content = f"{HEADER}h,c,monthly,5,\n"
    found = read(tmp_path, content, "limits.csv", "*.csv")
    assert found.files == ("limits.csv", "a.csv", "b.csv")
    assert [limit.key.customer_id for limit in found.limits] == ["c", "a", "b"]
    assert found.digest == hashlib.sha256(b"".join((tmp_path / name).read_bytes() for name in found.files)).hexdigest()


def test_names_that_give_no_file_are_told_by_position(tmp_path: Path) -> None:
    """Missing files, globs without a match, folders and spreadsheets are each told at their place in the list."""
    (tmp_path / "book.xlsx").touch()
    found = read(tmp_path, HEADER + "h,c,monthly,5,\n", "limits.csv", "gone.csv", "*.tsv", ".", "book.xlsx")
    assert [fault.position for fault in found.pattern_faults] == [1, 2, 3, 4]
    assert "neither CSV nor TOML" in found.pattern_faults[-1].sentence
    assert len(found.limits) == 1


def test_a_file_outside_the_folder_is_named_in_full(tmp_path: Path) -> None:
    """Faults name a file as the configuration does, or in full where that would be unclear."""
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "limits.csv").write_text("", encoding="utf-8")
    found = read_limits(["../limits.csv", str(tmp_path / "limits.csv")], base=inner, accounts=ACCOUNTS)
    assert [type(fault) for fault in found.faults] == [LimitFault]


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!"])
@pytest.mark.parametrize("column", ["customer_id", "amount", "kind"])
def test_a_spreadsheets_error_is_called_so_once(tmp_path: Path, error: str, column: str) -> None:
    """A formula without a result is told as such, and as nothing else."""
    cells = {"account": "t", "customer_id": "200000104217", "kind": "credit_line", "amount": "5.00", column: error}
    (fault,) = faults_of(tmp_path, HEADER + ",".join([*cells.values(), ""]) + "\n")
    assert fault == (2, column, f"{error!r} is a spreadsheet's error, not a value: mend the formula and save again")


def test_a_faulty_id_is_shown(tmp_path: Path) -> None:
    """Whoever mends the file sees which value is meant, even where the vendor speaks of its form only."""
    ((_, column, sentence),) = faults_of(tmp_path, HEADER + "t,20000010421x,credit_line,5.00,\n")
    assert column == "customer_id"
    assert sentence.startswith("'20000010421x': a Tencent customer is named by its UIN")
    ((_, _, long),) = faults_of(tmp_path, HEADER + f"h,{'9' * 200},monthly,5.00,alert\n")
    assert long.startswith(f"'{'9' * 80}'...: ")
