"""Many messages move together: in one transaction, each by compare-and-set, in both stores."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.alerts import Turns
from tests.contract.store_rig import START, STORES, message_of, opened


@pytest.mark.parametrize("sort", STORES)
def test_many_messages_move_together_and_none_that_moved_before(sort: str, tmp_path: Path) -> None:
    """What is as it was read is kept and counted; what another process moved is left as that one left it."""
    with opened(sort, tmp_path) as store:
        first, second, third = (message_of(name, alert=name) for name in "123")
        assert store.keep_turns(Turns(messages=(first, second, third)))
        moved = replace(second, tries=1)
        assert store.keep_message(second, moved)
        moves = [(message, replace(message, sent_at=START)) for message in (first, second, third)]
        assert store.keep_messages(moves) == 2
        assert store.messages() == [moved]
        assert store.keep_messages([]) == 0
