"""What `check` learns about an account from harmless reads, in plain words.

Used by cloud. Must not change anything: whether the key may change credit shows only at the first change.
"""

from collections.abc import Callable, Sequence

from adapters.clouds.tencent.requests import Questions
from adapters.wire.line import Priority
from core.errors import ReadFailedError
from core.ports import ProbeResult

_FIRST_PAGE = 1
_ONE_ROW = 1


class Probe:
    """One round of questions; the later ones are about the first customer that the earlier ones show."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._uin: str | None = None

    def results(self) -> Sequence[ProbeResult]:
        """Ask them all, unless the key itself is refused. Never raises for a vendor's fault."""
        steps: tuple[tuple[str, Callable[[], str]], ...] = (
            ("key and allocable credit", self._allocable),
            ("list of customers", self._customers),
            ("credit by UIN", self._by_uin),
            ("allocation records", self._records),
        )
        results: list[ProbeResult] = []
        for title, ask in steps:
            try:
                results.append(ProbeResult(title=title, ok=True, sentence=ask()))
            except ReadFailedError as error:
                results.append(ProbeResult(title=title, ok=False, sentence=f"{error.sentence} ({error.code})"))
                if error.code.startswith("AuthFailure"):
                    return results
        return [*results, _WRITING]

    def _allocable(self) -> str:
        allocable = self._questions.allocable(Priority.VERIFY)
        return f"the key works and belongs to a reseller; {allocable} USD can be given out"

    def _customers(self) -> str:
        page = self._questions.customers(_FIRST_PAGE, _ONE_ROW)
        self._uin = next((row.uin for row in page.rows), None)
        return f"{page.total} customers can be listed"

    def _by_uin(self) -> str:
        if self._uin is None:
            return "not asked: no customer was listed"
        self._questions.credits([self._uin], Priority.VERIFY)
        return "a customer's credit can be read"

    def _records(self) -> str:
        if self._uin is None:
            return "not asked: no customer was listed"
        page = self._questions.history(self._uin, _FIRST_PAGE, _ONE_ROW)
        return f"a customer's allocation records can be read ({page.total} of the first customer listed)"


_WRITING = ProbeResult(
    title="changing credit",
    ok=True,
    sentence="not tried: whether the key may change credit (AllocateCustomerCredit) shows only at the first change",
)
