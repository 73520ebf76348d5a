from __future__ import annotations

from datetime import UTC, datetime
from threading import Thread

from millwright.core.events import Event
from millwright.workspace.worker.account import CHECKED, FOLDED, Account


def event(kind: str) -> Event:
    return Event(type=kind, subject="x", at=datetime(2026, 1, 2, tzinfo=UTC))


def test_nothing_is_told_of_nothing():
    account = Account()
    account.hear(event("model.promoted"))
    assert account.told() == ""
    assert set(account.to_json().values()) == {0}


def test_what_was_done_is_told_in_the_order_in_which_it_happens():
    account = Account()
    for kind in ("retraining.launched", "alert.raised", "alert.raised"):
        account.hear(event(kind))
    account.count(CHECKED)
    account.count(FOLDED, 1200)
    told = "1,200 predictions counted, 1 monitor checked, 2 alerts raised, 1 retraining begun."
    assert account.told() == told
    counts = account.to_json()
    assert (counts["folded"], counts["checked"], counts["alerts_raised"], counts["decisions_made"]) == (1200, 1, 2, 0)


def test_counts_of_several_threads_add_up():
    account = Account()
    threads = [Thread(target=lambda: [account.count(CHECKED) for _ in range(500)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert account.to_json()["checked"] == 2000
