from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from millwright.core.digest import digest_bytes
from millwright.core.errors import ConfigurationError, NotFoundError, UnsafeArtifactError
from millwright.exports.bundle import make_bundle
from millwright.exports.ray_application import bundle_application
from millwright.models.adoption import adopt
from millwright.models.function import PythonFunction
from millwright.models.package import pack, read_manifest
from unit.models import functions

ROWS = [{"load": 2.5, "crew": "a", "days": 3}, {"load": -1.25, "crew": "b", "days": 30}]


@pytest.fixture
def application(planned, tmp_path):
    for path, content in planned().bundle.files().items():
        (tmp_path / path).write_bytes(content)
    return bundle_application(tmp_path)


async def ask(application, method, path, **body):
    transport = httpx.ASGITransport(app=application)
    async with httpx.AsyncClient(transport=transport, base_url="http://replica") as client:
        return await client.request(method, path, **body)


def test_replica_answers_every_contract_as_the_package_does(application, late_visit):
    from millwright.models.package import load_predictor

    expected = load_predictor(late_visit[1]).predict_rows(ROWS)
    plain = asyncio.run(ask(application, "POST", "/predict", json={"rows": ROWS})).json()["predictions"]
    assert [{name: row[name] for name in expected[0]} for row in plain] == expected
    tensors = [
        {"name": name, "datatype": kind, "shape": [2], "data": [row[name] for row in ROWS]}
        for name, kind in (("load", "FP64"), ("crew", "BYTES"), ("days", "INT64"))
    ]
    infer = asyncio.run(ask(application, "POST", "/v2/models/late-visit/infer", json={"inputs": tensors})).json()
    assert infer["outputs"][0]["data"] == [row["prediction"] for row in expected]
    assert infer["model_version"] == "1"


def test_replica_refuses_what_does_not_fit(application):
    refused = asyncio.run(ask(application, "POST", "/predict", json={"load": "x", "crew": "a", "days": 3}))
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_input")


def test_replica_takes_part_in_beginning_and_end(application):
    """Ray's own server ends a replica that does not answer these."""
    told = []
    events = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> dict[str, str]:
        return next(events)

    async def send(message) -> None:
        told.append(message["type"])

    asyncio.run(application({"type": "lifespan"}, receive, send))
    assert told == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_folder_without_a_model_is_told(tmp_path):
    with pytest.raises(NotFoundError, match="mw export docker"):
        bundle_application(tmp_path)


def test_replica_logs_predictions_where_the_variable_says(planned, tmp_path):
    from millwright.storage.catalog import open_stores

    for path, content in planned().bundle.files().items():
        (tmp_path / path).write_bytes(content)
    place = tmp_path / "predictions"
    application = bundle_application(tmp_path, environ={"MILLWRIGHT_PREDICTIONS": str(place)})
    answer = asyncio.run(ask(application, "POST", "/predict", json=ROWS))
    ids = [row["prediction_id"] for row in answer.json()]
    sent = asyncio.run(end(application))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    stores = open_stores(
        records_url=f"sqlite:///{tmp_path}/r.db", artifacts_url=f"{tmp_path}/a", predictions_url=str(place)
    )
    assert sorted(record.id for record in stores.predictions.iter("late-visit")) == sorted(ids)
    stores.close()


async def end(application) -> list[str]:
    """Begin and end an application; what it says to that."""
    sent = []

    async def receive() -> dict[str, str]:
        return {}

    async def send(message) -> None:
        sent.append(message["type"])

    await application({"type": "lifespan"}, receive, send)
    return sent


@pytest.fixture
def code_bundle(late_visit, tmp_path, monkeypatch):
    """A bundle of a model that is Python code."""
    module = functions.delay_module(tmp_path, monkeypatch)
    function = PythonFunction(model=module.Delay, artifacts=tmp_path / "artifacts", params={"factor": 2.0})
    package = pack(adopt(function, functions.ROWS, target="late"))
    about = {"package": digest_bytes(package), "size_bytes": len(package), "flavor": "python"}
    return make_bundle(replace(late_visit[0], signature=read_manifest(package)["signature"], **about), package)


def test_model_of_code_is_loaded_where_the_variable_allows_it(tmp_path, code_bundle):
    for path, content in code_bundle.files().items():
        (tmp_path / path).write_bytes(content)
    with pytest.raises(UnsafeArtifactError, match="allow_code"):
        bundle_application(tmp_path, environ={"MILLWRIGHT_MODELS__ALLOW_CODE": "false"})
    application = bundle_application(tmp_path, environ={"MILLWRIGHT_MODELS__ALLOW_CODE": "yes"})
    assert asyncio.run(ask(application, "POST", "/predict", json={"days": 1, "borough": "Queens"})).status_code == 200
    with pytest.raises(ConfigurationError, match="true or false, found 'perhaps'"):
        bundle_application(tmp_path, environ={"MILLWRIGHT_MODELS__ALLOW_CODE": "perhaps"})
