from __future__ import annotations

from datetime import UTC, datetime

from millwright.core.records.audit import GENESIS_HASH, audit_hash

FIELDS = {
    "seq": 1,
    "at": datetime(2026, 1, 1, tzinfo=UTC),
    "actor": "ann",
    "action": "model.promote",
    "subject": "m@1",
    "details": {"b": 1, "a": 2},
    "previous_hash": GENESIS_HASH,
}


def test_hash_changes_with_every_field():
    changes = {
        "seq": 2,
        "at": datetime(2026, 1, 2, tzinfo=UTC),
        "actor": "bob",
        "action": "x",
        "subject": "m@2",
        "details": {},
        "previous_hash": "1" * 64,
    }
    hashes = {audit_hash(**{**FIELDS, name: value}) for name, value in changes.items()}
    assert len(hashes | {audit_hash(**FIELDS)}) == len(changes) + 1


def test_hash_ignores_the_order_of_details():
    assert audit_hash(**{**FIELDS, "details": {"a": 2, "b": 1}}) == audit_hash(**FIELDS)
