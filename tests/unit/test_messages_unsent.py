"""How long messages have waited for a channel that should have taken them."""

from datetime import timedelta

from core.alerts import Severity
from scheduler.daemon.showing import unsent_since
from tests.unit.alert_rig import MINUTE, NIGHT, START, DeliveryRig, settings_of

TWELVE_HOURS = timedelta(hours=12)


def waiting(rig: DeliveryRig) -> dict[str, object]:
    """Give what waits, as seen now."""
    return dict(unsent_since(rig.store.messages(), rig.settings, rig.clock.now()))


def test_a_channel_waits_since_its_oldest_message_was_written() -> None:
    """Until it has taken all of them; one that has none, or is no longer configured, is not there."""
    rig = DeliveryRig(settings_of(channels=("ops", "quiet")))
    rig.notifier.broken["ops"] = "it could not be reached"
    rig.write()
    rig.write(channel="gone")
    rig.after(2 * MINUTE)
    rig.write()
    assert waiting(rig) == {"ops": START}
    rig.clock.sleep(TWELVE_HOURS)
    assert waiting(rig) == {"ops": START}
    del rig.notifier.broken["ops"]
    rig.deliver()
    assert waiting(rig) == {}


def test_what_waits_for_the_end_of_quiet_hours_is_no_failure() -> None:
    """Unless it is critical, or its channel failed before they began."""
    rig = DeliveryRig(settings_of(channels=("ops", "broken"), quiet=[NIGHT]))
    rig.notifier.broken["broken"] = "it could not be reached"
    rig.write(channel="broken")
    rig.after(2 * MINUTE)
    rig.clock.sleep(TWELVE_HOURS)
    rig.write()
    assert waiting(rig) == {"broken": START}
    at = rig.clock.now()
    rig.write(Severity.CRITICAL)
    assert waiting(rig) == {"broken": START, "ops": at}
