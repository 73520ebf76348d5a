from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from millwright.core.errors import ConflictError, InvalidInputError, NotFoundError, StateTransitionError
from millwright.monitoring.alerting import SilenceDraft, Silences
from millwright.testing import sample

DRAFT = SilenceDraft(lasts=timedelta(hours=1), reason="Umbau", endpoint="delay", kind="drift", ahead=True)


@pytest.fixture
def silences(world: Any) -> Silences:
    return Silences(stores=world.stores, clock=world.clock, events=world.events, actor="user:ada")


def test_silence_is_written_audited_and_told(world: Any, silences: Silences):
    record = silences.add(DRAFT)
    assert world.stores.notifications.list_silences() == [record]
    assert (record.starts_at, record.ends_at) == (world.clock.now(), world.clock.now() + timedelta(hours=1))
    entry = world.stores.audit.list(subject=f"silence:{record.id}")[0]
    assert (entry.action, entry.actor, entry.details["reason"]) == ("silence.add", "user:ada", "Umbau")
    assert world.heard == ["silence.added"]


def test_silence_ends_before_its_time_when_someone_says_so(world: Any, silences: Silences):
    record = silences.add(DRAFT)
    ended = silences.end(record.id[-8:])
    assert (ended.ended_by, ended.ends_at) == ("user:ada", world.clock.now())
    assert world.heard == ["silence.added", "silence.ended"]
    with pytest.raises(StateTransitionError, match="ended"):
        silences.end(record.id)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lasts": timedelta(0)}, "some time"),
        ({"lasts": timedelta.max}, "before the year 10000"),
        ({"reason": " "}, "reason"),
        ({"kind": "drif"}, "no kind of alert 'drif'"),
        ({"endpoint": "dealy"}, "no endpoint 'dealy'"),
        ({"monitor": "hourly"}, "no monitor 'hourly'"),
    ],
)
def test_silence_that_makes_no_sense_is_refused(silences: Silences, changes: dict[str, Any], message: str):
    fields = {"lasts": timedelta(hours=1), "reason": "x"} | changes
    with pytest.raises(InvalidInputError, match=message):
        silences.add(SilenceDraft(**fields))


def test_silence_of_a_monitor_names_one_that_watches_the_endpoint(world: Any):
    declared = {"hourly": "delay", "daily": "cost"}
    silences = Silences(stores=world.stores, clock=world.clock, events=world.events, actor="ada", declared=declared)
    plain = {"lasts": timedelta(hours=1), "reason": "x"}
    record = silences.add(SilenceDraft(**plain, monitor="hour*"))
    assert record.monitor == "hour*"
    entry = world.stores.audit.list(subject=f"silence:{record.id}")[0]
    assert entry.details["monitor"] == "hour*"
    with pytest.raises(InvalidInputError, match="no monitor 'huorly'") as slip:
        silences.add(SilenceDraft(**plain, monitor="huorly"))
    assert "hourly" in slip.value.hint
    world.stores.monitors.append_alert(replace(sample.alert("site"), monitor="nightly"))
    assert silences.add(SilenceDraft(**plain, monitor="nightly", endpoint="site")).endpoint == "site"
    with pytest.raises(InvalidInputError, match="no monitor 'daily' of 'site'"):
        silences.add(SilenceDraft(**plain, monitor="daily", endpoint="site"))
    assert silences.add(SilenceDraft(**plain, monitor="later", ahead=True)).monitor == "later"


def test_silence_must_be_named_without_doubt(silences: Silences):
    records = [silences.add(DRAFT) for _ in range(17)]
    (shared, _), *_ = Counter(record.id[-1] for record in records).most_common()
    with pytest.raises(ConflictError, match="silences end in"):
        silences.end(shared)
    with pytest.raises(NotFoundError, match="no silence 'x'"):
        silences.end("x")
    assert silences.end(records[0].id).id == records[0].id
