from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from millwright.core.errors import InvalidInputError
from millwright.registry.exchange.content import Model, Run, Version
from millwright.registry.exchange.rest_client import RestClient
from millwright.registry.exchange.rest_models import RestModels

VERSION = Version(name="it's a model", version=2, created_ms=1, updated_ms=2, source="s3://x", tags={"k": "v"})


@pytest.fixture
def models(served_url):
    with closing(RestClient(served_url)) as client:
        yield RestModels(client)


def test_models_are_made_once_and_read_back(models):
    model = Model(name="it's a model", created_ms=1, updated_ms=2, tags={"a": "b"}, aliases={"champion": 2})
    assert models.put_model(model)
    assert not models.put_model(model)
    assert models.put_version(VERSION, None)
    assert not models.put_version(VERSION, None)
    models.put_aliases(model)
    (found,) = models.iter_models()
    assert (found.name, found.tags, found.aliases) == (model.name, model.tags, {"champion": 2})
    (version,) = models.iter_versions(model.name)
    assert (version.version, version.source, version.tags) == (2, "s3://x", {"k": "v"})


def test_number_that_is_taken_by_a_later_one_is_refused(models):
    models.put_model(Model(name="m", created_ms=1, updated_ms=2))
    models.put_version(replace(VERSION, name="m", version=3), None)
    with pytest.raises(InvalidInputError, match="Expected version 1 of m, found that the server made 4"):
        models.put_version(replace(VERSION, name="m", version=1), None)


def test_source_in_a_run_that_was_carried_follows_it():
    from millwright.registry.exchange.rest_models import _source

    run = Run(
        id="new", experiment_id="1", name="", status="", start_ms=0, artifact_uri="mlflow-artifacts:/1/new/artifacts"
    )
    version = replace(VERSION, run_id="old")
    for source, expected in (
        ("runs:/old/model", "runs:/new/model"),
        ("mlflow-artifacts:/7/old/artifacts/model", "mlflow-artifacts:/1/new/artifacts/model"),
        ("s3://bucket/old/model", "s3://bucket/old/model"),
    ):
        assert _source(replace(version, source=source), run) == expected
    assert _source(version, None) == "s3://x"
