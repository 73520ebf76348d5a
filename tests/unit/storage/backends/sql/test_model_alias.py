from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.storage.backends.sql.database import connect
from millwright.storage.backends.sql.model_alias import no_model
from millwright.storage.backends.sql.models import SqlModelStore
from millwright.storage.backends.sql.revision import bring_up_to_date
from millwright.testing.models import model

if TYPE_CHECKING:
    from pathlib import Path


def test_unknown_model_is_told_with_the_closest_name(tmp_path: Path) -> None:
    database = connect(f"sqlite:///{tmp_path}/x.db")
    bring_up_to_date(database)
    SqlModelStore(database).create_model(model("delay"))
    with database.read() as connection:
        assert str(no_model(connection, "dellay")) == "There is no model 'dellay'. Did you mean 'delay'?"
    database.close()
