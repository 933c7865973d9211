"""`tidegate demo`: the product at its best, on simulated vendors, through the real SDKs, in under a minute.

Five acts: the limits, a plan, an apply in which one reply is lost, a customer changed behind our back, an empty plan.
Only the vendors are simulated; configuration, store, runs and reports are the ones of every other command.
"""

import csv
import tempfile
import time
from pathlib import Path

import click
from rich import box
from rich.console import Group
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from core.intent import Intent, State
from core.limit import Customer, CustomerKey, Kind, Limit, OnExhaustion
from core.plan import Plan
from core.run.reconcile import reconcile, survey
from core.run.world import Request, Result
from scheduler import bootstrap
from scheduler.cli import screen
from scheduler.cli.endings import DONE, FAILED, Options, tell
from scheduler.cli.options import common
from scheduler.reports.outcome_table import outcome_table
from scheduler.reports.plan_table import plan_table
from scheduler.reports.wording import clean, cloud, signed
from scheduler.sandbox import CustomerSpec, Money, Sandbox, Scene, account_of, lose_next_reply, served

WHO = "demo"
ALLOCATE = "AllocateCustomerCredit"
LOST = "200000104217"  # the customer whose reply will be lost
MOVED = "5d8c1e7a90b34f62a1c7e3b5d9f04826"  # the customer somebody changes in the console
OPERATOR = "alice@partner.example"
_PAUSE_SECONDS = 1.2


def _spec(customer_id: str, name: str, kind: Kind, granted: str, spent: str) -> CustomerSpec:
    return CustomerSpec(
        customer_id=customer_id, name=name, kind=kind, granted=Money.parse(granted), spent=Money.parse(spent)
    )


def _limit(vendor: str, customer_id: str, kind: Kind, amount: str, on_exhaustion: OnExhaustion | None = None) -> Limit:
    return Limit(
        account=account_of(vendor),
        customer=Customer(CustomerKey(vendor, customer_id)),
        kind=kind,
        amount=Money.parse(amount),
        on_exhaustion=on_exhaustion,
    )


_OTHERS = ("8f3b2a6c4d5e4f10b7a9c8d6e5f4a3b2", "0c7e5d3b1a9f48e6b2d4c6a8f0e1d3c5", "200000358840", "200000771903")

SCENES = {
    "huawei": Scene(
        customers=(
            _spec(MOVED, "Banyan Freight Pte. Ltd.", Kind.MONTHLY, "1200.00", "812.40"),
            _spec(_OTHERS[0], "Kestrel Optics GmbH", Kind.MONTHLY, "5000.00", "1134.05"),
            _spec(_OTHERS[1], "Lagoon Hotels Sdn. Bhd.", Kind.ONE_TIME, "20000.00", "7450.00"),
        ),
        limits=(
            _limit("huawei", MOVED, Kind.MONTHLY, "1500.00"),
            _limit("huawei", _OTHERS[0], Kind.MONTHLY, "5000.00", OnExhaustion.RESTRICT),
            _limit("huawei", _OTHERS[1], Kind.ONE_TIME, "20000.00"),
        ),
    ),
    "tencent": Scene(
        customers=(
            _spec(LOST, "Saffron Games Co., Ltd.", Kind.CREDIT_LINE, "800.00", "655.30"),
            _spec(_OTHERS[2], "Heron Robotics Inc.", Kind.CREDIT_LINE, "3000.00", "420.00"),
            _spec(_OTHERS[3], "Meridian Media LLC", Kind.CREDIT_LINE, "950.00", "120.75"),
        ),
        limits=(
            _limit("tencent", LOST, Kind.CREDIT_LINE, "2000.00"),
            _limit("tencent", _OTHERS[2], Kind.CREDIT_LINE, "1000.00"),
            _limit("tencent", _OTHERS[3], Kind.CREDIT_LINE, "950.00"),
        ),
    ),
}


@click.command("demo")
@common
@click.pass_context
def demo(ctx: click.Context, *, options: Options) -> None:
    """Show the product on simulated vendors, through the real SDKs; under a minute, without credentials."""
    del options
    with tempfile.TemporaryDirectory(prefix="tidegate-demo-") as folder, served(Path(folder), SCENES, ports={}) as made:
        ended_well = _Stage(made).play()
    ctx.exit(DONE if ended_well else FAILED)


class _Stage:
    """Plays the acts in order, with pauses where somebody watches."""

    def __init__(self, made: Sandbox) -> None:
        self._made = made
        self._settings = bootstrap.load(made.config)
        self._pause = _PAUSE_SECONDS if screen.can_ask() else 0.0

    def play(self) -> bool:
        """Give whether everything ended as it should."""
        self._welcome()
        self._limits()
        self._say(2, "What would change", "tidegate plan --show-names")
        self._show_plan(self._plan())
        lost = self._lost_reply()
        moved = self._console_change()
        self._say(5, "And once more", "tidegate plan --show-names")
        plan = self._plan()
        self._show_plan(plan)
        ended_well = lost and moved and not plan.corrections and not plan.holds
        self._farewell(ended_well=ended_well)
        return ended_well

    def _welcome(self) -> None:
        text = Text.assemble(
            ("Tidegate", "bold"),
            " keeps every reseller customer's spending limit where you said it should be,\n"
            "on Huawei Cloud and Tencent Cloud at once.\n\n"
            "Two simulated partner APIs are running on this machine. Everything else is the real thing:\n"
            "the official SDKs, signed requests over HTTP, the store, the guards.",
        )
        screen.show(Panel(text, box=box.ROUNDED, expand=False, padding=(1, 2)))
        self._wait()

    def _limits(self) -> None:
        self._say(1, "What you want: one line per customer", self._made.limits.name)
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
        header, *rows = csv.reader(self._made.limits.read_text(encoding="utf-8").splitlines())
        for title in header:
            table.add_column(title, justify="right" if title == "amount" else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        screen.show(table)
        self._wait()

    def _lost_reply(self) -> bool:
        self._say(3, "Apply it. One of Tencent's replies will be lost on the way", "tidegate apply")
        tencent = self._made.vendors["tencent"]
        lose_next_reply(tencent, ALLOCATE)
        before = len(tencent.applied_writes())
        result = self._apply()
        self._report(result)
        made = sum(1 for _, customer, _ in tencent.applied_writes()[before:] if customer == LOST)
        times = "once" if made == 1 else f"{made} times"
        screen.show(
            Text(
                f"Tencent raised {LOST} {times}. Its call adds to the credit: sent again, it would have added twice. "
                "So nothing is sent again; the mark in the vendor's own records decides."
            )
        )
        self._wait()
        return made == 1 and result.exit_code == DONE

    def _console_change(self) -> bool:
        self._say(4, f"Meanwhile {OPERATOR} changes a customer in Huawei's console", "tidegate plan --show-names")
        huawei = self._made.vendors["huawei"]
        huawei.console_set(MOVED, Money.parse("9000.00"), OPERATOR)
        plan = self._plan()
        self._show_plan(plan)
        screen.show(Text("Put it back.", style="bold"))
        screen.show(Text("$ tidegate apply", style="cyan"))
        result = self._apply()
        self._report(result)
        named = any(OPERATOR in effect for row in plan.corrections for effect in row.effects)
        return named and result.exit_code == DONE

    def _farewell(self, *, ended_well: bool) -> None:
        if not ended_well:
            tell("the demo did not end as it should; please report what is shown above")
            return
        lines = Group(
            Text("Every customer stands where the file says, and every step is on record.\n"),
            Text("tidegate sandbox   keeps such vendors running, to try your own limits on", style="dim"),
            Text("tidegate import    writes a limits file from what your vendors have now", style="dim"),
            Text("tidegate check     tells what your keys may do; nothing is changed", style="dim"),
        )
        screen.show(Panel(lines, box=box.ROUNDED, expand=False, padding=(1, 2)))

    def _plan(self) -> Plan:
        request = Request(command="plan", who=WHO)
        with bootstrap.compose(self._settings, observe_only=True) as world, screen.progress() as progress:
            return survey(world, self._settings.limits, request, progress=progress)

    def _apply(self) -> Result:
        request = Request(command="apply", who=WHO)
        with bootstrap.compose(self._settings, observe_only=False) as world:
            return reconcile(
                world, self._settings.limits, request, approve=lambda _plan: True, watch=_Teller(self._pause)
            )

    def _show_plan(self, plan: Plan) -> None:
        screen.show(plan_table(plan, width=screen.width(), show_names=True))
        self._wait()

    def _report(self, result: Result) -> None:
        screen.show(outcome_table(result.outcomes, settled=(), still_open=result.open_intents, settle_at=None))
        self._wait()

    def _say(self, act: int, title: str, command: str) -> None:
        screen.show("")
        screen.show(Rule(Text(f"{act}. {title}", style="bold"), align="left", style="dim"))
        screen.show(Text(f"$ {command}" if command.startswith("tidegate") else command, style="cyan"))
        self._wait()

    def _wait(self) -> None:
        time.sleep(self._pause)


class _Teller:
    """Tells each step of each change as it is on disk; slower where the story is."""

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._doubted: set[str] = set()

    def intent_moved(self, intent: Intent) -> None:
        """Tell one step."""
        words = self._words(intent)
        if words:
            whom = f"{cloud(intent.key.vendor):8}{clean(intent.key.customer_id):34}{signed(intent.change):>10}"
            screen.show(Text.assemble(("  ", ""), (whom, "dim"), "  ", words))
            if intent.id in self._doubted:
                screen.show(Text(f"    {self._doubt(intent)}", style=words[1]))
        if intent.id in self._doubted:
            time.sleep(self._pause)

    def said(self, account: str, sentence: str) -> None:
        """Leave out what the table at the end shows anyway."""

    def _words(self, intent: Intent) -> tuple[str, str] | None:
        match intent.state:
            case State.SENT:
                return ("sent", "")
            case State.CONFIRMED:
                return ("confirmed", "green")
            case State.UNCERTAIN:
                self._doubted.add(intent.id)
                return ("reply lost", "bold yellow")
            case State.SETTLED_APPLIED if intent.id in self._doubted:
                return ("settled", "bold green")
            case State.REFUSED | State.NOT_SENT | State.DISPUTED | State.SETTLED_NOT_APPLIED:
                return (clean(intent.outcome), "red")
            case _:
                return None

    def _doubt(self, intent: Intent) -> str:
        if intent.state is State.UNCERTAIN:
            return "Was it applied or not? Tidegate does not guess, nor send it again."
        return f"Found by its mark {intent.mark} in the records: applied."
