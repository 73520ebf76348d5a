from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from millwright.automation.triggers.triggers import MadeTrigger, TriggerDraft, Triggers, hash_token
from millwright.core.digest import digest_bytes
from millwright.core.errors import AlreadyExistsError, InvalidInputError, NotFoundError
from millwright.core.records.schedule import ActiveState, LaunchTarget, TriggerKind
from millwright.pipelines import on
from millwright.testing import sample
from tiny.queue_world import TARGET, actions


@pytest.fixture
def triggers(stores, clock):
    return Triggers(stores=stores, clock=clock, actor="ada")


@pytest.mark.parametrize(
    ("condition", "kind", "subject", "name"),
    [
        (on.dataset("schedules"), TriggerKind.DATASET, "schedules", "delay.dataset-schedules"),
        (on.code(), TriggerKind.CODE, "", "delay.code"),
        (on.alert("größe"), TriggerKind.ALERT, "größe", "delay.alert-gr--e"),
        (on.webhook("push"), TriggerKind.WEBHOOK, "push", "delay.webhook-push"),
        (on.api(), TriggerKind.API, "", "delay.api"),
    ],
)
def test_trigger_is_made_of_a_condition(triggers, stores, condition, kind, subject, name):
    made = triggers.add(TriggerDraft(target=TARGET, on=condition))
    assert (made.record.kind, made.record.subject, made.record.name) == (kind, subject, name)
    assert stores.triggers.get(name) == made.record
    assert bool(made.token) == (kind is TriggerKind.WEBHOOK)
    assert actions(stores) == ["trigger.add"]


def test_drift_waits_an_hour_unless_told_otherwise(triggers):
    record = triggers.add(TriggerDraft(target=TARGET, on=on.drift("delay"))).record
    assert (record.only, record.cooldown_s) == (("drift",), 3600.0)
    record = triggers.add(TriggerDraft(target=TARGET, on=on.drift("delay", cooldown=0), name="eager")).record
    assert record.cooldown_s == 0


def test_token_is_kept_as_a_hash(triggers, stores):
    made = triggers.add(TriggerDraft(target=TARGET, on=on.webhook("push")))
    assert made.token.startswith("mwh_")
    assert made.record.token_hash == hash_token(made.token)
    assert made.token not in repr(stores.triggers.list_triggers())
    assert made.token not in repr(stores.audit.list())


def test_trigger_begins_where_things_stand(triggers, stores):
    stores.datasets.create_version(sample.dataset_version())
    digest = digest_bytes(b"code")
    dataset = triggers.add(TriggerDraft(target=TARGET, on=on.dataset("schedules"))).record
    unknown = triggers.add(TriggerDraft(target=TARGET, on=on.dataset("later"))).record
    code = triggers.add(TriggerDraft(target=TARGET, on=on.code(), code=digest)).record
    assert (dataset.position, unknown.position, code.position) == ("1", "0", digest)


def test_what_is_no_trigger_is_refused(triggers):
    with pytest.raises(InvalidInputError, match="mw schedules add"):
        triggers.add(TriggerDraft(target=TARGET, on=on.cron("0 2 * * *")))
    with pytest.raises(InvalidInputError, match=r"'drfit'.*'drift'"):
        triggers.add(TriggerDraft(target=TARGET, on=on.alert("x", kinds=["drfit"])))
    with pytest.raises(InvalidInputError, match="name of a trigger"):
        triggers.add(TriggerDraft(target=TARGET, on=on.code(), name="a b"))
    triggers.add(TriggerDraft(target=TARGET, on=on.code()))
    with pytest.raises(AlreadyExistsError, match=r"delay\.code"):
        triggers.add(TriggerDraft(target=TARGET, on=on.code()))


def test_trigger_that_is_there_is_brought_up_to_date_and_keeps_how_far_it_has_looked(triggers, stores):
    def put(target: LaunchTarget = TARGET, **options: Any) -> MadeTrigger:
        return triggers.put(TriggerDraft(target=target, on=on.drift("delay", **options)))

    first = put()
    assert first.changed is None
    triggers.pause("delay.drift-delay")
    same = put()
    assert (same.changed, same.record) == ((), replace(first.record, state=ActiveState.PAUSED))
    other = put(replace(TARGET, params={"trials": 4}, priority=1), cooldown=0)
    assert other.changed == ("cooldown", "parameters", "priority")
    assert (other.record.position, other.record.state) == (first.record.position, ActiveState.PAUSED)
    assert stores.triggers.get("delay.drift-delay") == other.record
    assert actions(stores) == ["trigger.add", "trigger.pause", "trigger.change"]
    with pytest.raises(AlreadyExistsError, match=r"other\.py.*mw triggers remove delay\.drift-delay"):
        put(replace(TARGET, pipeline="/project/other.py:delay"))
    with pytest.raises(AlreadyExistsError, match="on something else: alert delay"):
        triggers.put(TriggerDraft(target=TARGET, on=on.code(), name="delay.drift-delay"))


def test_webhook_that_is_there_keeps_its_token(triggers):
    draft = TriggerDraft(target=TARGET, on=on.webhook("push"))
    first, again = triggers.put(draft), triggers.put(draft)
    assert (bool(first.token), again.token) == (True, "")
    assert again.record.token_hash == first.record.token_hash


def test_resumed_trigger_forgets_what_happened_meanwhile(triggers, stores):
    name = triggers.add(TriggerDraft(target=TARGET, on=on.dataset("schedules"))).record.name
    assert triggers.pause(name).state is ActiveState.PAUSED
    stores.datasets.create_version(sample.dataset_version())
    resumed = triggers.resume(name)
    assert (resumed.state, resumed.position) == (ActiveState.ACTIVE, "1")
    assert triggers.resume(name) == resumed
    assert actions(stores) == ["trigger.add", "trigger.pause", "trigger.resume"]


def test_removed_trigger_is_gone(triggers, stores):
    name = triggers.add(TriggerDraft(target=TARGET, on=on.code())).record.name
    triggers.remove(name)
    for call in (triggers.remove, triggers.pause, triggers.resume):
        with pytest.raises(NotFoundError):
            call(name)
    assert actions(stores) == ["trigger.add", "trigger.remove"]
