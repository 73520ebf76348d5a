"""The construction model, registered and served: the clients of all contracts, and batch, get the same predictions."""

from __future__ import annotations

import io
import json
import shutil
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import polars as pl
import pytest

from e2e.server import Server
from e2e.serving.conftest import MODEL
from e2e.serving.rows import rows_of
from e2e.workplace import Workplace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow

OUTPUTS = ("prediction", "probability")
Rows = list[dict[str, Any]]


class Served:
    """The served model, rows for it, and how each contract's client asks.

    Args:
        workplace: Where the model is registered.
        url: The server's.
    """

    def __init__(self, workplace: Workplace, url: str) -> None:
        self.workplace = workplace
        self.url = url
        self.columns: Rows = httpx.get(f"{url}/v2/models/{MODEL}").json()["inputs"]
        self.rows = rows_of(self.columns, 12)
        self.lists = [list(row.values()) for row in self.rows]

    def post(self, path: str, body: Any) -> Any:
        """The JSON that a path answers."""
        answer = httpx.post(f"{self.url}{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def plain(self) -> Rows:
        return [{name: row[name] for name in OUTPUTS} for row in self.post("/predict", self.rows)]

    def one_by_one(self) -> Rows:
        return [{name: self.post("/predict", row)[name] for name in OUTPUTS} for row in self.rows]

    def v2_json(self) -> Rows:
        return self._triton_http(binary=False)

    def v2_binary(self) -> Rows:
        return self._triton_http(binary=True)

    def v2_grpc(self) -> Rows:
        triton = pytest.importorskip("tritonclient.grpc", reason="needs tritonclient: pip install 'tritonclient[grpc]'")
        with triton.InferenceServerClient(self.url.removeprefix("http://")) as client:
            return _table(client.infer(MODEL, self._tensors(triton.InferInput)))

    def kserve(self) -> Rows:
        found: Rows = self.post(f"/v1/models/{MODEL}:predict", {"instances": self.lists})["predictions"]
        return found

    def mlflow(self) -> Rows:
        scoring = pytest.importorskip("mlflow.pyfunc.scoring_server.client", reason="needs mlflow-skinny")
        pandas = pytest.importorskip("pandas", reason="needs pandas")
        client = scoring.ScoringServerClient("127.0.0.1", self.url.rpartition(":")[2])
        found: Rows = client.invoke(pandas.DataFrame(self.rows)).get_predictions().to_dict("records")
        return found

    def mlflow_inputs(self) -> Rows:
        columns = {name: [row[name] for row in self.rows] for name in self.rows[0]}
        found: Rows = self.post("/invocations", {"inputs": columns})["predictions"]
        return found

    def sagemaker_csv(self) -> Rows:
        body = pl.DataFrame(self.rows).write_csv(include_header=False)
        headers = {"content-type": "text/csv", "accept": "text/csv"}
        answer = httpx.post(f"{self.url}/invocations", content=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return pl.read_csv(io.StringIO(answer.text), has_header=False, new_columns=list(OUTPUTS)).to_dicts()

    def sagemaker_json(self) -> Rows:
        instances = [{"features": row} for row in self.lists]
        found: Rows = self.post("/invocations", {"instances": instances})["predictions"]
        return found

    def sagemaker_lines(self) -> Rows:
        lines = "\n".join(json.dumps({"features": row}) for row in self.lists)
        headers = {"content-type": "application/jsonlines", "accept": "application/jsonlines"}
        answer = httpx.post(f"{self.url}/invocations", content=lines, headers=headers)
        return [json.loads(line) for line in answer.text.splitlines()]

    def vertex(self) -> Rows:
        found: Rows = self.post("/vertex/predict", {"instances": self.rows, "parameters": {}})["predictions"]
        return found

    def azure(self) -> Rows:
        table = {"columns": list(self.rows[0]), "index": list(range(len(self.rows))), "data": self.lists}
        found: Rows = self.post("/score", {"input_data": table})
        return found

    def batch(self) -> Rows:
        folder = self.workplace.folder
        pl.DataFrame(self.rows).write_parquet(folder / "rows.parquet")
        self.workplace.mw("predict", f"{MODEL}@champion", "--input", "rows.parquet", "--output", "answers.parquet")
        return pl.read_parquet(folder / "answers.parquet").select(OUTPUTS).to_dicts()

    def _triton_http(self, *, binary: bool) -> Rows:
        triton = pytest.importorskip("tritonclient.http", reason="needs tritonclient: pip install 'tritonclient[http]'")
        client = triton.InferenceServerClient(self.url.removeprefix("http://"))
        wanted = [triton.InferRequestedOutput(name, binary_data=binary) for name in OUTPUTS]
        found = _table(client.infer(MODEL, self._tensors(triton.InferInput, binary_data=binary), outputs=wanted))
        client.close()
        return found

    def _tensors(self, kind: Any, **options: Any) -> list[Any]:
        dtype_of = pytest.importorskip("tritonclient.utils").triton_to_np_dtype
        made = []
        for column in self.columns:
            tensor = kind(column["name"], [len(self.rows)], column["datatype"])
            values = np.array([row[column["name"]] for row in self.rows], dtype=dtype_of(column["datatype"]))
            tensor.set_data_from_numpy(values, **options)
            made.append(tensor)
        return made


def _table(result: Any) -> Rows:
    columns = {name: result.as_numpy(name).tolist() for name in OUTPUTS}
    plain = [[value.decode() if isinstance(value, bytes) else value for value in values] for values in columns.values()]
    return [dict(zip(OUTPUTS, values, strict=True)) for values in zip(*plain, strict=True)]


@pytest.fixture(scope="module")
def served(trained: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The construction programme's model, served as on Vertex AI."""
    workplace = Workplace(tmp_path_factory.mktemp("every_client") / "project")
    shutil.copytree(trained.folder, workplace.folder)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AIP_PREDICT_ROUTE", "/vertex/predict")
        with Server(workplace, f"{MODEL}@champion") as running:
            yield Served(workplace, running.url)


ALONE = "plain rows, one by one"
CLIENTS: dict[str, Callable[[Served], Rows]] = {
    ALONE: Served.one_by_one,
    "Open Inference, JSON": Served.v2_json,
    "Open Inference, binary": Served.v2_binary,
    "Open Inference, gRPC": Served.v2_grpc,
    "KServe": Served.kserve,
    "MLflow's client": Served.mlflow,
    "MLflow, inputs": Served.mlflow_inputs,
    "SageMaker, CSV": Served.sagemaker_csv,
    "SageMaker, JSON": Served.sagemaker_json,
    "SageMaker, JSON lines": Served.sagemaker_lines,
    "Vertex AI": Served.vertex,
    "Azure": Served.azure,
    "batch": Served.batch,
}


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_gets_the_predictions_of_plain_rows(served: Served, client: str) -> None:
    expected = served.plain()
    assert len({row["probability"] for row in expected}) > 3
    found = CLIENTS[client](served)
    if client == ALONE:
        # One row at a time, ONNX Runtime sums a forest's trees in another order: the last bit of a 32-bit one.
        assert [row["prediction"] for row in found] == [row["prediction"] for row in expected]
        probabilities = [row["probability"] for row in expected]
        assert [row["probability"] for row in found] == pytest.approx(probabilities, abs=2**-23)
    else:
        assert found == expected
