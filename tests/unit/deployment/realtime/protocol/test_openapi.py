from __future__ import annotations

import csv
import io
import json
import re

import jsonschema
import pytest

from millwright.deployment.realtime.model_slot import ModelSlot
from millwright.deployment.realtime.protocol import all_routes
from millwright.deployment.realtime.route import RouteOptions
from millwright.deployment.realtime.served_model import ServedModel
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.signature import Signature
from millwright.models.task import Task

METHODS = {"get", "post"}


@pytest.fixture
def document(serving):
    return serving.get("/openapi.json").json


def fits(document, schema, value):
    """Raises unless a value fits one of the document's schemas."""
    checker = jsonschema.Draft202012Validator({**schema, "components": document["components"]})
    checker.validate(value)


def bodies(document):
    """Every example of a body: path, content type, what is described."""
    for path, item in document["paths"].items():
        for content_type, body in item.get("post", {}).get("requestBody", {}).get("content", {}).items():
            if "example" in body:
                yield path, content_type, body


def test_every_path_is_described(document):
    assert document["openapi"] == "3.1.0"
    assert {path: set(item) & METHODS for path, item in document["paths"].items()} == {
        route.path: {method.lower() for method in route.handlers} for route in all_routes(RouteOptions())
    }
    ids = [item[method]["operationId"] for item in document["paths"].values() for method in set(item) & METHODS]
    assert len(set(ids)) == len(ids)


def test_paths_of_the_hosting_platform_are_described(make_serving):
    serving = make_serving(routes=RouteOptions(predict_paths=("/p",)))
    assert "requestBody" in serving.get("/openapi.json").json["paths"]["/p"]["post"]


def test_path_names_what_is_served(document):
    (model, version) = document["paths"]["/v2/models/{model}/versions/{version}"]["parameters"]
    assert (model["schema"]["enum"], version["schema"]["enum"]) == (["delay", "site"], ["1"])


def test_every_reference_leads_somewhere(document):
    names = set(re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(document)))
    assert names == set(document["components"]["schemas"]) & names
    expected = {"Row", "Values", "Prediction", "NamedPrediction", "Explanation", "Params", "Error", "TextError"}
    assert names == expected


def test_every_schema_is_one(document):
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
        if "example" in schema:
            fits(document, schema, schema["example"])


def test_every_example_fits_its_schema_and_is_answered_as_described(serving, document):
    asked = 0
    for path, content_type, body in bodies(document):
        example = body["example"]
        fits(document, body["schema"], example)
        url = path.format(model="delay", version="1")
        sent = (example if isinstance(example, str) else json.dumps(example)).encode()
        response = serving.ask("POST", url, sent, headers={"content-type": content_type})
        assert response.status == 200, (path, response.body)
        answers = document["paths"][path]["post"]["responses"]["200"]["content"]
        fits(document, answers["application/json"]["schema"], response.json)
        asked += 1
    assert asked == 12


@pytest.mark.parametrize("path", ["/predict", "/invocations", "/v1/models/delay:predict", "/v2/models/delay/infer"])
def test_error_is_as_described(serving, document, path):
    response = serving.post(path, {"nothing": 1})
    assert response.status >= 400
    described = document["paths"][path.replace("delay", "{model}")]["post"]["responses"]["4XX"]
    fits(document, described["content"]["application/json"]["schema"], response.json)


def test_rows_of_the_signature_are_described(document, signature):
    row = document["components"]["schemas"]["Row"]
    assert list(row["properties"]) == [column.name for column in signature.inputs]
    assert row["required"] == [column.name for column in signature.inputs if column.required]
    assert row["properties"]["permit"] == {"type": ["boolean", "null"]}
    assert row["properties"]["borough"] == {"type": "string", "examples": ["Queens", "Bronx"]}
    assert row["properties"]["days"] == {"type": "number", "description": "0 to 90 in training."}


@pytest.mark.parametrize(
    "row", [{"days": 1}, {"days": "x", "crews": 1, "borough": "x"}, {"days": 1, "crews": 1, "borough": "x", "z": 1}, []]
)
def test_what_the_server_refuses_does_not_fit(serving, document, row):
    assert serving.post("/predict", row).status == 422
    with pytest.raises(jsonschema.ValidationError):
        fits(
            document, document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["schema"], row
        )


def test_example_of_csv_is_one_line(document):
    line = document["paths"]["/invocations"]["post"]["requestBody"]["content"]["text/csv"]["example"]
    assert len(list(csv.reader(io.StringIO(line)))) == 1


def test_azure_finds_the_same_document(serving, document):
    assert serving.get("/swagger.json").json == document


@pytest.fixture
def two(serving, make_served):
    """The document of a server with another model, of one column, at 'on site'."""
    signature = Signature(
        inputs=(SignatureColumn(name="area", type=ColumnType.NUMBER),),
        outputs=(SignatureColumn(name="prediction", type=ColumnType.NUMBER),),
        task=Task.REGRESSION,
        target="cost",
    )
    predictor = type(serving.predictor)(signature)
    other = ServedModel(make_served(7, "cost").record, predictor)
    serving.state.slots = (serving.slot, ModelSlot("on site", other))
    return serving.get("/openapi.json").json


def test_each_of_several_models_is_described_by_its_own_columns(two):
    bodies = {
        name: two["paths"][f"/v1/models/{name}:predict"]["post"]["requestBody"]["content"]["application/json"]
        for name in ("site", "on%20site")
    }
    assert bodies["on%20site"]["example"]["instances"] == [[1.0]]
    for body, other in (("site", "on%20site"), ("on%20site", "site")):
        fits(two, bodies[body]["schema"], bodies[body]["example"])
        with pytest.raises(jsonschema.ValidationError):
            fits(two, bodies[body]["schema"], bodies[other]["example"])
    assert not any("{model}" in path for path in two["paths"])
    assert "/predict" in two["paths"]
    (version,) = two["paths"]["/v2/models/on%20site/versions/{version}"]["parameters"]
    assert version["schema"]["enum"] == ["7"]
    assert "cost@7 at 'on site'" in two["info"]["description"]


def test_document_of_several_models_holds_together(two):
    names = set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(two)))
    assert names <= set(two["components"]["schemas"])
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in two["components"]["schemas"])
    ids = [item[method]["operationId"] for item in two["paths"].values() for method in set(item) & METHODS]
    assert len(set(ids)) == len(ids)
