"""What people decided: pauses, and the limits they wrote down, in memory."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from adapters.store import entries
from adapters.store.decisions import changes
from adapters.store.memory.part import Part
from core.limit import CustomerKey, Limit
from core.pause import Pause
from core.ports import LimitChange


class Decided(Part):
    """Pauses and limits."""

    def pauses(self, now: datetime) -> Sequence[Pause]:
        """Give those in force, oldest first."""
        with self._memory.lock:
            chosen = [pause for pause in self._memory.pauses if pause.until is None or now < pause.until]
        return sorted(chosen, key=lambda pause: pause.since)

    def pause(self, pause: Pause) -> None:
        """Store it."""
        with self._memory.lock:
            self._memory.pauses.append(pause)
            self._memory.say(entries.paused(pause))

    def resume(self, *, account: str | None, customer_id: str | None, who: str, why: str, at: datetime) -> int:
        """End the pauses with exactly this account and customer."""
        with self._memory.lock:
            ended = [pause for pause in self.pauses(at) if (pause.account, pause.customer_id) == (account, customer_id)]
            if ended:
                self._memory.pauses = [
                    pause for pause in self._memory.pauses if not any(pause is other for other in ended)
                ]
                entry = entries.resumed(account=account, customer_id=customer_id, who=who, why=why, ended=len(ended))
                self._memory.say(entry, at=at)
            return len(ended)

    def accept_limits(
        self, limits: Sequence[Limit], digest: str, accounts: Iterable[str], at: datetime
    ) -> Sequence[LimitChange]:
        """Store these limits as accepted; give what differs from those before."""
        chosen = frozenset(accounts)
        with self._memory.lock:
            found = self._compared(limits, chosen, digest, at)
            self._memory.limits = {
                place: limit for place, limit in self._memory.limits.items() if limit.account not in chosen
            }
            self._memory.limits |= {(limit.account, limit.key): limit for limit in limits if limit.account in chosen}
            self._memory.limit_changes += found
            self._memory.say(*[entries.limit_accepted(change) for change in found], at=at)
        return found

    def limits_changed(self, limits: Sequence[Limit], accounts: Iterable[str]) -> Sequence[LimitChange]:
        """Compare without storing."""
        with self._memory.lock:
            return self._compared(limits, frozenset(accounts), "", self._memory.clock.now())

    def limit_changes(self, key: CustomerKey | None = None, *, newest: int | None = None) -> Sequence[LimitChange]:
        """Give the accepted changes, oldest first."""
        with self._memory.lock:
            found = [change for change in self._memory.limit_changes if key in (None, change.key)]
        return found if newest is None else found[max(0, len(found) - newest) :]

    def _compared(
        self, limits: Sequence[Limit], accounts: frozenset[str], digest: str, at: datetime
    ) -> list[LimitChange]:
        accepted = [self._memory.limits[place] for place in sorted(self._memory.limits) if place[0] in accounts]
        chosen = [limit for limit in limits if limit.account in accounts]
        return changes(accepted, chosen, digest=digest, first_seen=at)
