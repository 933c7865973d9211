"""What `tidegate apply` does at its end where [alerts] is configured: evaluate and deliver, as well as it goes.

It takes some seconds at most, and nothing that goes wrong with it changes how the command ends.
"""

import threading
from typing import Final

from core.errors import TidegateError
from core.ports import Clock
from scheduler import bootstrap
from scheduler.alerting.once import tell_once
from scheduler.cli import opening
from scheduler.cli.endings import UsageFault, tell
from scheduler.config import AlertSettings, Settings
from scheduler.reports.wording import clean, plural

PATIENCE: Final = 10.0  # seconds; a slow channel is left to the next run
MORE: Final = "`tidegate alerts` says more"


def tell_afterwards(settings: Settings, patience: float = PATIENCE) -> None:
    """Evaluate and deliver; one line on standard error where that fails. Never raises."""
    if settings.alerts is None:
        return
    clock = bootstrap.SystemClock()
    ended, troubles = threading.Event(), [f"it took longer than {patience:.0f} seconds"]

    def run(alerts: AlertSettings) -> None:
        troubles[:] = _troubles(settings, alerts, clock)
        ended.set()

    threading.Thread(target=run, args=(settings.alerts,), name="alerts afterwards", daemon=True).start()
    try:
        ended.wait(patience)
    except KeyboardInterrupt:
        troubles[:] = ["it was stopped"]
    finally:
        bootstrap.ask_to_stop(clock)  # a send under way ends, and cannot hold up the end of the process
    for trouble in tuple(troubles):  # the thread may still write
        tell(f"alerts: {clean(trouble)}; {MORE}")


def _troubles(settings: Settings, alerts: AlertSettings, clock: Clock) -> list[str]:
    """Evaluate and deliver; give what went wrong, in at most one sentence."""
    try:
        with (
            opening.open_world(settings, observe_only=True, accounts=frozenset(), clock=clock) as world,
            bootstrap.open_outbox(settings, clock=clock) as outbox,
        ):
            told = tell_once(settings, alerts, world, outbox)
    except UsageFault as fault:
        return fault.sentences[:1]
    except TidegateError as error:
        return [str(error)]
    except Exception as error:  # noqa: BLE001 - the command has done its work, whatever this is
        return [f"unexpected: {type(error).__name__}"]
    return [f"{plural(told.failed, 'channel')} did not take what there was to tell"] if told.failed else []
