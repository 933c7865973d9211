"""The canonical log lines of runs and changes: constant event names, facts as keys, one line each.

Written by the daemon's jobs and by the commands that run the same things once. Customers are named by id only.
"""

import logging
import re
import threading
from collections.abc import Collection, Iterable, Mapping

import structlog

from core.intent import Intent
from core.limit import WritePolicy
from core.plan import Plan
from core.policy import AccountPolicy
from core.run.ending import FAILED, UNFINISHED
from core.run.world import Outcome, Result, World

_LOG = structlog.get_logger("tidegate")

# What stands between a slip in a file and a lot of money, in the order of harm.
MONEY_CAPS = ("max_raised", "max_cut", "max_single_change", "max_customers_changed")

# Where it needs a person, the daemon's line of a run stands out. Not so for a command: on a terminal that would print
# it among the tables which say the same.
_ALARMING = frozenset({FAILED, UNFINISHED})
# How the sentence of a failed read ends (core.errors.ReadFailedError).
_CODE = re.compile(r"\(([^()]+)\)$")


class Readability:
    """Tells when an account can no longer be read, when the reason is another one, and when it can be read again.

    One object for the daemon's whole life. Thread-safe.
    """

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}
        self._lock = threading.Lock()

    def told(self, plan: Plan) -> None:
        """Log what is new in this plan, one line an account."""
        for account in plan.accounts:
            reason = None if account.problem is None else _reason(account.problem)
            with self._lock:
                before = self._reasons.pop(account.name, None)
                if reason is not None:
                    self._reasons[account.name] = reason
            if reason is not None and reason != before:
                _LOG.error("account_unreadable", account=account.name, why=account.problem, run=plan.run)
            elif reason is None and before is not None:
                _LOG.info("account_readable_again", account=account.name, run=plan.run)

    def keep_only(self, accounts: Collection[str]) -> None:
        """Forget accounts that the configuration no longer has: should they come back, they are told anew."""
        with self._lock:
            self._reasons = {name: reason for name, reason in self._reasons.items() if name in accounts}


def _reason(problem: str) -> str:
    """Give what makes two problems the same: the code, since call and vendor's message differ from pass to pass."""
    code = _CODE.search(problem)
    return problem if code is None else code[1]


class LogWatch:
    """Logs each step of each intent as it is on disk."""

    def intent_moved(self, intent: Intent) -> None:
        """Log one step; the run's end has one canonical line per correction."""
        _LOG.debug("intent_moved", **_intent_facts(intent))

    def said(self, account: str, sentence: str) -> None:
        """Log what the run says."""
        _LOG.info("run_said", account=account, sentence=sentence)


def plan_made(plan: Plan, exit_code: int, world: World) -> None:
    """Log the one line of a dry run."""
    _LOG.info("run_finished", command="plan", exit_code=exit_code, head=world.journal.head(), **_plan_facts(plan))


def run_finished(result: Result, world: World, *, command: str, seconds: float | None = None) -> None:
    """Log one line per correction and one for the run, with the seconds that it took, where somebody counted them.

    `head`: the audit's, so that a log can vouch for the record.
    """
    for outcome in result.outcomes:
        _correction_finished(outcome, result.plan.run)
    for intent in result.settled:
        if intent.run == result.plan.run:
            continue  # its correction has its line
        _LOG.info("intent_settled", **_intent_facts(intent))
    alarming = command == "daemon" and result.exit_code in _ALARMING
    _LOG.log(
        logging.WARNING if alarming else logging.INFO,
        "run_finished",
        command=command,
        exit_code=result.exit_code,
        open_intents=len(result.open_intents),
        settle_at=None if result.settle_at is None else result.settle_at.isoformat(),
        problems=list(result.problems),
        caps_not_set=uncapped(world.policies.values()),
        head=world.journal.head(),
        narrowed=result.plan.narrowed,
        seconds=None if seconds is None else round(seconds, 3),
        **_plan_facts(result.plan),
    )


def _correction_finished(outcome: Outcome, run: str) -> None:
    row = outcome.correction
    facts: dict[str, object] = {
        "run": run,
        "account": row.account,
        "customer": str(row.key),
        "action": row.action,
        "change": None if row.change is None else str(row.change),
        "wanted": str(row.wanted),
        "held": None if outcome.held is None else outcome.held.word,
        "sentence": outcome.sentence if outcome.intent is None else outcome.intent.outcome,
    }
    if outcome.intent is not None:
        facts |= {"intent": outcome.intent.id, "mark": outcome.intent.mark, "state": outcome.intent.state}
    _LOG.info("correction_finished", **facts)


def _intent_facts(intent: Intent) -> dict[str, object]:
    return {
        "run": intent.run,
        "account": intent.account,
        "customer": str(intent.key),
        "intent": intent.id,
        "mark": intent.mark,
        "state": intent.state,
        "change": None if intent.change is None else str(intent.change),
        "outcome": intent.outcome,
        "code": intent.code,
        "request_id": intent.request_id,
    }


def _plan_facts(plan: Plan) -> dict[str, object]:
    totals = plan.totals
    return {
        "run": plan.run,
        "accounts": [account.name for account in plan.accounts],
        "corrections": totals.corrections,
        "blocked": totals.blocked,
        "holds": totals.holds,
        "in_sync": totals.in_sync,
        "raised": str(totals.raised),
        "cut": str(totals.cut),
        "complete": plan.complete,
        "fingerprint": plan.fingerprint,
    }


def caps_not_set(policy: AccountPolicy) -> list[str]:
    """Name the money caps that no place sets for this account."""
    return [name for name in MONEY_CAPS if all(getattr(guards, name) is None for guards in policy.guards)]


def uncapped(policies: Iterable[AccountPolicy]) -> Mapping[str, list[str]]:
    """Name the caps that are not set, for every account that may be written to without limit."""
    return {
        policy.name: missing
        for policy in policies
        if policy.write_policy is WritePolicy.SYNC and (missing := caps_not_set(policy))
    }
