from __future__ import annotations

import pytest

from millwright.server.security import DOCUMENT_POLICY


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("report.html", "text/html; charset=utf-8"),
        ("card.html", "text/html; charset=utf-8"),
        ("card.md", "text/plain; charset=utf-8"),
        ("gates.json", "application/json"),
    ],
)
def test_document_is_shown_in_an_origin_of_its_own(control, name, kind):
    answer = control.get(f"/models/late-visit/1/documents/{name}")
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-security-policy"] == DOCUMENT_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "allow-same-origin" not in DOCUMENT_POLICY
    assert DOCUMENT_POLICY.startswith("sandbox")


def test_document_of_another_kind_is_saved(control):
    answer = control.get("/models/late-visit/1/documents/reference.parquet")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="late-visit-1-reference.parquet"'


@pytest.mark.parametrize("name", ["..%2f..%2fmillwright.db", "%2e%2e", "..%5cx", "/etc/passwd"])
def test_name_of_a_document_is_never_a_path(control, name):
    assert control.get(f"/models/late-visit/1/documents/{name}").status_code == 404
