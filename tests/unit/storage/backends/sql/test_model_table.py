from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite

from millwright.storage.backends.sql.model_table import Blank


def test_absent_text_is_kept_as_empty_and_comes_back_absent():
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        for value in (None, "", "x"):
            kept = Blank().process_bind_param(value, dialect)
            assert kept == (value or "")
            assert Blank().process_result_value(kept, dialect) == (value or None)


def test_text_is_compared_by_bytes_on_postgresql():
    assert Blank().load_dialect_impl(postgresql.dialect()).collation == "C"
