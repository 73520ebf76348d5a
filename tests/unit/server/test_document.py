from __future__ import annotations

import pytest

from millwright.core.errors import NotFoundError
from millwright.server.document import document_of, find_registered, media_type


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("report.html", "text/html"),
        ("card.md", "text/plain"),
        ("gates.JSON", "application/json"),
        ("reference.parquet", ""),
        ("image.svg", ""),
        ("html", "text/html"),
        ("page.xhtml", ""),
    ],
)
def test_only_known_kinds_are_shown(name, shown):
    assert media_type(name) == shown


def test_document_has_a_file_name_that_cannot_break_a_header(control):
    found = document_of(control.workspace.stores, "late-visit", 1, "gates.json")
    assert found.file_name == "late-visit-1-gates.json"
    assert found.data.startswith(b"{")


def test_unknown_document_names_the_nearest(control):
    with pytest.raises(NotFoundError, match=r"Did you mean 'gates\.json'"):
        document_of(control.workspace.stores, "late-visit", 1, "gate.json")


def test_unknown_model_names_the_nearest(control):
    assert find_registered(control.workspace.stores.models, "late-visit").name == "late-visit"
    with pytest.raises(NotFoundError, match="Did you mean 'late-visit'"):
        find_registered(control.workspace.stores.models, "late-visits")
