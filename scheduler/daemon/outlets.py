"""Where the daemon shows itself and tells: the page, and the alerts. Both stand on a store that is open all the time.

Opened and closed by scheduler.daemon.loop. Both are extras: what they need is imported only where they are written.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial

import structlog

from core.errors import TidegateError
from core.intent import Intent
from core.ports import Notifier
from scheduler import bootstrap, logs
from scheduler.alerting.job import AlertJob
from scheduler.config import AlertSettings, Settings
from scheduler.daemon.pulse import Pulse
from scheduler.daemon.showing import Showing
from scheduler.daemon.ticker import Ticker
from scheduler.jobs import Passes, SettingsSource
from scheduler.web.server import Server

_LOG = structlog.get_logger("tidegate")

# How often the board is looked at for alerts, and what waits in the outbox is sent.
TELLING_SECONDS = 15.0
_ALERTS = "alerts"


class CannotStartError(TidegateError):
    """The daemon cannot do what the configuration asks for; the sentence names the section and what to do."""


class AddressTakenError(CannotStartError):
    """The page's address is in use, or is not this machine's; that may be over in a moment."""


class Outlets:
    """The page and the alerts of one process, as the configuration has them at the start."""

    def __init__(self, source: SettingsSource, passes: Passes) -> None:
        self._source = source
        self._passes = passes
        self._opened = ExitStack()
        self._page: Server | None = None
        self._showing: Showing | None = None
        self._trouble = ""

    def open(self, ticker: Ticker, pulse: Pulse, notice: Callable[[Sequence[Intent]], None]) -> None:
        """Open the store and begin to show; raises CannotStartError, ConfigFaults and StoreFailedError.

        `notice` is told of all open intents, whoever left them, several times a minute.
        """
        settings = self._source.settings
        raise_if_missing(settings)
        clock = self._passes.clock
        nobody: frozenset[str] = frozenset()
        world = self._opened.enter_context(bootstrap.compose(settings, observe_only=True, accounts=nobody, clock=clock))
        outbox = self._opened.enter_context(bootstrap.open_outbox(settings, clock=clock))
        showing = self._showing = Showing(self._source, self._passes, ticker, pulse, world=world, outbox=outbox)
        showing.board()  # so that health knows from the first moment when accounts were last read
        self._page = _page(settings, showing)
        alerts = AlertJob(
            lambda: self._source.settings.alerts,
            outbox,
            self._notifier,
            clock=clock,
            ids=world.ids,
            count=partial(self._delivered, pulse),
        )
        telling = pulse.watching(_ALERTS, partial(self._tell, showing, alerts, notice))
        ticker.chore(_ALERTS, TELLING_SECONDS, telling)

    def late(self) -> tuple[str, ...]:
        """Name the accounts without a success in time."""
        return () if self._showing is None else tuple(self._showing.health().late)

    def redraw(self) -> None:
        """Draw what a pass has changed; where that fails, whoever looks next is told why."""
        if self._showing is not None:
            with suppress(TidegateError):
                self._showing.redraw()

    def hush(self) -> None:
        """Show nothing any more; what is being told goes on. Within two seconds."""
        if self._page is not None:
            self._page.stop()

    def close(self) -> None:
        """Close the store."""
        self.hush()
        self._opened.close()

    def _tell(self, showing: Showing, alerts: AlertJob, notice: Callable[[Sequence[Intent]], None]) -> None:
        try:
            board = showing.board()
        except TidegateError as error:
            if str(error) != self._trouble:
                self._trouble = str(error)
                _LOG.error("board_not_made", why=self._trouble)
            alerts.run_without(error)
        else:
            self._trouble = ""
            notice(board.open_intents)
            alerts.run(board)

    def _delivered(self, pulse: Pulse, channel: str, outcome: str) -> None:
        pulse.got_on(_ALERTS)
        self._passes.tally.delivered(channel, outcome)

    def _notifier(self, alerts: AlertSettings) -> Notifier:
        base = self._source.settings.base
        return bootstrap.notifier(alerts, base=base, clock=self._passes.clock, learn_secrets=logs.REDACTION.learn)


def raise_if_missing(settings: Settings) -> None:
    """Raise CannotStartError where a section is written whose extra is not installed."""
    missing = bootstrap.missing_extras(settings)
    if missing:
        raise CannotStartError(missing[0])


def _page(settings: Settings, showing: Showing) -> Server | None:
    """Start the page, where one is written; raises CannotStartError and ConfigFaults."""
    web = settings.web
    if web is None:
        return None
    token = None if web.token is None else bootstrap.outlet_secret(settings, web.token)
    logs.REDACTION.learn([token] if token else [])
    page = Server(showing, host=web.host, port=web.port, token=token, show_names=web.show_names, hosts=web.hosts)
    try:
        page.start()
    except OSError as error:
        sentence = f"[web] listen = {web.host}:{web.port} cannot be taken: {error.strerror or error}"
        raise AddressTakenError(sentence) from error
    _LOG.info("page_started", address=f"http://{web.host}:{page.port}/", guarded=token is not None)
    return page
