"""Requests of many rows: read by column and row by row, the answers, the refusals and the log are the same."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from millwright.deployment.realtime.arm import Arm, LineUp
from millwright.deployment.realtime.served_model import ServedModel
from millwright.models.package import PackageLoader

COUNT = 240
BOROUGHS = ("Queens", "Bronx", "Kings")
ROWS = [{"days": number / 3, "crews": number % 7, "borough": BOROUGHS[number % 3]} for number in range(COUNT)]
INFER = "/v2/models/delay/infer"


@pytest.fixture
def real(serving, packages):
    """Serves a model that reads tables."""
    served = ServedModel(serving.slot.current.record, PackageLoader().predictor(packages[0]))
    assert served.tables is not None
    serving.slot.lineup = LineUp(Arm(served))
    return serving


def tensors(**changes: Any) -> list[dict[str, Any]]:
    kinds = {"days": "FP64", "crews": "INT64", "borough": "BYTES"}
    return [
        {"name": name, "shape": [COUNT], "datatype": kind, "data": [row[name] for row in ROWS], **changes.get(name, {})}
        for name, kind in kinds.items()
    ]


def binary(days: Any, **changes: Any) -> tuple[bytes, dict[str, str]]:
    texts = b"".join(len(each["borough"]).to_bytes(4, "little") + each["borough"].encode() for each in ROWS)
    crews = np.array([row["crews"] for row in ROWS], "<i8").tobytes()
    parts = [np.asarray(days, "<f4").tobytes(), crews, texts]
    inputs = [
        {"name": name, "shape": [COUNT], "datatype": kind, "parameters": {"binary_data_size": len(part)}}
        for name, kind, part in zip(("days", "crews", "borough"), ("FP32", "INT64", "BYTES"), parts, strict=True)
    ]
    head = json.dumps({"inputs": inputs, **changes}).encode()
    return head + b"".join(parts), {"inference-header-content-length": str(len(head))}


def both(real, path: str, body: bytes, headers: dict[str, str] | None = None) -> tuple[Any, Any]:
    """Answers by column and row by row, without what differs from request to request."""
    found = []
    for tables in (real.slot.current.tables, None):
        real.slot.current.tables = tables
        answer = real.ask("POST", path, body, headers={"x-request-id": "r", **(headers or {})})
        for number, identifier in enumerate(record_ids(answer)):
            answer.body = answer.body.replace(identifier.encode(), b"%032d" % number)
        found.append((answer.status, answer.body))
    return found[0], found[1]


def record_ids(answer: Any) -> list[str]:
    if b"prediction_id" not in answer.body:
        return []
    if b"{" in answer.body[:1] and b'"outputs"' in answer.body:
        end = int(answer.headers.get("inference-header-content-length", len(answer.body)))
        told = json.loads(answer.body[:end])
        last = told["outputs"][-1]
        return last.get("data") or [told["parameters"]["prediction_id"]]
    told = json.loads(answer.body)
    return [each["prediction_id"] for each in (told if isinstance(told, list) else told["predictions"])]


LISTS = [list(row.values()) for row in ROWS]
COLUMNS = {name: [row[name] for row in ROWS] for name in ROWS[0]}
BODIES = {
    "plain rows": ("/predict", ROWS),
    "plain rows under a name": ("/predict", {"rows": ROWS}),
    "v2": (INFER, {"inputs": tensors()}),
    "v2, one output in binary": (
        INFER,
        {"inputs": tensors(), "outputs": [{"name": "probability", "parameters": {"binary_data": True}}]},
    ),
    "v2, columns of one": (INFER, {"inputs": tensors(days={"shape": [COUNT, 1]})}),
    "KServe, lists": ("/v1/models/delay:predict", {"instances": LISTS}),
    "KServe, objects and one output": (
        "/v1/models/delay:predict",
        {"instances": ROWS, "parameters": {"outputs": ["probability"]}},
    ),
    "MLflow, split": ("/invocations", {"dataframe_split": {"columns": list(COLUMNS), "data": LISTS}}),
    "MLflow, columns": ("/invocations", {"inputs": COLUMNS}),
    "v2, a text among numbers": (INFER, {"inputs": tensors(days={"data": ["1", *COLUMNS["days"][1:]]})}),
    "v2, numbers as BYTES": (INFER, {"inputs": tensors(days={"datatype": "BYTES"})}),
    "v2, a datatype of none": (INFER, {"inputs": tensors(days={"datatype": "FP8"})}),
    "v2, too few values": (INFER, {"inputs": tensors(days={"data": [1.0] * (COUNT - 1)})}),
    "v2, a column twice": (INFER, {"inputs": [*tensors(), tensors()[0]]}),
    "v2, a column missing": (INFER, {"inputs": tensors()[1:]}),
    "rows, one of them odd": ("/predict", [*ROWS, {**ROWS[0], "crews": 1.5}]),
    "rows, a null": ("/predict", [*ROWS, {**ROWS[0], "days": None}]),
    "rows, a truth among numbers": ("/predict", [*ROWS, {**ROWS[0], "days": True}]),
}


@pytest.mark.parametrize("name", BODIES)
def test_answers_are_the_same_by_column_and_row_by_row(real, name):
    path, value = BODIES[name]
    by_column, by_row = both(real, path, json.dumps(value).encode())
    assert by_column == by_row


@pytest.mark.parametrize(
    ("days", "changes"),
    [
        (COLUMNS["days"], {}),
        (COLUMNS["days"], {"parameters": {"binary_data_output": True}}),
        ([float("nan")] * COUNT, {}),
        ([float("inf")] * COUNT, {}),
        (COLUMNS["days"][1:], {}),
    ],
)
def test_binary_tensors_are_answered_the_same(real, days, changes):
    body, headers = binary(days, **changes)
    by_column, by_row = both(real, INFER, body, headers)
    if "parameters" in changes:  # ids in binary, behind the length of each
        by_column, by_row = ((status, body[: -36 * COUNT]) for status, body in (by_column, by_row))
    assert by_column == by_row


def test_log_holds_the_same(real):
    rows = json.dumps({"rows": ROWS, "keys": [f"k{number}" for number in range(COUNT)]}).encode()
    both(real, "/predict", rows)
    records = real.close()
    assert len(records) == 2 * COUNT
    first, second = (
        [(r.key, r.features, r.outputs, r.endpoint, r.model, r.version, r.request_id) for r in half]
        for half in (sorted(records[:COUNT], key=by_key), sorted(records[COUNT:], key=by_key))
    )
    assert first == second
    assert first[3][1] == ROWS[int(first[3][0][1:])]


def by_key(record: Any) -> str:
    return str(record.key)


def test_mirror_is_shown_rows_also_of_requests_that_came_by_column(real):
    shown: list[Any] = []

    class Mirror:
        def offer(self, *offered: Any) -> None:
            _, _, rows, prediction = offered
            shown.append((list(rows), len(prediction.outputs)))

    real.slot.lineup = LineUp(Arm(real.slot.current), mirror=Mirror())
    assert real.post("/predict", ROWS).status == 200
    assert shown == [(ROWS, COUNT)]
