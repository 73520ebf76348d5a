from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from millwright.core.errors import ConfigurationError, IntegrityError, InvalidInputError, NotFoundError, StorageError
from millwright.core.ids import Digest, RunId, new_id
from millwright.core.records.run import MetricPoint, RunStatus
from millwright.tracking.blob import LocalBlobs
from millwright.tracking.change import (
    DatasetUsed,
    FileLogged,
    ParamsLogged,
    PointsLogged,
    RunEnded,
    RunResumed,
    RunStarted,
    TagsSet,
)
from millwright.tracking.wire_sink import RUN_TAG, WireClient, WireSink

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUN = RunId(new_id())
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Server:
    """As much of a tracking server as the sink needs, in memory."""

    def __init__(self) -> None:
        self.experiments: dict[str, str] = {}
        self.runs: dict[str, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        self.tokens: set[str] = set()
        self.failure: tuple[int, dict[str, str]] | None = None

    def answer(self, path: str, query: dict[str, str], body: Any) -> tuple[int, dict[str, Any]]:
        if self.failure is not None:
            return self.failure
        if path.startswith("/api/2.0/mlflow-artifacts/artifacts/"):
            self.files[path.removeprefix("/api/2.0/mlflow-artifacts/artifacts/")] = body
            return 200, {}
        name = path.removeprefix("/api/2.0/mlflow/").replace("/", "_").replace("-", "_")
        found = getattr(self, name)(**query, **(body or {}))
        return (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "none"}) if found is None else (200, found)

    def experiments_get_by_name(self, experiment_name: str) -> dict[str, Any] | None:
        number = self.experiments.get(experiment_name)
        return None if number is None else {"experiment": {"experiment_id": number}}

    def experiments_create(self, name: str) -> dict[str, Any]:
        self.experiments[name] = str(len(self.experiments) + 1)
        return {"experiment_id": self.experiments[name]}

    def experiments_search(self, max_results: int) -> dict[str, Any]:
        return {"experiments": [{"experiment_id": number} for number in self.experiments.values()][:max_results]}

    def runs_create(self, tags: list[dict[str, str]], **facts: Any) -> dict[str, Any]:
        run = {
            "tags": {tag["key"]: tag["value"] for tag in tags},
            "params": {},
            "metrics": set(),
            "inputs": [],
            **facts,
        }
        run_id = f"there-{len(self.runs)}"
        self.runs[run_id] = run
        return {"run": {"info": {"run_id": run_id}}}

    def runs_get(self, run_id: str) -> dict[str, Any]:
        return {"run": {"info": {"run_id": run_id, "artifact_uri": f"mlflow-artifacts:/1/{run_id}/artifacts"}}}

    def runs_search(self, experiment_ids: list[str], filter: str, max_results: int) -> dict[str, Any]:  # noqa: A002
        wanted = filter.rpartition(" = ")[2].strip("'")
        hits = [run_id for run_id, run in self.runs.items() if run["tags"][RUN_TAG] == wanted and experiment_ids]
        return {"runs": [{"info": {"run_id": run_id}} for run_id in hits[:max_results]]} if hits else {}

    def runs_update(self, run_id: str, **facts: Any) -> dict[str, Any]:
        self.runs[run_id].update(facts)
        return {}

    def runs_log_batch(self, run_id: str, **batch: Any) -> dict[str, Any]:
        run = self.runs[run_id]
        assert len(batch.get("metrics", ())) <= 1000
        run["metrics"] |= {tuple(sorted((k, str(v)) for k, v in point.items())) for point in batch.get("metrics", ())}
        for kind in ("params", "tags"):
            run[kind].update({pair["key"]: pair["value"] for pair in batch.get(kind, ())})
        return {}

    def runs_log_inputs(self, run_id: str, datasets: list[Any]) -> dict[str, Any]:
        self.runs[run_id]["inputs"] = datasets
        return {}


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_arguments: Any) -> None:
            """Silent."""

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            server.tokens.add(self.headers.get("Authorization", ""))
            parts = urlsplit(self.path)
            body = data if self.command == "PUT" else json.loads(data or b"{}")
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            status, answer = server.answer(parts.path, query, body)
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_PUT = do_POST  # noqa: N815 - as the base class calls them

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}/"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path)


STARTED = RunStarted(id=RUN, experiment="delay", name="n", at=NOW, user="ada", params={"a": "1"}, tags={"t": "1"})


def test_run_is_written_once_however_often_it_is_synced(server: Server, url: str, blobs: LocalBlobs) -> None:
    points = tuple(MetricPoint(key="k", value=float(step), step=step, at=NOW) for step in range(2500))
    odd = tuple(MetricPoint(key=key, value=float(key), step=0, at=NOW) for key in ("nan", "inf", "-inf"))
    digest = blobs.put(b"abc")
    changes = [
        STARTED,
        PointsLogged(points=points),
        PointsLogged(points=odd),
        ParamsLogged(params={f"p{index}": "x" for index in range(150)}),
        TagsSet(tags={"t": "2"}),
        FileLogged(path="notes/ä b.txt", digest=digest, size_bytes=3, at=NOW),
        DatasetUsed(name="d", digest="e", context="training", source_type="code", source="{}", schema="[]"),
        RunEnded(status=RunStatus.FINISHED, at=NOW),
        RunResumed(at=NOW),
        RunEnded(status=RunStatus.FAILED, at=NOW),
    ]
    for _ in range(2):
        WireSink(RUN, client=WireClient(url, token="secret"), blobs=blobs).write(changes)
    (run,) = server.runs.values()
    assert (run["run_name"], run["user_id"], run["status"], run["tags"]["t"]) == ("n", "ada", "FAILED", "2")
    assert len(run["metrics"]) == 2503
    assert {dict(point)["value"] for point in run["metrics"] if dict(point)["key"] != "k"} == {
        "NaN",
        "Infinity",
        "-Infinity",
    }
    assert len(run["params"]) == 151
    assert server.files == {"1/there-0/artifacts/notes/%C3%A4%20b.txt": b"abc"}
    assert run["inputs"][0]["dataset"]["schema"] == "[]"
    assert server.tokens == {"Bearer secret"}


def test_parent_is_called_as_the_server_calls_it(server: Server, url: str, blobs: LocalBlobs) -> None:
    client = WireClient(url)
    WireSink(RUN, client=client, blobs=blobs).write([STARTED])
    child = RunId(new_id())
    tags = {"mlflow.parentRunId": RUN}
    started = RunStarted(id=child, experiment="delay", name="c", at=NOW, tags=tags)
    WireSink(child, client=client, blobs=blobs).write([started])
    assert server.runs["there-1"]["tags"]["mlflow.parentRunId"] == "there-0"


def test_rest_of_a_run_is_refused_when_the_server_does_not_know_it(url: str, blobs: LocalBlobs) -> None:
    sink = WireSink(RUN, client=WireClient(url), blobs=blobs)
    with pytest.raises(NotFoundError, match=RUN_TAG):
        sink.write([TagsSet(tags={"t": "1"})])


def test_bytes_that_are_gone_are_an_error(url: str, blobs: LocalBlobs) -> None:
    sink = WireSink(RUN, client=WireClient(url), blobs=blobs)
    with pytest.raises(IntegrityError, match=r"a\.txt"):
        sink.write([STARTED, FileLogged(path="a.txt", digest=Digest("0" * 64), size_bytes=1, at=NOW)])


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (400, InvalidInputError, "too long"),
        (401, StorageError, "MILLWRIGHT_TOKEN"),
        (503, StorageError, "Sync again"),
    ],
)
def test_answer_that_is_none_says_what_to_do(
    server: Server, url: str, blobs: LocalBlobs, status: int, error: type[Exception], says: str
) -> None:
    server.failure = (status, {"error_code": "X", "message": "too long"})
    with pytest.raises(error, match=says):
        WireSink(RUN, client=WireClient(url), blobs=blobs).write([STARTED])


def test_server_that_is_not_there_or_no_url_is_an_error(blobs: LocalBlobs) -> None:
    with pytest.raises(StorageError, match="does not answer"):
        WireSink(RUN, client=WireClient("http://127.0.0.1:9"), blobs=blobs).write([STARTED])
    for url in ("file:///etc/passwd", "localhost:5000"):
        with pytest.raises(ConfigurationError, match=r"http://127\.0\.0\.1:5000"):
            WireClient(url)
