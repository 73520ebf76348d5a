"""Triton's gRPC client against `mw serve` as a process: what it predicts equals what HTTP does, on the same port.

`MILLWRIGHT_FUZZ_EXAMPLES=2000` makes the fuzzing a long one.
"""

from __future__ import annotations

import os
import queue
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc
import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from e2e.serving.conftest import MODEL
from e2e.serving.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.server import Server

pytestmark = pytest.mark.slow

triton = pytest.importorskip("tritonclient.grpc", reason="needs tritonclient: pip install 'tritonclient[grpc]'")
dtype_of = pytest.importorskip("tritonclient.utils").triton_to_np_dtype
InferenceServerException = pytest.importorskip("tritonclient.utils").InferenceServerException

EXAMPLES = int(os.environ.get("MILLWRIGHT_FUZZ_EXAMPLES", "150"))


@pytest.fixture(scope="module")
def columns(server: Server) -> list[dict[str, Any]]:
    """The model's columns."""
    return httpx.get(f"{server.url}/v2/models/{MODEL}").json()["inputs"]  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def rows(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that differ."""
    return rows_of(columns, 12)


@pytest.fixture(scope="module")
def expected(server: Server, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What `/predict` answers for them, without ids."""
    answered = httpx.post(f"{server.url}/predict", json=rows).json()
    return [{name: value for name, value in row.items() if name != "prediction_id"} for row in answered]


@pytest.fixture
def client(server: Server) -> Iterator[Any]:
    """Triton's."""
    with triton.InferenceServerClient(server.url.removeprefix("http://")) as made:
        yield made


@pytest.fixture
def inputs(columns: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[Any]:
    """The rows as tensors."""
    made = []
    for column in columns:
        tensor = triton.InferInput(column["name"], [len(rows)], column["datatype"])
        tensor.set_data_from_numpy(np.array([row[column["name"]] for row in rows], dtype=dtype_of(column["datatype"])))
        made.append(tensor)
    return made


def predicted(result: Any) -> list[dict[str, Any]]:
    """The predictions of a result."""
    found = {name: result.as_numpy(name) for name in ("prediction", "probability")}
    return [
        {name: _plain(value) for name, value in zip(found, values, strict=True)}
        for values in zip(*found.values(), strict=True)
    ]


def _plain(value: Any) -> Any:
    found = value.item() if isinstance(value, np.generic) else value
    return found.decode() if isinstance(found, bytes) else found


@pytest.mark.parametrize("compression", [None, "gzip", "deflate"])
def test_client_infers_as_http_does(client, inputs, expected, compression):
    result = client.infer(MODEL, inputs, request_id="7", compression_algorithm=compression)
    assert predicted(result) == expected
    assert result.get_response().id == "7"


def test_client_infers_later_by_version_and_as_a_stream(client, inputs, expected):
    answers: queue.Queue[Any] = queue.Queue()
    client.async_infer(MODEL, inputs, lambda result, error: answers.put((result, error)), model_version="1")
    result, error = answers.get(timeout=30)
    assert (error, predicted(result)) == (None, expected)
    client.start_stream(lambda result, error: answers.put((result, error)))
    for name in (MODEL, "another", MODEL):
        client.async_stream_infer(name, inputs)
    told = [answers.get(timeout=30) for _ in range(3)]
    client.stop_stream()
    assert [predicted(result) if error is None else str(error)[:46] for result, error in told] == [
        expected,
        "Expected a model that is served here, found 'a",
        expected,
    ]


def test_client_chooses_outputs(client, inputs, expected):
    result = client.infer(MODEL, inputs, outputs=[triton.InferRequestedOutput("probability")])
    assert result.as_numpy("probability").tolist() == [row["probability"] for row in expected]
    assert result.as_numpy("prediction") is None


def test_client_finds_the_server_and_the_model_well(client, inputs, rows, columns):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready(MODEL)
    assert client.is_model_ready(MODEL, "1")
    assert not client.is_model_ready("another")
    assert client.get_server_metadata().name == "millwright"
    metadata = client.get_model_metadata(MODEL)
    assert [(tensor.name, tensor.datatype) for tensor in metadata.inputs] == [
        (column["name"], column["datatype"]) for column in columns
    ]
    config = client.get_model_config(MODEL, "1", as_json=True)["config"]
    assert [tensor["name"] for tensor in config["input"]] == [column["name"] for column in columns]
    (model,) = client.get_model_repository_index().models
    assert (model.name, model.version, model.state) == (MODEL, "1", "READY")
    before = client.get_inference_statistics(MODEL).model_stats[0].inference_count
    client.infer(MODEL, inputs)
    (after,) = client.get_inference_statistics().model_stats
    assert after.inference_count == before + len(rows)


def test_client_tells_what_was_wrong(client, inputs):
    for ask, told in (
        (
            lambda: client.get_model_metadata("another"),
            r"\[StatusCode.NOT_FOUND\] Expected a model that is served here",
        ),
        (
            lambda: client.infer(MODEL, inputs[1:]),
            r"\[StatusCode.INVALID_ARGUMENT\] Row 0, column '.*': expected .* found",
        ),
        (lambda: client.load_model(MODEL), r"\[StatusCode.UNIMPLEMENTED\]"),
    ):
        with pytest.raises(InferenceServerException, match=told):
            ask()


def test_http_and_grpc_are_answered_at_once(server, client, inputs, rows, expected):
    with ThreadPoolExecutor(8) as pool, httpx.Client(base_url=server.url) as http:
        asked = [
            (pool.submit(client.infer, MODEL, inputs), pool.submit(http.post, "/predict", json=rows)) for _ in range(40)
        ]
        for rpc, answer in asked:
            assert predicted(rpc.result()) == expected
            assert [row["probability"] for row in answer.result().json()] == [row["probability"] for row in expected]


# What a request may hold, right and wrong.
service = triton.service_pb2
NAMES = st.sampled_from(["", MODEL, "another", "\u00fc"])
PARAMETERS = st.dictionaries(
    st.sampled_from(["keys", "classification", "binary_data", "sequence_id", ""]),
    st.one_of(
        st.builds(service.InferParameter, string_param=st.sampled_from(["[1]", "[", "a", '["a", 1.5]'])),
        st.builds(service.InferParameter, int64_param=st.integers(-(2**63), 2**63 - 1)),
        st.builds(service.InferParameter, double_param=st.floats()),
        st.builds(service.InferParameter),
    ),
    max_size=2,
)
CONTENTS = st.builds(
    service.InferTensorContents,
    fp64_contents=st.lists(st.floats(), max_size=3),
    int64_contents=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3),
    bytes_contents=st.lists(st.binary(max_size=6), max_size=3),
    bool_contents=st.lists(st.booleans(), max_size=2),
    fp32_contents=st.lists(st.floats(width=32), max_size=2),
)
DATATYPES = st.sampled_from(["", "BOOL", "INT8", "INT64", "UINT64", "FP16", "FP32", "FP64", "BYTES", "BF16", "\u00fc"])
SIZES = st.lists(st.sampled_from([-(2**63), -1, 0, 1, 1, 1, 2, 3, 2**40, 2**63 - 1]), max_size=3)


@st.composite
def messages(draw: Any, names: tuple[str, ...], types: dict[str, str]) -> Any:
    """An inference request: mostly one that could be right, with something of it changed."""
    request = service.ModelInferRequest(
        model_name=draw(st.one_of(st.just(MODEL), NAMES)),
        model_version=draw(st.sampled_from(["", "", "", "1", "2", "x"])),
        id=draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=5)),
        parameters=draw(PARAMETERS),
    )
    chosen = draw(st.one_of(st.just(list(names)), st.lists(st.sampled_from([*names, "x", ""]), max_size=4)))
    is_raw = draw(st.booleans())
    for name in chosen:
        kind = draw(st.one_of(st.just(types.get(name, "FP64")), DATATYPES))
        shape = draw(st.one_of(st.just([1]), SIZES))
        tensor = request.inputs.add(name=name, datatype=kind, shape=shape)
        if is_raw:
            request.raw_input_contents.append(draw(st.one_of(st.just(bytes(8)), st.binary(max_size=20))))
        elif draw(st.booleans()):
            tensor.contents.CopyFrom(draw(CONTENTS))
        else:
            field = {"FP64": "fp64_contents", "INT64": "int64_contents", "BOOL": "bool_contents"}.get(kind)
            getattr(tensor.contents, field or "bytes_contents").append(1 if field else b"a")
    for name in draw(st.lists(st.sampled_from(["prediction", "probability", "x"]), max_size=2)):
        request.outputs.add(name=name, parameters=draw(PARAMETERS))
    return request


def test_no_message_makes_the_server_fail(server, columns):
    widest = {"I": "INT64", "U": "INT64", "F": "FP64"}  # of 8 bytes each, as the raw ones are made here
    types = {column["name"]: widest.get(column["datatype"][0], column["datatype"]) for column in columns}
    seen: set[str] = set()
    channel = grpc.insecure_channel(server.url.removeprefix("http://"))
    ask = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(messages(tuple(types), types).map(lambda made: made.SerializeToString()), st.binary(max_size=80)))
    def fuzz(body: bytes) -> None:
        try:
            ask(body, timeout=30)
            seen.add("OK")
        except grpc.RpcError as error:
            seen.add(error.code().name)
            if error.code().name not in {"INVALID_ARGUMENT", "NOT_FOUND"}:
                raise AssertionError(error) from error

    fuzz()
    channel.close()
    assert seen == {"OK", "INVALID_ARGUMENT", "NOT_FOUND"}
