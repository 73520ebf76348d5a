from __future__ import annotations

from millwright.registry.exchange.sqlite_place import SqlitePlace


def test_database_from_before_logged_models_has_none(origin):
    origin.execute("DROP TABLE logged_model_tags")
    place = SqlitePlace(origin.path, origin.artifacts)
    assert list(place.logged_models.iter_models("1")) == []
    place.close()
