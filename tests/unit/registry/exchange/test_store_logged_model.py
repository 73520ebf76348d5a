from __future__ import annotations

import pytest

from millwright.core.errors import NotFoundError
from millwright.registry.exchange.content import Artifact
from millwright.registry.exchange.logged_model import LoggedModel


def test_what_was_written_is_read_again(here):
    place, experiment_id = here.logged_models, next(here.iter_experiments()).id
    model = LoggedModel(
        id="m-1",
        experiment_id=experiment_id,
        name="net",
        artifact_uri="",
        created_ms=1_700_000_000_000,
        updated_ms=1_700_000_000_001,
        params={"depth": "3"},
    )
    place.put_file(model, experiment_id, Artifact(path="data/MLmodel", size_bytes=3), [b"abc"])
    place.put(model, experiment_id)
    (found,) = place.iter_models(experiment_id)
    assert (found.id, found.name, found.created_ms, found.params) == ("m-1", "net", model.created_ms, {"depth": "3"})
    assert [(file.path, file.size_bytes) for file in place.list_files(found)] == [("data/MLmodel", 3)]
    assert b"".join(place.read_file(found, "data/MLmodel")) == b"abc"
    with pytest.raises(NotFoundError, match="has no file"):
        place.read_file(found, "other")
