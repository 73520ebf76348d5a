from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PromotionRefusedError,
    StateTransitionError,
)
from millwright.core.records.audit import NodeKind
from millwright.core.records.model import ModelVersionState
from millwright.testing import sample

if TYPE_CHECKING:
    from millwright.core.events import Event
    from millwright.registry import Registry, VersionDraft
    from millwright.storage.catalog import Stores

Draft = Callable[..., "VersionDraft"]


@pytest.fixture
def three(registry: Registry, draft: Draft) -> list[str]:
    """Three versions of `delay`."""
    return [registry.register(draft(f"package {number}")).ref for number in (1, 2, 3)]


def actions(stores: Stores, subject: str | None = None) -> list[str]:
    return [event.action for event in reversed(stores.audit.list(subject=subject))]


# Registering


def test_register_adds_a_candidate_with_all_of_the_draft(registry: Registry, stores: Stores, draft: Draft) -> None:
    documents = {"card.md": stores.artifacts.put(b"card")}
    given = draft(params={"depth": 3}, documents=documents, tags={"a": "b"}, compilation={"status": "proven"})
    version = registry.register(given)
    assert (version.ref, version.state, version.created_by) == ("delay@1", ModelVersionState.CANDIDATE, "user:ada")
    for name in ("package", "flavor", "signature", "datasets", "params", "metrics", "documents", "tags", "compilation"):
        assert getattr(version, name) == getattr(given, name)
    assert stores.models.get_version("delay", 1) == version


def test_register_writes_lineage_from_datasets_and_step(registry: Registry, stores: Stores, draft: Draft) -> None:
    registry.register(draft())
    edges = stores.lineage.upstream(NodeKind.MODEL_VERSION, "delay@1")
    assert [(edge.source_kind, edge.source_id, edge.relation) for edge in edges] == [
        (NodeKind.DATASET, "schedules@1", "trained_on"),
        (NodeKind.DATASET, "permits@2", "trained_on"),
        (NodeKind.STEP_RUN, "step-1", "wrote"),
    ]


def test_register_is_audited_and_told(registry: Registry, stores: Stores, draft: Draft, events: list[Event]) -> None:
    version = registry.register(draft())
    (entry,) = stores.audit.list()
    assert (entry.actor, entry.action, entry.subject) == ("user:ada", "model.register", "delay@1")
    assert entry.details == {"package": version.package, "datasets": ["schedules@1", "permits@2"]}
    assert [(event.type, event.subject, event.data["version"]) for event in events] == [
        ("model.registered", "delay@1", 1)
    ]


def test_register_gives_the_version_that_has_the_package_already(
    registry: Registry, stores: Stores, draft: Draft, events: list[Event]
) -> None:
    first = registry.register(draft())
    assert registry.register(draft(metrics={})) == first
    assert len(stores.models.list_versions()) == len(stores.audit.list()) == len(events) == 1


def test_register_keeps_the_same_package_under_two_names_apart(registry: Registry, draft: Draft) -> None:
    assert registry.register(draft(name="a")).ref == "a@1"
    assert registry.register(draft(name="b")).ref == "b@1"


def test_register_makes_one_version_when_threads_register_one_package(
    registry: Registry, stores: Stores, draft: Draft
) -> None:
    given = draft()
    threads = [threading.Thread(target=registry.register, args=(given,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [version.version for version in stores.models.list_versions()] == [1]


def test_register_refuses_what_is_not_stored(registry: Registry, stores: Stores, draft: Draft) -> None:
    with pytest.raises(InvalidInputError, match=r"card\.md"):
        registry.register(draft(documents={"card.md": sample.digest()}))
    assert stores.models.list_models() == []


def test_register_refuses_a_name_that_is_not_allowed(registry: Registry, draft: Draft) -> None:
    with pytest.raises(InvalidInputError, match="my model"):
        registry.register(draft(name="my model"))


def test_register_is_taken_back_with_the_callers_transaction(
    registry: Registry, stores: Stores, draft: Draft, events: list[Event]
) -> None:
    given = draft()
    with pytest.raises(ZeroDivisionError), stores.transactions.transaction():  # noqa: PT012 - fails at its end
        registry.register(given)
        assert events == []
        _ = 1 / 0
    assert stores.models.list_models() == []
    assert stores.audit.list() == []
    assert events == []


def test_event_follows_the_commit_of_the_callers_transaction(
    registry: Registry, stores: Stores, draft: Draft, events: list[Event]
) -> None:
    with stores.transactions.transaction():
        registry.register(draft())
        assert events == []
    assert len(events) == 1


# Promoting


@pytest.mark.usefixtures("three")
def test_promote_approves_a_candidate_and_sets_the_alias(registry: Registry, stores: Stores) -> None:
    alias = registry.promote("delay", 2, reason="better")
    assert (alias.alias, alias.version, alias.set_by, alias.reason) == ("champion", 2, "user:ada", "better")
    assert stores.models.find_alias("delay", "champion") == alias
    assert stores.models.get_version("delay", 2).state is ModelVersionState.APPROVED


@pytest.mark.usefixtures("three")
def test_promote_is_audited_and_told(registry: Registry, stores: Stores, events: list[Event]) -> None:
    registry.promote("delay", 1, reason="first")
    events.clear()
    registry.promote("delay", 2, reason="better")
    entry = stores.audit.list(limit=1)[0]
    facts = {"alias": "champion", "previous": 1, "reason": "better"}
    assert (entry.action, entry.subject, entry.details) == ("model.promote", "delay@2", {**facts, "overruled": []})
    assert [event.type for event in events] == ["model.state_changed", "model.promoted"]
    assert events[0].data["previous"] == "candidate"
    assert events[0].data["state"] == "approved"
    assert events[1].data == {"name": "delay", "version": 2, "actor": "user:ada", **facts}


@pytest.mark.usefixtures("three")
def test_promote_does_nothing_when_the_alias_is_there_already(
    registry: Registry, stores: Stores, events: list[Event]
) -> None:
    first = registry.promote("delay", 2, reason="better")
    before = (len(events), len(stores.audit.list()))
    assert registry.promote("delay", 2, reason="again") == first
    assert (len(events), len(stores.audit.list())) == before


@pytest.mark.usefixtures("three")
def test_promote_is_refused_with_every_objection_of_the_policy(
    registry: Registry, stores: Stores, policy: Any, events: list[Event]
) -> None:
    policy.objections = ["Gate auc failed.", "Nobody approved it."]
    events.clear()
    with pytest.raises(PromotionRefusedError, match=r"delay@1.*auc.*Nobody.*approve") as caught:
        registry.promote("delay", 1, reason="please")
    assert caught.value.details == {"objections": policy.objections}
    assert stores.models.list_aliases() == []
    assert stores.models.get_version("delay", 1).state is ModelVersionState.CANDIDATE
    assert events == []


@pytest.mark.usefixtures("three")
def test_promote_goes_ahead_by_force_and_the_audit_log_names_what_was_overruled(
    registry: Registry, stores: Stores, policy: Any
) -> None:
    policy.objections = ["Gate auc failed."]
    registry.promote("delay", 1, reason="incident 12", force=True)
    assert stores.audit.list(limit=1)[0].details["overruled"] == ["Gate auc failed."]


@pytest.mark.usefixtures("three")
def test_promote_refuses_a_rejected_version_until_it_is_approved(registry: Registry) -> None:
    registry.reject("delay", 2, reason="gates failed")
    for force in (False, True):
        with pytest.raises(StateTransitionError, match=r"delay@2 is rejected.*mw models approve"):
            registry.promote("delay", 2, reason="please", force=force)
    registry.approve("delay", 2, reason="checked by hand")
    assert registry.promote("delay", 2, reason="approved").version == 2


@pytest.mark.usefixtures("three")
def test_promote_refuses_an_archived_version(registry: Registry) -> None:
    registry.archive("delay", 2, reason="old")
    with pytest.raises(StateTransitionError, match="archived"):
        registry.promote("delay", 2, reason="please")


@pytest.mark.usefixtures("three")
def test_promote_is_a_conflict_when_someone_decides_at_the_same_moment(
    registry: Registry, stores: Stores, policy: Any
) -> None:
    policy.meanwhile = lambda: registry.reject("delay", 1, reason="no")
    with pytest.raises(ConflictError, match="same moment"):
        registry.promote("delay", 1, reason="yes")
    assert stores.models.list_aliases() == []


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("reason", ["", " \n"])
def test_every_change_wants_a_reason(registry: Registry, reason: str) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: registry.promote("delay", 1, reason=reason),
        lambda: registry.rollback("delay", reason=reason),
        lambda: registry.delete_alias("delay", "champion", reason=reason),
        lambda: registry.approve("delay", 1, reason=reason),
        lambda: registry.reject("delay", 1, reason=reason),
        lambda: registry.archive("delay", 1, reason=reason),
    ]
    for call in calls:
        with pytest.raises(InvalidInputError, match="reason"):
            call()


@pytest.mark.usefixtures("three")
def test_promote_refuses_an_alias_that_reads_like_a_version(registry: Registry) -> None:
    with pytest.raises(InvalidInputError, match="v3"):
        registry.promote("delay", 1, "v3", reason="x")


@pytest.mark.usefixtures("three")
def test_unknown_model_or_version_is_an_error(registry: Registry) -> None:
    for name, version in (("dellay", 1), ("delay", 4)):
        calls: list[Callable[[], Any]] = [
            lambda name=name, version=version: registry.promote(name, version, reason="x"),
            lambda name=name, version=version: registry.approve(name, version, reason="x"),
            lambda name=name, version=version: registry.archive(name, version, reason="x"),
            lambda name=name, version=version: registry.attach(name, version, {}),
        ]
        for call in calls:
            with pytest.raises(NotFoundError):
                call()


# Going back


@pytest.mark.usefixtures("three")
def test_rollback_goes_back_step_by_step(registry: Registry, stores: Stores, events: list[Event]) -> None:
    for version in (1, 2, 3):
        registry.promote("delay", version, reason="newer")
    assert registry.rollback("delay", reason="wrong").version == 2
    assert registry.rollback("delay", reason="wrong").version == 1
    with pytest.raises(ConflictError, match="no other before"):
        registry.rollback("delay", reason="wrong")
    assert actions(stores)[-2:] == ["model.rollback"] * 2
    assert events[-1].type == "model.promoted"
    assert events[-1].data["previous"] == 2


@pytest.mark.usefixtures("three")
def test_rollback_of_one_alias_leaves_the_others(registry: Registry) -> None:
    for alias in ("champion", "shadow"):
        registry.promote("delay", 1, alias, reason="first")
        registry.promote("delay", 2, alias, reason="second")
    registry.rollback("delay", "shadow", reason="wrong")
    assert registry.resolve("delay@champion").version == 2
    assert registry.resolve("delay@shadow").version == 1


@pytest.mark.usefixtures("three")
def test_rollback_is_refused_when_the_earlier_version_was_rejected(registry: Registry) -> None:
    registry.promote("delay", 1, reason="first")
    registry.promote("delay", 2, reason="second")
    registry.reject("delay", 1, reason="leaks")
    with pytest.raises(StateTransitionError, match="delay@1 is rejected"):
        registry.rollback("delay", reason="wrong")
    assert registry.resolve("delay").version == 2


@pytest.mark.usefixtures("three")
def test_alias_that_is_not_there_is_an_error_that_names_the_closest(registry: Registry) -> None:
    registry.promote("delay", 1, reason="first")
    calls: list[Callable[[str], Any]] = [
        lambda alias: registry.rollback("delay", alias, reason="x"),
        lambda alias: registry.delete_alias("delay", alias, reason="x"),
    ]
    for call in calls:
        with pytest.raises(NotFoundError, match=r"'chmpion'.*'champion'"):
            call("chmpion")
    with pytest.raises(NotFoundError, match=r"model 'dely'.*'delay'"):
        registry.rollback("dely", reason="x")


@pytest.mark.usefixtures("three")
def test_delete_alias_takes_it_away_and_is_audited(registry: Registry, stores: Stores) -> None:
    registry.promote("delay", 1, "shadow", reason="try")
    registry.delete_alias("delay", "shadow", reason="done")
    assert stores.models.list_aliases() == []
    entry = stores.audit.list(limit=1)[0]
    assert (entry.action, entry.subject) == ("model.delete_alias", "delay@1")
    assert entry.details == {"alias": "shadow", "reason": "done"}


# Deciding


@pytest.mark.usefixtures("three")
def test_decisions_are_kept_with_who_when_and_why(registry: Registry, stores: Stores, events: list[Event]) -> None:
    registry.reject("delay", 1, reason="gate")
    registry.approve("delay", 1, reason="fine")
    found = stores.models.list_approvals("delay", 1)
    assert [(record.actor, record.approved, record.reason) for record in found] == [
        ("user:ada", False, "gate"),
        ("user:ada", True, "fine"),
    ]
    assert actions(stores, "delay@1") == ["model.register", "model.reject", "model.approve"]
    assert [event.data["state"] for event in events if event.type == "model.state_changed"] == ["rejected", "approved"]


@pytest.mark.usefixtures("three")
def test_second_approval_is_kept_without_a_change_of_state(registry: Registry, events: list[Event]) -> None:
    for _ in range(2):
        assert registry.approve("delay", 1, reason="fine").state is ModelVersionState.APPROVED
    assert [event.type for event in events].count("model.state_changed") == 1


@pytest.mark.usefixtures("three")
def test_version_with_an_alias_cannot_be_taken_out_of_use(registry: Registry) -> None:
    registry.promote("delay", 1, reason="first")
    for call in (registry.reject, registry.archive):
        with pytest.raises(ConflictError, match=r"delay@1 carries the alias champion"):
            call("delay", 1, reason="x")


@pytest.mark.usefixtures("three")
def test_archived_version_stays_archived(registry: Registry, stores: Stores) -> None:
    assert registry.archive("delay", 1, reason="old").state is ModelVersionState.ARCHIVED
    for call in (registry.approve, registry.reject):
        with pytest.raises(StateTransitionError):
            call("delay", 1, reason="x")
    assert stores.models.list_approvals("delay", 1) == []
    assert actions(stores, "delay@1") == ["model.register", "model.archive"]


@pytest.mark.usefixtures("three")
def test_attach_adds_documents_and_is_audited(registry: Registry, stores: Stores) -> None:
    documents = {"card.md": stores.artifacts.put(b"card")}
    assert registry.attach("delay", 1, documents).documents == documents
    assert stores.audit.list(limit=1)[0].details == {"documents": documents}
