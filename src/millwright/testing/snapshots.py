"""Conformance of `SnapshotStore`; it needs all stores, so its fixture opens them."""
# ruff: noqa: S101

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import ConflictError, InvalidInputError
from millwright.core.ids import ExperimentId
from millwright.core.records.experiment import ExperimentRecord
from millwright.storage.base.snapshots import digests_in
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.logged_models import logged_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.storage.catalog import Stores

_ODD = "größe '\" \\ \n %s :name ?"


def fill(stores: Stores) -> None:
    """Some records of several families."""
    stores.files.put("a/b", sample.digest("one"), 3, sample.NOON)
    stores.logged_models.create(logged_model(id="m-1", name="x", params={"odd": _ODD}))
    stores.datasets.create_version(sample.dataset_version(digest=sample.digest("two")))
    stores.audit.append(at=sample.NOON, actor="ada", action="x", subject="y", details={"odd": _ODD})


class SnapshotStoreConformance(StoreConformance):
    """Every record as one text."""

    def test_records_come_back_elsewhere(self, store: Stores, other: Stores) -> None:
        """Whatever database they come from and go to; new ones go on behind them."""
        assert other.snapshots.is_empty()
        fill(store)
        lines = list(store.snapshots.dump())
        assert other.snapshots.load(lines) == sum(line.startswith(b"[") for line in lines)
        assert list(other.snapshots.dump()) == lines
        assert other.logged_models.get("m-1") == store.logged_models.get("m-1")
        assert list(other.audit.iter()) == list(store.audit.iter())
        other.datasets.create_version(sample.dataset_version())
        made = ExperimentRecord(id=ExperimentId(""), name="new", created_at=sample.NOON)
        assert other.experiments.create(made).id not in {record.id for record in store.experiments.list()}

    def test_records_are_never_mixed(self, store: Stores, other: Stores) -> None:
        """A place that is not empty stays as it is; so does one that a broken text was to fill."""
        fill(store)
        lines = list(store.snapshots.dump())
        with pytest.raises(ConflictError, match="to be empty"):
            store.snapshots.load(lines)
        broken: list[tuple[list[bytes], str]] = [
            ([*lines, b"nonsense\n"], "not JSON"),
            ([*lines, b'{"table":"nope","columns":[]}\n'], "nope"),
            ([*lines, b"[1]\n"], "does not fit"),
            ([b"[1]\n", *lines], "before its table"),
        ]
        for text, reason in broken:
            with pytest.raises(InvalidInputError, match=reason):
                other.snapshots.load(text)
            assert other.snapshots.is_empty()
        assert list(store.snapshots.dump()) == lines

    def test_snapshot_is_of_one_moment(self, store: Stores) -> None:
        """What is written while it is read is not in it."""
        fill(store)
        lines = store.snapshots.dump()
        first = next(lines)  # from here on
        store.files.put("later", sample.digest("later"), 1, sample.NOON)
        assert all(b"later" not in line for line in [first, *lines])
        assert any(b"later" in line for line in store.snapshots.dump())

    def test_digests_of_every_record_are_known(self, store: Stores) -> None:
        """Wherever in it they stand."""
        assert store.snapshots.named_digests() == set()
        fill(store)
        named = store.snapshots.named_digests()
        assert {sample.digest("one"), sample.digest("two")} <= named
        assert sample.digest("three") not in named

    def test_line_without_a_digest_has_none(self) -> None:
        """Longer hexadecimal numbers are something else."""
        calls: Callable[[bytes], Any] = digests_in
        assert calls(b"") == calls(b"a" * 63) == calls(b"a" * 65) == calls(b"A" * 64) == set()
        assert calls(b'"' + b"a" * 64 + b'",' + b"b" * 64) == {"a" * 64, "b" * 64}
