"""Features that a request leaves out are those that training had, whatever it speaks."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import grpc
import httpx
import numpy as np
import polars as pl
import pytest

from millwright.core.errors import InvalidInputError, NotFoundError, ServiceUnavailableError
from millwright.core.records.feature import FeatureKind
from millwright.data.features.feature_lookup import LOOKUP, FeatureLookup
from millwright.deployment.realtime.enrichment.feature_join import feature_join
from millwright.deployment.realtime.protocol.page import render_page
from millwright.deployment.realtime.protocol.schema import components
from millwright.deployment.realtime.protocol.table_body import read_csv
from millwright.deployment.realtime.rpc.message import MESSAGES, ModelInferRequest
from millwright.models.column import ColumnType
from millwright.workspace.settings import load_settings
from millwright.workspace.workspace import Workspace
from unit.deployment.realtime.rpc.conftest import outputs_of, running

OLD_SITE, UNKNOWN_SITE = 1000, 77777
KEYED = {"site": 7, "planned_days": 10.0, "size": 9.5}
FEATURES = ["mean_late", "crews", "kind", "opened", "visits_7d", "late_share"]


def ask(app: Any, path: str, body: bytes, *, method: str = "POST", **headers: str) -> tuple[int, Any]:
    """A request to an application; its status and body."""
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], sent[1]["body"]


def keyed_rows(world: Any) -> list[dict[str, Any]]:
    """The training rows as a caller writes them who has keys and no features."""
    return world.training.frame.select("site", "planned_days", "size").to_dicts()


def test_served_features_are_those_of_training(make_world, online_url):
    world = make_world(online_url)
    join = world.load().enrichment
    rows = join.rows(keyed_rows(world))
    expected = world.training.frame.select("size", *FEATURES).with_columns(pl.col("opened").cast(pl.String))
    assert [{name: row[name] for name in expected.columns} for row in rows] == expected.to_dicts()
    assert all(set(row) == set(expected.columns) for row in rows)
    assert (join.looked_up, join.missing, join.failed) == (len(rows), 0, 0)


def test_predictions_are_those_of_the_training_rows(make_world, online_url):
    world = make_world(online_url)
    app = world.app(world.load())
    status, body = ask(app, "/predict", json.dumps(keyed_rows(world)).encode())
    assert status == 200, body
    expected = world.model.predict(world.training.frame)["probability"].to_list()
    assert [row["probability"] for row in json.loads(body)] == pytest.approx(expected, abs=1e-12)


def test_one_row_as_most_requests_are(make_world, online_url):
    world = make_world(online_url)
    (row,) = world.load().enrichment.rows([KEYED])
    trained = world.training.frame.filter(pl.col("site") == 7).row(0, named=True)
    assert row["mean_late"] == trained["mean_late"]
    assert row["late_share"] == trained["mean_late"] / 10.0
    assert (row["crews"], row["kind"], row["opened"]) == (trained["crews"], "school", "2007-05-01")


def bodies(features: dict[str, Any]) -> list[tuple[str, Any, dict[str, str]]]:
    """The same row in every contract: path, body, headers."""
    tensors = [
        {"name": "site", "datatype": "INT64", "shape": [1], "data": [7]},
        {"name": "planned_days", "datatype": "FP64", "shape": [1], "data": [10.0]},
        {"name": "size", "datatype": "FP64", "shape": [1], "data": [9.5]},
    ]
    columns, values = list(KEYED), list(KEYED.values())
    assert not set(columns) & set(features)
    return [
        ("/predict", KEYED, {}),
        ("/predict", [KEYED], {}),
        ("/predict", {"rows": [KEYED], "keys": ["a"]}, {}),
        ("/v2/models/delay/infer", {"inputs": tensors}, {}),
        ("/v1/models/delay:predict", {"instances": [KEYED]}, {}),
        ("/invocations", {"dataframe_split": {"columns": columns, "data": [values]}}, {}),
        ("/invocations", {"dataframe_records": [KEYED]}, {}),
        ("/invocations", {"inputs": {name: [value] for name, value in KEYED.items()}}, {}),
        ("/invocations", b"planned_days,size,site\n10,9.5,7\n", {"content_type": "text/csv"}),
        ("/invocations", json.dumps(KEYED).encode(), {"content_type": "application/jsonlines"}),
        ("/score", {"input_data": {"columns": columns, "index": [0], "data": [values]}}, {}),
        ("/score", {"data": [KEYED]}, {}),
    ]


def test_every_contract_looks_features_up(make_world):
    world = make_world()
    app = world.app(world.load())
    (row,) = world.load().enrichment.rows([KEYED])
    expected = world.load().predictor.predict_rows([row])[0]["probability"]
    for path, value, headers in bodies(dict.fromkeys(FEATURES)):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        status, answer = ask(app, path, body, **headers)
        assert status == 200, (path, answer)
        assert f"{expected:.12g}"[:12] in answer.decode(), (path, answer)


def test_what_the_caller_gives_counts_and_null_is_given(make_world):
    join = make_world().load().enrichment
    given = {**KEYED, "crews": 99, "kind": None}
    (row,) = join.rows([given])
    assert (row["crews"], row["kind"], row["visits_7d"]) == (99, None, 3)
    assert given == {**KEYED, "crews": 99, "kind": None}


def test_complete_rows_need_neither_key_nor_store(make_world, tmp_path):
    world = make_world(own=True)
    (row,) = world.load().enrichment.rows([KEYED])
    lost = make_lost(world, tmp_path)
    assert lost.rows([row]) == [row]
    assert lost.rows([{**row, "site": 7}]) == [row]
    with pytest.raises(ServiceUnavailableError, match="store of features cannot be reached") as caught:
        lost.rows([KEYED])
    assert caught.value.http_status == 503
    assert lost.failed == 1


def make_lost(world: Any, folder: Any) -> Any:
    """The look-up of the same version over a Redis where nobody listens."""
    settings = load_settings(folder, overrides={"online": "redis://127.0.0.1:1/0"})
    other = Workspace(folder, settings, clock=world.workspace.clock)
    other.features.lookup.remember(world.workspace.features.lookup._live.values())
    return world.load(features=lambda: other.online).enrichment


def test_store_that_is_away_is_told_with_503_and_found_again(make_world, tmp_path):
    world = make_world(own=True)
    served = world.load()
    app = world.app(served)
    reader = served.enrichment._make_reader
    lost = make_lost(world, tmp_path)
    served.enrichment._make_reader = lost._make_reader
    status, body = ask(app, "/predict", json.dumps(KEYED).encode())
    assert (status, json.loads(body)["error"]["code"]) == (503, "unavailable")
    served.enrichment._make_reader = reader
    assert ask(app, "/predict", json.dumps(KEYED).encode())[0] == 200


@pytest.mark.parametrize(
    ("site", "told"),
    [
        (UNKNOWN_SITE, "nothing is known online of 'site' the number 77777"),
        (OLD_SITE, "older than the view 'history' allows"),
        (3, "the newest value online, of 'site' the number 3, is null"),
        (None, "nothing is known online of 'site' null"),
    ],
)
def test_value_that_is_not_there_is_told_where_the_signature_takes_no_null(make_world, site, told):
    join = make_world().load().enrichment
    with pytest.raises(InvalidInputError) as caught:
        join.rows([KEYED, {**KEYED, "site": site}])
    violation = caught.value.details["violations"][0]
    assert (violation["row"], violation["column"], violation["expected"]) == (1, "mean_late", "a finite number")
    assert told in violation["found"]


def test_value_that_is_not_there_stays_absent_where_the_signature_lets_it(make_world):
    world = make_world()
    signature = world.load().signature
    optional = replace(signature, inputs=tuple(replace(column, required=False) for column in signature.inputs))
    join = feature_join(world.record, optional, lambda: world.workspace.online)
    (row,) = join.rows([{**KEYED, "site": UNKNOWN_SITE}])
    assert row == {"size": 9.5, "visits_7d": 0}
    assert (join.looked_up, join.missing) == (1, 1)
    assert join.rows([{"size": 1.0}]) == [{"size": 1.0}]


def test_null_is_given_where_a_column_must_be_there_and_may_be_null(make_world):
    world = make_world()
    signature = world.load().signature
    inputs = tuple(replace(column, may_be_null=True) for column in signature.inputs)
    join = feature_join(world.record, replace(signature, inputs=inputs), lambda: world.workspace.online)
    (row,) = join.rows([{**KEYED, "site": UNKNOWN_SITE}])
    assert row == {"size": 9.5, **dict.fromkeys(FEATURES), "visits_7d": 0}


def test_row_without_a_key_names_the_key(make_world):
    join = make_world().load().enrichment
    with pytest.raises(
        InvalidInputError, match="Row 1, column 'site': expected a value to look up 'mean_late'"
    ) as found:
        join.rows([KEYED, {"size": 9.5, "planned_days": 10.0}])
    assert "Did you mean" not in found.value.hint
    assert "expected a value to look up 'mean_late'" in found.value.message
    with pytest.raises(InvalidInputError, match="'planned_days': expected a value to look up 'late_share'"):
        join.rows([{"size": 9.5, "site": 7}])


def test_key_of_another_type_is_told(make_world):
    join = make_world().load().enrichment
    with pytest.raises(InvalidInputError, match=r"^Expected values of the type Int64 in the key 'site', found 'seven'"):
        join.rows([{**KEYED, "site": "seven"}])
    for bad in range(5):
        rows = [{**KEYED, "site": "seven"} if number >= bad else KEYED for number in range(5)]
        with pytest.raises(InvalidInputError, match=f"^Row {bad}: Expected values .* in the key 'site'") as found:
            join.rows(rows)
        assert found.value.details["rows"] == [bad]


@pytest.mark.parametrize("value", [None, "x", 3, [1], [[1, 2]], {"a": 1}])
def test_what_is_no_row_is_left_to_the_check(make_world, value):
    app = make_world()
    app = app.app(app.load())
    for body in (value, [value], [KEYED, value]):
        status, answer = ask(app, "/predict", json.dumps(body).encode())
        assert 400 <= status < 500, answer


def test_rows_that_lack_different_features_are_read_together_by_what_they_lack(make_world):
    world = make_world()
    join = world.load().enrichment
    (whole,) = join.rows([KEYED])
    partly = {name: value for name, value in whole.items() if name != "visits_7d"} | {"site": 8}
    rows = join.rows([KEYED, partly, whole, {**KEYED, "site": 8}])
    assert rows[0] == whole
    assert rows[1] == {**whole, "visits_7d": rows[3]["visits_7d"]}
    assert rows[2] == whole
    assert rows[3]["mean_late"] != whole["mean_late"]


def test_model_keeps_the_features_of_its_training_when_the_view_changes(make_world):
    world = make_world(own=True)
    features, online = world.workspace.features, world.workspace.online
    before = world.load().enrichment.rows([KEYED])
    changed = replace(features.lookup.definition(FeatureKind.VIEW, "history"), ttl=timedelta(hours=1))
    features.apply([changed])
    online.materialize("history")
    assert online.read(["history:crews"], [KEYED]).columns["crews"] == [None]
    assert world.load().enrichment.rows([KEYED]) == before


def test_new_values_are_seen_at_once(make_world):
    world = make_world(own=True)
    join = world.load().enrichment
    join.rows([KEYED])
    row = world.workspace.datasets.get("phases").read().filter(pl.col("site") == 7)
    at = world.workspace.clock.now()
    world.workspace.online.push("history", row.with_columns(crews=pl.lit(50, pl.Int64), known_at=pl.lit(at)))
    assert join.rows([KEYED])[0]["crews"] == 50


def test_definition_that_is_gone_refuses_the_version(make_world):
    world = make_world()
    lookup = FeatureLookup.from_json(world.record.params[LOOKUP])
    gone = replace(lookup, definitions=tuple(one.replace("@1", "@9") for one in lookup.definitions))
    world.record = replace(world.record, params={LOOKUP: gone.to_json()})
    with pytest.raises(NotFoundError):
        world.load()
    assert world.load(features=None).enrichment is None


def test_version_without_a_service_looks_nothing_up(make_world):
    world = make_world()
    world.record = replace(world.record, params={})
    assert world.load().enrichment is None


def test_column_that_was_made_something_else_is_not_looked_up(make_world, caplog):
    world = make_world()
    signature = world.load().signature
    inputs = [replace(one, type=ColumnType.CATEGORY) if one.name == "crews" else one for one in signature.inputs]
    join = feature_join(world.record, replace(signature, inputs=tuple(inputs)), lambda: world.workspace.online)
    assert "crews of 'delay@1' are of other types" in caplog.text
    assert "crews" not in join.lookup.columns
    assert "crews" not in join.rows([KEYED])[0]


def test_page_and_document_tell_that_keys_may_be_given(make_world):
    world = make_world()
    served = world.load()
    row = components(served)["Row"]
    assert row["required"] == ["size"]
    assert row["properties"]["site"] == {"type": ["integer", "null"], "format": "int64"}
    assert row["properties"]["crews"]["type"] == "integer"
    assert "planned_days" in render_page(served, (), "host")
    headed = read_csv(b"size,site,planned_days\n1,7,2\n", served.asked[:7], served.asked[7:])
    assert headed == [{"size": 1.0, "site": 7, "planned_days": 2.0}]


def test_look_ups_are_counted(make_world):
    world = make_world()
    served = world.load()
    app = world.app(served)
    ask(app, "/predict", json.dumps([KEYED, {**KEYED, "site": UNKNOWN_SITE}]).encode())
    scraped = ask(app, "/metrics", b"", method="GET")[1].decode()
    labels = 'endpoint="site",model="delay",outcome="%s",version="1"'
    assert f"millwright_feature_lookup_rows_total{{{labels % 'found'}}} 1.0" in scraped
    assert f"millwright_feature_lookup_rows_total{{{labels % 'missing'}}} 1.0" in scraped
    assert 'millwright_feature_lookup_failures_total{endpoint="site",model="delay",version="1"} 0.0' in scraped


# Tensors: over gRPC, in binary form, and with explanations.


@pytest.fixture
def calling(make_world):
    """A server of a model whose features are looked up, and its world."""
    world = make_world()
    app = world.app(world.load())
    with running(SimpleNamespace(app=app, state=app._state)) as found:
        yield found, world


def keyed(world: Any, count: int = 7) -> dict[str, list[Any]]:
    """Columns as a caller sends them who has keys and no features."""
    return world.training.frame.select("site", "planned_days", "size").head(count).to_dict(as_series=False)


def rows_of(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def request(columns: dict[str, list[Any]], *, raw: bool) -> Any:
    """A message of gRPC with one tensor per column."""
    message = ModelInferRequest(model_name="delay")
    for name, values in columns.items():
        is_whole = name == "site"
        tensor = message.inputs.add(name=name, datatype="INT64" if is_whole else "FP64", shape=[len(values)])
        if raw:
            message.raw_input_contents.append(np.array(values, "<i8" if is_whole else "<f8").tobytes())
        else:
            (tensor.contents.int64_contents if is_whole else tensor.contents.fp64_contents).extend(values)
    return message


def binary_body(columns: dict[str, list[Any]]) -> tuple[bytes, dict[str, str]]:
    """A body with binary tensors, and its headers."""
    inputs, tail = [], b""
    for name, values in columns.items():
        data = np.array(values, "<i8" if name == "site" else "<f8").tobytes()
        datatype = "INT64" if name == "site" else "FP64"
        parameters = {"binary_data_size": len(data)}
        inputs.append({"name": name, "datatype": datatype, "shape": [len(values)], "parameters": parameters})
        tail += data
    head = json.dumps({"inputs": inputs}).encode()
    headers = {"inference-header-content-length": str(len(head)), "content-type": "application/octet-stream"}
    return head + tail, headers


def expected(world: Any, columns: dict[str, list[Any]]) -> list[float]:
    """What the model says of the training rows with these keys."""
    inputs = world.training.frame.head(len(columns["site"]))
    names = [column.name for column in world.model.signature.inputs]
    served = world.load(features=None)
    return [
        row["probability"] for row in served.predictor.predict_rows(served.rows.check(_plain(inputs.select(names))))
    ]


def _plain(frame: Any) -> list[dict[str, Any]]:
    import msgspec

    return msgspec.to_builtins(frame.to_dicts())  # type: ignore[no-any-return]


@pytest.mark.parametrize("raw", [True, False])
def test_keys_in_a_message_of_grpc_are_looked_up(calling, raw):
    server, world = calling
    columns = keyed(world)
    told = server.call("ModelInfer", request(columns, raw=raw))
    assert told.code is grpc.StatusCode.OK, told.details
    assert outputs_of(told.message)["probability"] == pytest.approx(expected(world, columns), abs=1e-9)


def test_keys_in_binary_tensors_are_looked_up(calling):
    server, world = calling
    columns = keyed(world)
    body, headers = binary_body(columns)
    answer = httpx.post(f"{server.url}/v2/models/delay/infer", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    outputs = {tensor["name"]: tensor["data"] for tensor in answer.json()["outputs"]}
    assert outputs["probability"] == pytest.approx(expected(world, columns), abs=1e-9)


@pytest.mark.parametrize("raw", [True, False])
def test_key_that_is_missing_or_unknown_is_told_over_grpc(calling, raw):
    server, world = calling
    columns = keyed(world, 2)
    told = server.call("ModelInfer", request({name: columns[name] for name in ("planned_days", "size")}, raw=raw))
    assert (told.code, "site" in told.details) == (grpc.StatusCode.INVALID_ARGUMENT, True)
    told = server.call("ModelInfer", request({**columns, "site": [columns["site"][0], UNKNOWN_SITE]}, raw=raw))
    by_http = httpx.post(f"{server.url}/predict", json=rows_of({**columns, "site": [columns["site"][0], UNKNOWN_SITE]}))
    assert (told.code, by_http.status_code) == (grpc.StatusCode.INVALID_ARGUMENT, 422)
    assert told.details.startswith(by_http.json()["error"]["message"])
    status = MESSAGES["Status"].FromString(told.metadata["grpc-status-details-bin"])
    violations = MESSAGES["BadRequest"].FromString(status.details[1].value).field_violations
    assert {each.field.partition(".")[0] for each in violations} == {"rows[1]"}


def test_looked_up_features_are_explained_like_given_ones(calling):
    server, world = calling
    columns = keyed(world, 3)
    names = [column.name for column in world.model.signature.inputs]
    given = _plain(world.training.frame.head(3).select(names))
    with httpx.Client(base_url=server.url, timeout=60) as http:
        looked_up = http.post("/predict?explain=true", json=rows_of(columns)).json()
        spelled_out = http.post("/predict?explain=true", json=given).json()
    assert [row["explanation"] for row in looked_up] == [row["explanation"] for row in spelled_out]
    contributions = looked_up[0]["explanation"]["contributions"]
    assert set(contributions) == set(names)
    assert any(contributions[name] for name in ("mean_late", "late_share", "visits_7d"))
    message = request(columns, raw=True)
    message.parameters["explain"].bool_param = True
    found = outputs_of(server.call("ModelInfer", message).message)
    assert [json.loads(text) for text in found["explanation"]] == [row["explanation"] for row in looked_up]
    body, headers = binary_body(columns)
    answer = httpx.post(f"{server.url}/v2/models/delay/infer?explain=true", content=body, headers=headers)
    tensors = {tensor["name"]: tensor["data"] for tensor in answer.json()["outputs"]}
    assert [json.loads(text) for text in tensors["explanation"]] == [row["explanation"] for row in looked_up]
