"""Conformance of `LoggedModelStore`."""
# ruff: noqa: S101

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import AlreadyExistsError, ConflictError, InvalidInputError, NotFoundError
from millwright.core.ids import ExperimentId, RunId, new_id
from millwright.core.records.experiment import Lifecycle
from millwright.core.records.logged_model import (
    LoggedModelOrder,
    LoggedModelQuery,
    LoggedModelRecord,
    LoggedModelStatus,
)
from millwright.core.records.search import All, Any_, Comparison, Field, Kind
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.records.search import Condition
    from millwright.storage.base.logged_models import LoggedModelStore

_LATER = sample.NOON + timedelta(hours=1)


def logged_model(**fields: Any) -> LoggedModelRecord:
    """A logged model; every field can be given."""
    model_id = f"m-{new_id()}"
    values: dict[str, Any] = {
        "id": model_id,
        "experiment_id": ExperimentId("1"),
        "name": "model",
        "artifact_location": f"mlflow-artifacts:/1/models/{model_id}/artifacts",
        "created_at": sample.NOON,
        "updated_at": sample.NOON,
    }
    return LoggedModelRecord(**{**values, **fields})


def _is(kind: Kind, key: str, op: str, value: Any) -> Comparison:
    return Comparison(field=Field(kind=kind, key=key), op=op, value=value)


class LoggedModelStoreConformance(StoreConformance):
    """Models that runs have logged."""

    def test_model_comes_back_as_it_was_created(self, store: LoggedModelStore) -> None:
        """With every field; once only."""
        for record in (
            logged_model(),
            logged_model(
                name="größe",
                status=LoggedModelStatus.READY,
                status_message="fine",
                model_type="agent",
                source_run_id=RunId("r"),
                params={"a": "1", "ü": ""},
                tags={"t": "x" * 5000},
            ),
        ):
            store.create(record)
            assert store.get(record.id) == record
            with pytest.raises(AlreadyExistsError, match=record.id):
                store.create(record)

    def test_unknown_model_is_an_error_everywhere(self, store: LoggedModelStore) -> None:
        """But nothing to remove for good."""
        calls: list[Callable[[], Any]] = [
            lambda: store.get("m-x", deleted=True),
            lambda: store.set_status("m-x", LoggedModelStatus.READY, _LATER),
            lambda: store.set_lifecycle("m-x", Lifecycle.DELETED, _LATER),
            lambda: store.put_params("m-x", {}),
            lambda: store.put_tags("m-x", {"a": "b"}),
            lambda: store.delete_tag("m-x", "a"),
        ]
        for call in calls:
            with pytest.raises(NotFoundError, match="Logged model with ID 'm-x' not found"):
                call()
        store.purge("m-x")

    def test_status_changes_with_its_time(self, store: LoggedModelStore) -> None:
        """And its message, if there is one."""
        record = logged_model(status_message="was")
        store.create(record)
        ready = store.set_status(record.id, LoggedModelStatus.READY, _LATER)
        assert ready == replace(record, status=LoggedModelStatus.READY, updated_at=_LATER)
        assert (
            store.set_status(record.id, LoggedModelStatus.FAILED, _LATER, message="no room").status_message == "no room"
        )

    def test_deleted_model_is_hidden_until_restored_or_purged(self, store: LoggedModelStore) -> None:
        """It is listed for collection from some moment on."""
        record, other = logged_model(params={"a": "1"}, tags={"b": "2"}), logged_model()
        store.create(record)
        store.create(other)
        store.set_lifecycle(record.id, Lifecycle.DELETED, _LATER)
        with pytest.raises(NotFoundError):
            store.get(record.id)
        assert store.get(record.id, deleted=True).lifecycle is Lifecycle.DELETED
        assert store.search(LoggedModelQuery(experiment_ids=(ExperimentId("1"),))).items == (other,)
        assert store.list_deleted(_LATER) == []
        assert store.list_deleted(_LATER + timedelta(seconds=1)) == [record.id]
        assert store.list_ids(ExperimentId("1")) == [record.id, other.id]
        store.set_lifecycle(record.id, Lifecycle.ACTIVE, _LATER)
        assert store.get(record.id).params == {"a": "1"}
        store.purge(record.id)
        with pytest.raises(NotFoundError):
            store.get(record.id, deleted=True)
        assert store.list_ids(ExperimentId("1")) == [other.id]

    def test_parameters_are_written_once_and_tags_replaced(self, store: LoggedModelStore) -> None:
        """A wrong parameter keeps the others out."""
        record = logged_model()
        store.create(record)
        store.put_params(record.id, {"a": "1"})
        store.put_params(record.id, {"a": "1", "b": "2"})
        with pytest.raises(ConflictError, match="'a'"):
            store.put_params(record.id, {"a": "2", "c": "3"})
        store.put_tags(record.id, {"x": "1", "y": "1"})
        store.put_tags(record.id, {"x": "2"})
        store.delete_tag(record.id, "y")
        with pytest.raises(NotFoundError, match="No tag with key 'y' found"):
            store.delete_tag(record.id, "y")
        stored = store.get(record.id)
        assert (stored.params, stored.tags) == ({"a": "1", "b": "2"}, {"x": "2"})

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            (_is(Kind.ATTRIBUTE, "name", "=", "Beta"), "b"),
            (_is(Kind.ATTRIBUTE, "name", "!=", "Beta"), "ac"),
            (_is(Kind.ATTRIBUTE, "name", "LIKE", "b%"), "c"),
            (_is(Kind.ATTRIBUTE, "name", "LIKE", "_lpha*[x]"), "a"),
            (_is(Kind.ATTRIBUTE, "name", "ILIKE", "b%"), "bc"),
            (_is(Kind.ATTRIBUTE, "name", "IN", ("Beta", "nope")), "b"),
            (_is(Kind.ATTRIBUTE, "name", "NOT IN", ("Beta", "nope")), "ac"),
            (_is(Kind.ATTRIBUTE, "status", "=", "READY"), "b"),
            (_is(Kind.ATTRIBUTE, "creation_timestamp_ms", ">", sample.NOON.timestamp() * 1000 + 500), "bc"),
            (_is(Kind.PARAM, "lr", "=", "0.1"), "ab"),
            (_is(Kind.TAG, "team", "=", "x"), "a"),
            (_is(Kind.METRIC, "rmse", "<", 1.0), ""),
            (All(parts=(_is(Kind.PARAM, "lr", "=", "0.1"), _is(Kind.TAG, "team", "=", "x"))), "a"),
            (Any_(parts=(_is(Kind.TAG, "team", "=", "x"), _is(Kind.ATTRIBUTE, "name", "=", "beta"))), "ac"),
        ],
        ids=str,
    )
    def test_search_finds_what_fits(self, store: LoggedModelStore, where: Condition, expected: str) -> None:
        """Of these experiments only."""
        fields: dict[str, dict[str, Any]] = {
            "a": {"name": "Alpha*[x]", "params": {"lr": "0.1"}, "tags": {"team": "x"}},
            "b": {"name": "Beta", "params": {"lr": "0.1"}, "status": LoggedModelStatus.READY},
            "c": {"name": "beta", "params": {"lr": "0.2"}},
            "d": {"name": "Beta", "experiment_id": ExperimentId("2")},
        }
        for at, (model_id, more) in enumerate(fields.items()):
            store.create(logged_model(id=model_id, created_at=sample.NOON + timedelta(seconds=at), **more))
        found = store.search(LoggedModelQuery(experiment_ids=(ExperimentId("1"),), where=where))
        assert sorted(record.id for record in found.items) == list(expected)

    def test_search_gives_pages_in_order(self, store: LoggedModelStore) -> None:
        """The newest first where the order leaves a choice."""
        for at in range(7):
            store.create(logged_model(id=f"m-{at}", name="ab"[at % 2], created_at=sample.NOON + timedelta(seconds=at)))
        by_name = LoggedModelOrder(field=Field(kind=Kind.ATTRIBUTE, key="name"), ascending=False)
        query = LoggedModelQuery(experiment_ids=(ExperimentId("1"),), order=(by_name,), limit=3)
        found, token = [], None
        for _ in range(3):
            page = store.search(replace(query, after=token))
            found.append([record.id[-1] for record in page.items])
            token = page.next_token
        assert found == [["5", "3", "1"], ["6", "4", "2"], ["0"]]
        assert token is None
        for wrong in ("x", "", store.search(replace(query, limit=1)).next_token):
            with pytest.raises(InvalidInputError, match="page token"):
                store.search(replace(query, after=wrong, order=()))

    def test_search_refuses_fields_that_models_do_not_have(self, store: LoggedModelStore) -> None:
        """In filters and in orders."""
        field = Field(kind=Kind.ATTRIBUTE, key="nope")
        for query in (
            LoggedModelQuery(experiment_ids=(), where=Comparison(field=field, op="=", value="x")),
            LoggedModelQuery(experiment_ids=(), order=(LoggedModelOrder(field=field),)),
        ):
            with pytest.raises(InvalidInputError, match="nope"):
                store.search(query)
