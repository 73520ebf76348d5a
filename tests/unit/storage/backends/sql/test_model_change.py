from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from millwright.storage.backends.sql.database import connect
from millwright.storage.backends.sql.model_change import delete_model, index_tags
from millwright.storage.backends.sql.model_table import MODEL_TAGS, MODEL_VERSION_TAGS
from millwright.storage.backends.sql.revision import bring_up_to_date

if TYPE_CHECKING:
    from pathlib import Path


def test_table_of_tags_says_what_the_record_says(tmp_path: Path) -> None:
    database = connect(f"sqlite:///{tmp_path}/x.db")
    bring_up_to_date(database)
    owner = {"name": "a", "version": 1}
    with database.write() as connection:
        index_tags(connection, MODEL_VERSION_TAGS, {**owner, "version": 2}, {"other": "x"})
        for tags in ({"a": "1", "b": "2"}, {"b": "3"}):
            index_tags(connection, MODEL_VERSION_TAGS, owner, tags)
        rows = connection.execute(sa.select(MODEL_VERSION_TAGS).order_by(MODEL_VERSION_TAGS.c.version)).all()
        assert [tuple(row) for row in rows] == [("a", 1, "b", "3"), ("a", 2, "other", "x")]
        index_tags(connection, MODEL_TAGS, {"name": "a"}, {})
        assert not delete_model(connection, "nowhere")
    database.close()
