"""The clients of other servers, against `mw serve` as a process: what they predict equals what `/predict` does."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import polars as pl
import pytest

from e2e.serving.conftest import MODEL
from e2e.serving.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.server import Server

pytestmark = pytest.mark.slow


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
    predicted = [{name: value for name, value in row.items() if name != "prediction_id"} for row in answered]
    assert len({row["probability"] for row in predicted}) > 3
    return predicted


class Triton:
    """`tritonclient`, for one model.

    Args:
        url: The server's.
        columns: The model's.
    """

    def __init__(self, url: str, columns: list[dict[str, Any]]) -> None:
        self.library = pytest.importorskip(
            "tritonclient.http", reason="needs tritonclient: pip install 'tritonclient[http]'"
        )
        self.client = self.library.InferenceServerClient(url.removeprefix("http://"))
        self._columns = columns
        self._dtype_of = pytest.importorskip("tritonclient.utils").triton_to_np_dtype

    def inputs(self, rows: list[dict[str, Any]], *, binary: bool) -> list[Any]:
        """Rows as tensors."""
        made = []
        for column in self._columns:
            tensor = self.library.InferInput(column["name"], [len(rows)], column["datatype"])
            values = np.array([row[column["name"]] for row in rows], dtype=self._dtype_of(column["datatype"]))
            tensor.set_data_from_numpy(values, binary_data=binary)
            made.append(tensor)
        return made

    def infer(self, rows: list[dict[str, Any]], *, binary: bool = True, **options: Any) -> list[dict[str, Any]]:
        """The predictions of rows."""
        result = self.client.infer(MODEL, self.inputs(rows, binary=binary), **options)
        columns = {name: result.as_numpy(name) for name in ("prediction", "probability")}
        return [
            {name: _plain(value) for name, value in zip(columns, values, strict=True)}
            for values in zip(*columns.values(), strict=True)
        ]


def _plain(value: Any) -> Any:
    found = value.item() if isinstance(value, np.generic) else value
    return found.decode() if isinstance(found, bytes) else found


@pytest.fixture
def triton(server: Server, columns: list[dict[str, Any]]) -> Iterator[Triton]:
    """See `Triton`."""
    made = Triton(server.url, columns)
    yield made
    made.client.close()


@pytest.mark.parametrize("compression", [None, "gzip", "deflate"])
@pytest.mark.parametrize("binary", [True, False])
def test_tritonclient_infers(triton, rows, expected, binary, compression):
    found = triton.infer(
        rows, binary=binary, request_compression_algorithm=compression, response_compression_algorithm=compression
    )
    assert found == expected


@pytest.mark.parametrize("binary", [True, False])
def test_tritonclient_chooses_outputs(triton, rows, expected, binary):
    wanted = [triton.library.InferRequestedOutput("probability", binary_data=binary)]
    result = triton.client.infer(MODEL, triton.inputs(rows, binary=True), outputs=wanted, request_id="7")
    assert result.as_numpy("probability").tolist() == [row["probability"] for row in expected]
    assert (result.as_numpy("prediction"), result.get_response()["id"]) == (None, "7")


def test_tritonclient_infers_later_and_by_version(triton, rows, expected):
    handle = triton.client.async_infer(MODEL, triton.inputs(rows, binary=True), model_version="1")
    result = handle.get_result()
    assert result.as_numpy("probability").tolist() == [row["probability"] for row in expected]


def test_tritonclient_finds_the_server_and_the_model_well(triton, rows, columns):
    client = triton.client
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready(MODEL)
    assert client.is_model_ready(MODEL, "1")
    assert not client.is_model_ready("another")
    assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
    metadata = client.get_model_metadata(MODEL)
    assert (metadata["versions"], metadata["inputs"]) == (["1"], columns)
    config = client.get_model_config(MODEL, "1")
    assert [tensor["name"] for tensor in config["input"]] == [column["name"] for column in columns]
    assert client.get_model_repository_index() == [{"name": MODEL, "version": "1", "state": "READY", "reason": ""}]
    before = client.get_inference_statistics(MODEL)["model_stats"][0]["inference_count"]
    triton.infer(rows)
    (after,) = client.get_inference_statistics()["model_stats"]
    assert after["inference_count"] == before + len(rows)


def test_tritonclient_tells_what_was_wrong(triton, rows):
    errors = pytest.importorskip("tritonclient.utils")
    with pytest.raises(errors.InferenceServerException, match=r"\[404\] Expected a model that is served here"):
        triton.client.get_model_metadata("another")
    inputs = triton.inputs(rows, binary=True)[1:]
    with pytest.raises(errors.InferenceServerException, match=r"\[422\] Row 0, column '.*': expected .* found nothing"):
        triton.client.infer(MODEL, inputs)


def test_client_of_mlflow_scores(server, rows, expected):
    scoring = pytest.importorskip("mlflow.pyfunc.scoring_server.client", reason="needs mlflow-skinny")
    pandas = pytest.importorskip("pandas", reason="needs pandas")
    client = scoring.ScoringServerClient("127.0.0.1", server.url.rpartition(":")[2])
    client.ping()
    assert client.invoke(pandas.DataFrame(rows)).get_predictions().to_dict("records") == expected


def test_client_of_mlflow_sends_what_is_missing_as_nan(server, rows, columns):
    scoring = pytest.importorskip("mlflow.pyfunc.scoring_server.client", reason="needs mlflow-skinny")
    pandas = pytest.importorskip("pandas", reason="needs pandas")
    client = scoring.ScoringServerClient("127.0.0.1", server.url.rpartition(":")[2])
    nullable = next(column["name"] for column in columns if column["parameters"]["nullable"])
    empty = [row | {nullable: None} for row in rows]
    expected = [row["probability"] for row in httpx.post(f"{server.url}/predict", json=empty).json()]
    assert client.invoke(pandas.DataFrame([row | {nullable: float("nan")} for row in rows])).get_predictions()[
        "probability"
    ].to_list() == pytest.approx(expected, abs=1e-6)


def test_client_of_mlflows_deployments_predicts(server, rows, expected):
    deployments = pytest.importorskip("mlflow.deployments", reason="needs mlflow-skinny")
    client = deployments.get_deploy_client(server.url)
    assert client.predict(endpoint=MODEL, inputs={"dataframe_records": rows})["predictions"] == expected


@pytest.mark.parametrize("headed", [True, False])
def test_csv_predicts_as_json_does(server, rows, expected, headed):
    table = pl.DataFrame(rows).write_csv(include_header=headed)
    headers = {"content-type": "text/csv", "accept": "text/csv"}
    answer = httpx.post(f"{server.url}/invocations", content=table, headers=headers)
    assert answer.status_code == 200, answer.text
    found = pl.read_csv(io.StringIO(answer.text), has_header=False, new_columns=list(expected[0]))
    assert found.to_dicts() == expected


@pytest.mark.parametrize("path", ["/invocations", f"/v1/models/{MODEL}:predict"])
def test_instances_predict_as_plain_rows_do(server, rows, expected, path):
    for instances in (rows, [list(row.values()) for row in rows]):
        answer = httpx.post(f"{server.url}{path}", json={"instances": instances})
        assert answer.json() == {"predictions": expected}


def test_score_predicts_as_plain_rows_do(server, rows, expected):
    table = {"columns": list(rows[0]), "index": list(range(len(rows))), "data": [list(row.values()) for row in rows]}
    assert httpx.post(f"{server.url}/score", json={"input_data": table}).json() == expected
