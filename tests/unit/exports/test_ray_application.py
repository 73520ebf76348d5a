from __future__ import annotations

import asyncio

import httpx
import pytest

from millwright.core.errors import NotFoundError
from millwright.exports.ray_application import bundle_application

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
