from __future__ import annotations


def test_audit_recomputes_the_chain(control):
    page = control.page("/audit")
    verified = control.json("/api/v1/audit/verify")
    assert "Audit log whole" in page
    assert f"mw audit verify --head {verified['entries']}:{verified['head']}" in page
    assert "model.promote late-visit@1 alias champion" in page


def test_audit_tells_when_the_log_was_changed(empty):
    import sqlite3

    stores = empty.workspace.stores
    for number in range(3):
        stores.audit.append(at=empty.workspace.clock.now(), actor="ann", action="x.y", subject=f"s{number}", details={})
    database = next(empty.workspace.folder.rglob("millwright.db"))
    with sqlite3.connect(database) as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        connection.execute("UPDATE audit_events SET actor = 'eve' WHERE seq = 2")
    connection.close()
    page = empty.page("/audit")
    assert "Audit log changed" in page
    assert "Entry 2" in page
