"""From one row of texts to a limit, or to everything that is wrong with it.

Called by the CSV and the TOML reader with cells by column name; an empty cell is "not given".
Judges a limit by what its account's vendor can do; asks nobody and opens nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from adapters.clouds.registry import Vendor
from adapters.limits.columns import REQUIRED
from adapters.limits.faults import LimitFault
from core.limit import Customer, CustomerKey, Kind, Limit, OnExhaustion, Source, WritePolicy
from core.money import ZERO, Money, MoneyFormatError
from core.target import objections

# Accounts of the configuration; None where the account's vendor is not known, so that its limits are judged less.
Accounts = Mapping[str, Vendor | None]

LONGEST_AMOUNT = 20
LONGEST_TEXT = 256
LONGEST_SHOWN = 80
_GROUPED = re.compile(r"[+-]?\d{1,3}([,.'_ ]\d{3})+([.,]\d{1,2})?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d{1,2}")
_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?[eE]\+?\d{1,3}")
# What spreadsheets make of a long id. A hexadecimal id such as 12345e67 is left alone: it has no sign.
_ROUNDED_ID = re.compile(r"\d([.,]\d+)?[eE]\+\d{1,3}")
_MANY_DECIMALS = re.compile(r"[+-]?\d+\.\d+")
_WHOLE_WITH_POINT = re.compile(r"(\d+)\.0*")
_SEPARATORS = re.compile(r"[,.'_ ]")
# What a spreadsheet writes where a formula has no result, in its English spelling.
_FORMULA_ERROR = re.compile(r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!)")
_AFTER_APOSTROPHE = "=+-@'\t\r"

Choice = TypeVar("Choice", bound=StrEnum)


class Row:
    """One row being read: `cells` by column name, already without spaces around; faults are collected in `faults`."""

    def __init__(self, cells: Mapping[str, str], source: Source, accounts: Accounts) -> None:
        self._cells = cells
        self._accounts = accounts
        self.faults: list[LimitFault] = []
        self.source = source
        # Known as soon as account and id are, whatever else is wrong: duplicates are told in the same go.
        self.customer: Customer | None = None
        # Cells without a value at all: nothing else that is wrong with them is worth a line.
        self._void: set[str] = set()

    @property
    def account(self) -> str:
        """The account's name as written."""
        return self._text("account")

    def limit(self) -> Limit | None:
        """Give the limit, or None with at least one fault collected."""
        for column, text in self._cells.items():
            self._judge_text(column, text)
        account, vendor = self._account()
        customer = self.customer = self._customer(vendor)
        kind = self._choice("kind", Kind)
        amount = self._amount()
        limit_of = self._rest()
        if self.faults or account is None or customer is None or kind is None or amount is None:
            return None
        limit = limit_of(account, customer, kind, amount)
        if vendor is not None:
            for objection in objections(limit, vendor.capabilities):
                self._fault(objection.column, objection.sentence)
        return None if self.faults else limit

    def _fault(self, column: str | None, sentence: str) -> None:
        if column in self._void:
            return
        fault = LimitFault(file=self.source.file, line=self.source.line, column=column, sentence=sentence)
        self.faults.append(fault)

    def _text(self, column: str) -> str:
        return self._cells.get(column, "")

    def _judge_text(self, column: str, text: str) -> None:
        if len(text) > LONGEST_TEXT:
            self._fault(column, f"the cell has {len(text)} characters: at most {LONGEST_TEXT} are taken")
        elif _FORMULA_ERROR.fullmatch(text):
            self._fault(column, f"{text!r} is a spreadsheet's error, not a value: mend the formula and save again")
            self._void.add(column)
        elif not text.isprintable() and any(unicodedata.category(character) == "Cc" for character in text):
            self._fault(column, "the cell has a line break or an invisible control character in it: remove it")
        elif not text and column in REQUIRED and column != "on_exhaustion":
            self._fault(column, "it is empty, and every limit needs it")

    def _account(self) -> tuple[str | None, Vendor | None]:
        name = self._text("account")
        if not name:
            return None, None
        if name not in self._accounts:
            self._fault("account", f"there is no account {name!r} in the configuration: {_one_of(self._accounts)}")
            return None, None
        return name, self._accounts[name]

    def _customer(self, vendor: Vendor | None) -> Customer | None:
        text = self._text("customer_id")
        if not text or "customer_id" in self._void:
            return None
        sentence = self._mangled_or_foreign(text, vendor)
        if sentence is not None:
            self._fault("customer_id", sentence)
            return None
        partner = self._text("indirect_partner_id") or None
        if partner is not None and (mangled := _mangled(partner)):
            self._fault("indirect_partner_id", mangled)
        # Without a vendor the account's name keeps duplicates of one file apart from those of another account.
        return Customer(CustomerKey(vendor.name if vendor else self._text("account"), text), partner)

    def _mangled_or_foreign(self, text: str, vendor: Vendor | None) -> str | None:
        """Say why a text is no customer's id, and which text; the vendor knows only the form of its own."""
        sentence = _mangled(text) or (vendor.customer_id_fault(text) if vendor is not None else None)
        if sentence is None or repr(text) in sentence:
            return sentence
        return f"{text[:LONGEST_SHOWN]!r}{'...' if len(text) > LONGEST_SHOWN else ''}: {sentence}"

    def _amount(self) -> Money | None:
        text = self._text("amount")
        if not text or len(text) > LONGEST_TEXT:
            return None
        sentence = amount_fault(text)
        if sentence is None:
            return Money.parse(text)
        self._fault("amount", sentence)
        return None

    def _choice(self, column: str, choices: type[Choice]) -> Choice | None:
        text = self._text(column)
        if not text:
            return None
        try:
            return choices(text)
        except ValueError:
            self._fault(column, f"{text!r} is not one of the choices: {_one_of(choices)}")
            return None

    def _boolean(self, column: str) -> bool:
        text = self._text(column)
        # Spreadsheets write their own booleans in capitals, and nothing can make them do otherwise.
        if text not in {"", "true", "false", "TRUE", "FALSE"}:
            lowered = text.lower()
            instead = lowered if lowered in {"true", "false"} else "true or false"
            self._fault(column, f"{text!r} is neither true nor false: write {instead}")
        return text in {"true", "TRUE"}

    def _rest(self) -> Callable[[str, Customer, Kind, Money], Limit]:
        """Read the cells that may be empty, so that their faults are found whatever the others hold."""
        on_exhaustion = self._choice("on_exhaustion", OnExhaustion)
        write_policy = self._choice("write_policy", WritePolicy)
        allow_zero = self._boolean("allow_zero")
        non_stop = self._boolean("non_stop")

        def finished(account: str, customer: Customer, kind: Kind, amount: Money) -> Limit:
            return Limit(
                account=account,
                customer=customer,
                kind=kind,
                amount=amount,
                on_exhaustion=on_exhaustion,
                allow_zero=allow_zero,
                non_stop=non_stop,
                write_policy=write_policy,
                name=self._text("name") or None,
                changed_by=self._text("changed_by") or None,
                reason=self._text("reason") or None,
                source=self.source,
            )

        return finished


def amount_fault(text: str) -> str | None:
    """Say why a text is no amount of a limit and what to write instead; None when it is one."""
    if len(text) > LONGEST_AMOUNT or not text.isascii():
        return f"{text[:LONGEST_AMOUNT]!r} is not an amount: write plain digits and a point, such as 12500.00"
    try:
        amount = Money.parse(text)
    except MoneyFormatError as error:
        plain = _plain_amount(text)
        return f"{text!r} is not an amount: {error.why if plain is None else f'write {plain}'}"
    return f"{text} is negative: a limit is zero or more" if amount < ZERO else None


def without_apostrophe(text: str) -> str:
    """Take away the apostrophe that keeps a spreadsheet from running a text as a formula (the writer puts it)."""
    return text[1:] if text[:1] == "'" and text[1:2] and text[1] in _AFTER_APOSTROPHE else text


def with_apostrophe(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula."""
    return f"'{text}" if text[:1] and text[0] in _AFTER_APOSTROPHE else text


def _plain_amount(text: str) -> str | None:
    """Guess what was meant by a grouped, comma-separated or scientific figure, None where that would be guesswork."""
    if _MANY_DECIMALS.fullmatch(text):
        return None  # 12.345 may be too exact or grouped: only its writer knows
    stripped = text.strip("$ ").removesuffix("USD").removeprefix("USD").strip()
    if _SCIENTIFIC.fullmatch(stripped):
        return f"{Decimal(stripped.replace(',', '.')):f}"
    if _DECIMAL_COMMA.fullmatch(stripped):
        return stripped.replace(",", ".")
    if _GROUPED.fullmatch(stripped):
        whole, _, rest = stripped.rpartition(stripped[-3]) if stripped[-3] in ",." else (stripped, "", "")
        return _SEPARATORS.sub("", whole) + (f".{rest}" if rest else "")
    return stripped if stripped != text and amount_fault(stripped) is None else None


def _mangled(text: str) -> str | None:
    """Recognise an id that went through a spreadsheet as a number."""
    if _ROUNDED_ID.fullmatch(text):
        return (
            f"{text!r} is an id that a spreadsheet turned into a rounded number: "
            "format the column as text and write the whole id again"
        )
    if whole := _WHOLE_WITH_POINT.fullmatch(text):
        return f"{text!r} has a decimal point in it: write {whole[1]}"
    if _GROUPED.fullmatch(text):
        return f"{text!r} has thousands separators in it: write {_SEPARATORS.sub('', text)}"
    return None


def _one_of(choices: Iterable[str]) -> str:
    names = " or ".join(sorted(choices))
    return f"write {names}" if names else "it has none"
