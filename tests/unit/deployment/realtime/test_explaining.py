"""Explanations of predictions: what is asked, what is answered, and where each contract has room for it."""

from __future__ import annotations

import asyncio
import json
import threading
from math import log
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.deployment.realtime.explaining import LazyExplainer, asks_explanation
from millwright.deployment.realtime.loader import load_served

ROW = {"days": 31.5, "crews": 3, "borough": "Queens"}
COLUMNS, VALUES = list(ROW), list(ROW.values())


@pytest.fixture
def explained(make_serving, workspace):
    """An application around a real model, and how to ask it with a query."""
    serving = make_serving()
    record = workspace.registry.resolve("delay@1")
    serving.slot.replace(load_served(record, workspace.stores.artifacts))

    def ask(path: str, value: Any, query: str = "explain=true", **headers: str) -> tuple[int, Any]:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.replace("_", "-").encode(), given.encode()) for name, given in headers.items()],
        }
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body}

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(serving.app(scope, receive, send))
        return sent[0]["status"], json.loads(sent[1]["body"])

    ask.serving = serving  # type: ignore[attr-defined]
    return ask


def same(explanations: Any, one: Any, count: int = 1) -> bool:
    """Whether all are one explanation, but for the last digits of sums in float32."""
    assert len(explanations) == count
    return all(
        {**found, "contributions": pytest.approx(found["contributions"], abs=1e-5)} == one for found in explanations
    )


def test_contributions_add_up_to_the_answer(explained):
    status, answer = explained("/predict", ROW)
    found = answer["explanation"]
    assert status == 200, answer
    assert (found["output"], found["scale"], found["method"]) == ("probability", "margin", "linear")
    assert set(found["contributions"]) == set(ROW)
    odds = log(answer["probability"] / (1 - answer["probability"]))
    assert found["base"] + sum(found["contributions"].values()) == pytest.approx(odds, abs=1e-4)
    assert max(found["contributions"], key=lambda name: abs(found["contributions"][name])) == "days"


def test_explained_prediction_is_the_same_and_is_logged(explained):
    _, plain = explained("/predict", ROW, "")
    _, answer = explained("/predict", ROW)
    assert (answer["prediction"], answer["probability"]) == (plain["prediction"], plain["probability"])
    assert "explanation" not in plain
    assert len(explained.serving.close()) == 2


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("/v1/models/delay:predict", {"instances": [ROW]}, {}),
        ("/invocations", {"dataframe_records": [ROW]}, {}),
        ("/invocations", {"dataframe_split": {"columns": COLUMNS, "data": [VALUES]}}, {"accept": "text/csv"}),
        ("/invocations", b"31.5,3,Queens\n", {"content_type": "text/csv", "accept": "text/csv"}),
        ("/invocations", json.dumps(ROW).encode(), {"content_type": "application/jsonlines"}),
        ("/score", {"data": [ROW]}, {}),
    ],
)
def test_explanations_stand_beside_predictions(explained, path, body, headers):
    _, one = explained("/predict", ROW)
    status, answer = explained(path, body, **headers)
    assert status == 200, answer
    assert set(answer) == {"predictions", "explanations"}
    assert same(answer["explanations"], one["explanation"])


def test_kserve_explains_at_its_own_path(explained):
    _, one = explained("/predict", ROW)
    status, answer = explained("/v1/models/delay:explain", {"instances": [VALUES, VALUES]}, "")
    assert status == 200, answer
    assert same(answer["explanations"], one["explanation"], 2)
    assert len(answer["predictions"]) == 2
    status, answer = explained("/v1/models/delay:explain", {"instances": [{**ROW, "days": "x"}]}, "")
    assert (status, answer["code"]) == (422, "invalid_input")


def test_rows_and_lists_of_plain_rows(explained):
    _, one = explained("/predict", ROW)
    assert same([row["explanation"] for row in explained("/predict", [ROW, ROW])[1]], one["explanation"], 2)
    table = explained("/predict", {"rows": [ROW], "keys": ["a"]})[1]
    assert table["predictions"][0]["explanation"] == one["explanation"]


def test_open_inference_has_a_tensor_of_texts(explained):
    _, one = explained("/predict", ROW)
    tensors = [
        {"name": "days", "datatype": "FP64", "shape": [1], "data": [31.5]},
        {"name": "crews", "datatype": "INT64", "shape": [1], "data": [3]},
        {"name": "borough", "datatype": "BYTES", "shape": [1], "data": ["Queens"]},
    ]
    status, answer = explained("/v2/models/delay/infer", {"inputs": tensors})
    assert status == 200, answer
    tensor = answer["outputs"][-1]
    assert (tensor["name"], tensor["datatype"], tensor["shape"]) == ("explanation", "BYTES", [1])
    assert json.loads(tensor["data"][0]) == one["explanation"]
    status, answer = explained("/v2/models/delay/infer", {"inputs": tensors}, "")
    assert "explanation" not in [each["name"] for each in answer["outputs"]]


def test_so_many_rows_are_not_explained(explained):
    assert len(explained("/predict", [ROW] * 100)[1]) == 100
    status, answer = explained("/predict", [ROW] * 101)
    assert (status, answer["error"]["details"]) == (413, {"rows": 101, "maximum": 100})
    assert len(explained.serving.close()) == 100


def test_model_that_cannot_be_explained_says_so(serving, row):
    serving.slot.current.explainer = None

    async def ask() -> Any:
        sent: list[Any] = []
        scope = {"type": "http", "method": "POST", "path": "/predict", "query_string": b"explain=1", "headers": []}

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": json.dumps(row).encode()}

        async def send(message: Any) -> None:
            sent.append(message)

        await serving.app(scope, receive, send)
        return sent

    start, content = asyncio.run(ask())
    assert (start["status"], "cannot be explained" in content["body"].decode()) == (422, True)


def test_explanations_are_made_in_a_thread_of_their_own(explained):
    served = explained.serving.slot.current
    threads = set()

    class Watching:
        def explain(self, rows: Any) -> Any:
            threads.add(threading.current_thread().name.partition("_")[0])
            return made.explain(rows)

    made = served.explainer
    served.explainer = Watching()
    explained("/predict", ROW)
    assert threads == {"explain"}


def test_explainer_is_made_once_and_only_when_it_is_asked():
    made: list[int] = []

    class Nothing:
        def explain(self, rows: Any) -> list[Any]:
            return list(rows)

    def make() -> Nothing:
        made.append(1)
        return Nothing()

    lazy = LazyExplainer(make)
    assert made == []
    assert (lazy.explain([]), lazy.explain([]), made) == ([], [], [1])


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        (b"", False), (b"explain", True), (b"explain=true", True), (b"explain=TRUE", True), (b"explain=1", True),
        (b"a=b&explain=yes", True), (b"explain=false", False), (b"explain=0", False), (b"explained=1", False),
    ],
)  # fmt: skip
def test_query_asks_for_explanations(query, asked):
    assert asks_explanation(query) is asked


@pytest.mark.parametrize("query", [b"explain=maybe", b"explain=1&explain=0", b"explain=%00"])
def test_query_that_says_neither_is_refused(query):
    with pytest.raises(InvalidInputError, match="Expected explain=true or explain=false"):
        asks_explanation(query)


@given(st.binary(max_size=60))
def test_nothing_that_a_caller_asks_breaks_it(text):
    try:
        assert asks_explanation(b"explain" + text) in {True, False}
    except InvalidInputError as error:
        json.dumps(error.as_dict())
