from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

from millwright.cli.audit import _reason
from millwright.core.records.audit import AuditEvent

COMMON: dict[str, Any] = {
    "seq": 1, "at": datetime(2026, 1, 1, tzinfo=UTC), "actor": "ann", "action": "retraining.decide",
    "previous_hash": "0" * 64, "hash": "1" * 64,
}  # fmt: skip


def test_audit_list_shows_the_newest_event_first(trained_once, mw):
    answer = mw(trained_once, "audit", "list")
    lines = [line for line in answer.out.splitlines() if "late-visit@1" in line]
    assert "model.promote" in lines[0]
    assert "ann" in lines[0]
    assert "Next: mw audit verify" in answer.out


def test_audit_list_keeps_to_one_subject(trained_once, mw):
    events = mw(trained_once, "audit", "list", "--subject", "visits@1", "--json").json
    assert {event["subject"] for event in events} == {"visits@1"}


def test_audit_list_says_so_when_nothing_happened(tmp_path, mw):
    answer = mw(tmp_path, "audit", "list", "--subject", "nobody")
    assert answer.out == "Nothing is in the audit log about nobody.\n"
    assert mw(tmp_path, "audit", "list", "--json").json == []


def test_audit_list_says_what_was_decided_and_why():
    told = [
        _reason(AuditEvent(details=details, subject="retraining:late", **COMMON))
        for details in (
            {"outcome": "kept", "reasons": ["roc_auc is lower.", "It answers: drift."]},
            {"because": "cool-down", "reasons": ["Not retrained: late rests."]},
            {"reason": "by hand"},
            {},
        )
    ]
    assert told == ["kept: roc_auc is lower.", "Not retrained: late rests.", "by hand", ""]


def test_audit_verify_finds_the_chain_whole_and_says_what_to_note(trained_once, mw):
    answer = mw(trained_once, "audit", "verify")
    assert answer.code == 0
    assert "✓ The audit log is whole: 4 entries" in answer.out
    checkpoint = answer.out.split("--head ")[1].strip()
    assert mw(trained_once, "audit", "verify", "--head", checkpoint, "--json").json["ok"] is True


def test_audit_verify_fails_with_the_entry_when_one_was_changed(trained, mw):
    with sqlite3.connect(trained / ".millwright" / "millwright.db") as database:
        changed = database.execute("UPDATE audit_events SET actor = 'eve' WHERE seq = 2").rowcount
    database.close()
    assert changed == 1
    answer = mw(trained, "audit", "verify")
    assert answer.code == 1
    assert "✗ The audit log was changed" in answer.out
    assert "2" in answer.out
    again = mw(trained, "audit", "verify", "--json")
    assert (again.code, again.json["ok"], again.json["problem"]["seq"]) == (1, False, 2)


def test_audit_verify_fails_when_the_noted_entry_is_gone(trained_once, mw):
    answer = mw(trained_once, "audit", "verify", "--head", "0" * 64)
    assert answer.code == 1


def test_audit_verify_fails_with_what_is_missing_when_the_tail_was_cut_off(trained, mw):
    with sqlite3.connect(trained / ".millwright" / "millwright.db") as database:
        database.execute("DELETE FROM audit_events WHERE action = 'model.promote'")
    database.close()
    answer = mw(trained, "audit", "verify")
    assert answer.code == 1
    assert "no entry put it there" in answer.out
    assert mw(trained, "audit", "verify", "--json").json["ok"] is False
