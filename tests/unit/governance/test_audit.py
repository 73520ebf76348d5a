"""Tampering is done to the SQLite file directly, behind the store's back."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.ids import Digest
from millwright.core.records.audit import GENESIS_HASH, audit_hash
from millwright.governance.audit import Tampering, read_head, verify_audit

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.storage.catalog import Stores

START = datetime(2026, 1, 1, 8, 0, 0, 123456, tzinfo=UTC)


def write(stores: Stores, entries: int = 5) -> None:
    with stores.transactions.transaction():
        for number in range(1, entries + 1):
            stores.audit.append(
                at=START + timedelta(minutes=number),
                actor="user:ada",
                action="model.promote",
                subject=f"delay@{number}",
                details={"alias": "champion", "score": 0.1 * number, "note": "größer"},
            )


def tamper(tmp_path: Path, *statements: str, values: tuple[object, ...] = ()) -> None:
    with closing(sqlite3.connect(tmp_path / "records.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement, values)


def rehash(tmp_path: Path, seq: int) -> None:
    """Give an edited entry a hash that fits it, as a careful forger would."""
    with closing(sqlite3.connect(tmp_path / "records.db")) as connection, connection:
        connection.row_factory = sqlite3.Row
        row = connection.execute("SELECT * FROM audit_events WHERE seq = ?", (seq,)).fetchone()
        before = connection.execute("SELECT hash FROM audit_events WHERE seq = ?", (seq - 1,)).fetchone()
        previous = Digest(before["hash"] if before else GENESIS_HASH)
        made = audit_hash(
            seq=seq,
            at=START + timedelta(minutes=seq),
            actor=row["actor"],
            action=row["action"],
            subject=row["subject"],
            details=json.loads(row["details"]),
            previous_hash=previous,
        )
        connection.execute("UPDATE audit_events SET hash = ?, previous_hash = ? WHERE seq = ?", (made, previous, seq))


def test_log_is_whole_when_nothing_was_changed(stores: Stores):
    write(stores)
    found = verify_audit(stores.audit)
    assert (found.ok, found.entries, found.problem) == (True, 5, None)
    assert found.checkpoint == str(read_head(stores.audit))


def test_log_is_whole_when_it_is_empty(stores: Stores):
    found = verify_audit(stores.audit)
    assert (found.ok, found.entries, found.head) == (True, 0, GENESIS_HASH)
    assert read_head(stores.audit).at is None
    assert verify_audit(stores.audit, head=found.checkpoint).ok


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_events SET actor = 'user:eve' WHERE seq = 3",
        "UPDATE audit_events SET action = 'model.reject' WHERE seq = 3",
        "UPDATE audit_events SET subject = 'delay@9' WHERE seq = 3",
        'UPDATE audit_events SET details = \'{"alias": "challenger"}\' WHERE seq = 3',
        "UPDATE audit_events SET hash = replace(hash, substr(hash, 1, 8), 'deadbeef') WHERE seq = 3",
    ],
)
def test_changed_entry_is_named(stores: Stores, tmp_path: Path, change: str):
    write(stores)
    tamper(tmp_path, change)
    found = verify_audit(stores.audit)
    assert not found.ok
    assert found.problem is not None
    assert (found.problem.kind, found.problem.seq, found.entries) == (Tampering.CONTENT, 3, 2)
    assert str(found.problem).startswith("Entry 3 (model.")


def test_changed_time_is_noticed(stores: Stores, tmp_path: Path):
    write(stores)
    with closing(sqlite3.connect(tmp_path / "records.db")) as connection:
        later = connection.execute("SELECT at FROM audit_events WHERE seq = 5").fetchone()[0]
    tamper(tmp_path, "UPDATE audit_events SET at = ? WHERE seq = 2", values=(later,))
    problem = verify_audit(stores.audit).problem
    assert problem is not None
    assert (problem.kind, problem.seq) == (Tampering.CONTENT, 2)


def test_changed_entry_with_a_new_hash_is_noticed_at_the_next_one(stores: Stores, tmp_path: Path):
    write(stores)
    tamper(tmp_path, "UPDATE audit_events SET actor = 'user:eve' WHERE seq = 3")
    rehash(tmp_path, 3)
    problem = verify_audit(stores.audit).problem
    assert problem is not None
    assert (problem.kind, problem.seq) == (Tampering.LINK, 4)
    assert "it or entry 3 was replaced" in problem.message


@pytest.mark.parametrize(("removed", "at"), [((3,), 3), ((2, 3), 2), ((1,), 1)])
def test_removed_entries_are_noticed(stores: Stores, tmp_path: Path, removed: tuple[int, ...], at: int):
    write(stores)
    for seq in removed:
        tamper(tmp_path, "DELETE FROM audit_events WHERE seq = ?", values=(seq,))
    problem = verify_audit(stores.audit).problem
    assert problem is not None
    assert (problem.kind, problem.seq) == (Tampering.GAP, at)


def test_removed_entry_is_noticed_when_the_rest_is_renumbered(stores: Stores, tmp_path: Path):
    write(stores)
    tamper(tmp_path, "DELETE FROM audit_events WHERE seq = 2", "UPDATE audit_events SET seq = seq - 1 WHERE seq > 2")
    problem = verify_audit(stores.audit).problem
    assert problem is not None
    assert (problem.kind, problem.seq) == (Tampering.LINK, 2)


def test_exchanged_entries_are_noticed(stores: Stores, tmp_path: Path):
    write(stores)
    tamper(
        tmp_path,
        "UPDATE audit_events SET seq = 99 WHERE seq = 2",
        "UPDATE audit_events SET seq = 2 WHERE seq = 3",
        "UPDATE audit_events SET seq = 3 WHERE seq = 99",
    )
    problem = verify_audit(stores.audit).problem
    assert problem is not None
    assert (problem.kind, problem.seq) == (Tampering.LINK, 2)


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_entry_that_cannot_be_read_is_named(stores: Stores, tmp_path: Path, seq: int):
    write(stores)
    tamper(tmp_path, "UPDATE audit_events SET details = 'no json' WHERE seq = ?", values=(seq,))
    found = verify_audit(stores.audit)
    assert not found.ok
    assert found.problem is not None
    assert found.problem.kind is Tampering.UNREADABLE
    assert ("newest entry" if seq == 5 else f"Entry {seq} cannot be read") in found.problem.message


@pytest.mark.parametrize("only_hash", [True, False])
def test_cut_tail_is_noticed_with_a_checkpoint(stores: Stores, tmp_path: Path, *, only_hash: bool):
    write(stores)
    noted = verify_audit(stores.audit)
    tamper(tmp_path, "DELETE FROM audit_events WHERE seq > 3")
    assert verify_audit(stores.audit).ok
    found = verify_audit(stores.audit, head=noted.head if only_hash else noted.checkpoint)
    assert not found.ok
    assert found.problem is not None
    assert found.problem.kind is Tampering.HEAD
    assert "ends at entry 3" in found.problem.message


def test_rewritten_log_is_noticed_with_a_checkpoint(stores: Stores, tmp_path: Path):
    write(stores)
    noted = verify_audit(stores.audit).checkpoint
    tamper(tmp_path, "UPDATE audit_events SET actor = 'user:eve' WHERE seq = 2")
    for seq in range(2, 6):
        rehash(tmp_path, seq)
    assert verify_audit(stores.audit).ok
    found = verify_audit(stores.audit, head=noted)
    assert found.problem is not None
    assert found.problem.message.startswith("Entry 5 has another hash than the checkpoint")


def test_checkpoint_holds_when_the_log_has_grown_since(stores: Stores):
    write(stores)
    noted = verify_audit(stores.audit)
    write(stores)
    assert verify_audit(stores.audit, head=noted.checkpoint).ok
    assert verify_audit(stores.audit, head=noted.head.upper()).ok


def test_checkpoint_of_another_form_is_refused(stores: Stores):
    with pytest.raises(InvalidInputError, match="SEQ:HASH"):
        verify_audit(stores.audit, head="abc")


def test_long_log_is_verified_across_pages(stores: Stores):
    write(stores, 2500)
    assert verify_audit(stores.audit).entries == 2500
