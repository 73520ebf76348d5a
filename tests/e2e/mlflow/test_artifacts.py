"""Artifacts of every size through the real server, and MLflow's own client on them."""

from __future__ import annotations

import hashlib
import json
import os
import re
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from e2e.workplace import PATIENCE_S, Workplace, finish
from tiny import forking

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

ROOT = "/api/2.0/mlflow-artifacts/artifacts"
MEBIBYTE = 1 << 20
SIZE = 200 * MEBIBYTE
MAY_GROW = 100 * MEBIBYTE
_URL = re.compile(r"http://[\w.]+:\d+")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`mw server` in an empty folder: its address, and the process."""
    process = Workplace(tmp_path).start("server", "--port", "0")
    assert process.stdout is not None
    found = _URL.search(process.stdout.readline())
    assert found is not None, process.communicate(timeout=PATIENCE_S)
    yield found.group(), process
    process.terminate()
    finish(process)


@pytest.fixture(scope="module")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one for all tests that leave nothing there."""
    process = Workplace(tmp_path_factory.mktemp("served")).start("server", "--port", "0")
    found = _URL.search(process.stdout.readline())
    assert found is not None, process.communicate(timeout=PATIENCE_S)
    yield found.group()
    process.terminate()
    finish(process)


def connect(url: str) -> HTTPConnection:
    return HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE_S)


def pieces(size: int) -> Iterator[bytes]:
    """That many bytes, no mebibyte like another."""
    for number in range(size // MEBIBYTE):
        yield number.to_bytes(4, "big") * (MEBIBYTE // 4)
    yield b"x" * (size % MEBIBYTE)


def tree(pid: int) -> list[int]:
    """A process and those below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        children = (task / "children").read_text().split()
        found += [each for child in children for each in tree(int(child))]
    return found


def peak_memory(pid: int) -> int:
    """The most that any process of the server has had, in bytes, since `forget_peak`."""
    found = []
    for each in tree(pid):
        status = Path(f"/proc/{each}/status").read_text()
        found.append(int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024)
    return max(found)


def forget_peak(pid: int) -> None:
    for each in tree(pid):
        Path(f"/proc/{each}/clear_refs").write_text("5")


@pytest.mark.parametrize("size", [1000, MEBIBYTE - 1, 10 * MEBIBYTE + 1])
def test_artifact_comes_back_whole(server: tuple[str, subprocess.Popen[str]], size: int) -> None:
    data = b"".join(pieces(size))
    connection = connect(server[0])
    connection.request("PUT", f"{ROOT}/1/a.bin", data)
    assert connection.getresponse().read() == b"{}"
    connection.request("GET", f"{ROOT}/1/a.bin")
    assert connection.getresponse().read() == data
    connection.request("GET", f"{ROOT}/1/a.bin", headers={"Range": f"bytes=10-{size - 10}"})
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (206, data[10 : size - 9])
    connection.close()


@pytest.mark.skipif(not os.path.exists("/proc/self/clear_refs"), reason="needs Linux's /proc")  # noqa: PTH110
def test_two_hundred_megabytes_take_little_memory(server: tuple[str, subprocess.Popen[str]]) -> None:
    url, process = server
    connection = connect(url)
    connection.request("PUT", f"{ROOT}/1/warm", b"x")
    connection.getresponse().read()
    forget_peak(process.pid)
    idle = peak_memory(process.pid)
    digest = hashlib.sha256()
    for piece in pieces(SIZE):
        digest.update(piece)
    # Chunked, so that the server cannot know the length beforehand either.
    connection.request("PUT", f"{ROOT}/1/large.bin", pieces(SIZE), encode_chunked=True)
    assert connection.getresponse().read() == b"{}"
    assert peak_memory(process.pid) - idle < MAY_GROW
    connection.request("GET", f"{ROOT}/1/large.bin")
    answer, received = connection.getresponse(), hashlib.sha256()
    while chunk := answer.read(MEBIBYTE):
        received.update(chunk)
    assert received.hexdigest() == digest.hexdigest()
    assert peak_memory(process.pid) - idle < MAY_GROW
    connection.close()


def test_upload_that_breaks_off_leaves_nothing(server: tuple[str, subprocess.Popen[str]], tmp_path: Path) -> None:
    connection = connect(server[0])
    connection.putrequest("PUT", f"{ROOT}/1/half.bin")
    connection.putheader("Content-Length", str(SIZE))
    connection.endheaders()
    connection.send(b"x" * 3 * MEBIBYTE)
    connection.close()
    connection = connect(server[0])
    connection.request("GET", f"{ROOT}?path=1")
    assert connection.getresponse().read() == b"{}"
    connection.close()
    artifacts = tmp_path / ".millwright" / "artifacts"
    assert [path for path in artifacts.rglob("*") if path.is_file() and not path.name.startswith(".partial-")] == []


@pytest.mark.parametrize(
    "target",
    [
        "/../../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/%252e%252e%252fetc%252fpasswd",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/C:%5cwindows%5cwin.ini",
        "/a%00.txt",
        "/a%23b",
        "/..%5c..%5cx",
    ],
)
@pytest.mark.parametrize("prefix", [ROOT, ROOT.replace("/api", "/ajax-api")])
def test_raw_request_never_leaves_the_tree(one_server: str, prefix: str, target: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        connection = connect(one_server)
        connection.putrequest(method, prefix + target, skip_accept_encoding=True)  # sent as it is, nothing tidied
        connection.putheader("Content-Length", "1")
        connection.endheaders(b"x")
        answer = connection.getresponse()
        body = answer.read()
        assert 400 <= answer.status < 500
        assert b"root:" not in body
        connection.close()


@pytest.mark.filterwarnings("ignore")  # the client's own
def test_client_logs_lists_downloads_and_loads(server: tuple[str, subprocess.Popen[str]], tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow", reason="needs the mlflow client")
    mlflow.set_tracking_uri(server[0])
    folder = tmp_path / "files"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (folder / "sub" / "größe 1.bin").write_bytes(b"1" * 1000)
    with mlflow.start_run() as run:
        mlflow.log_artifacts(str(folder))
        mlflow.log_text("hello", "notes/hello.txt")
        logged = mlflow.sklearn.log_model(_model(), name="model", serialization_format="pickle")
    client = mlflow.MlflowClient()
    assert [item.path for item in client.list_artifacts(run.info.run_id)] == ["a.txt", "notes", "sub"]
    assert mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/notes/hello.txt") == "hello"
    back = Path(mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="sub"))
    assert (back / "größe 1.bin").read_bytes() == b"1" * 1000
    assert mlflow.get_logged_model(logged.model_id).status.value == "READY"
    assert list(mlflow.sklearn.load_model(logged.model_uri).predict([[1.0], [2.0]])) == pytest.approx([1.0, 2.0])
    found = mlflow.search_logged_models([run.info.experiment_id], output_format="list")
    assert [each.model_id for each in found] == [logged.model_id]


@pytest.mark.filterwarnings("ignore")  # the client's own
def test_command_line_lists_and_downloads(server: tuple[str, subprocess.Popen[str]], tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow", reason="needs the mlflow client")
    mlflow.set_tracking_uri(server[0])
    with mlflow.start_run() as run:
        mlflow.log_text("hello", "notes/hello.txt")
    environment = {**os.environ, "MLFLOW_TRACKING_URI": server[0]}

    def artifacts(*words: str) -> str:
        command = ["-m", "mlflow", "artifacts", *words, "--run-id", run.info.run_id]
        done = forking.run(command, env=environment, cwd=tmp_path, libraries=("mlflow",))
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert json.loads(artifacts("list", "-a", "notes"))[0]["path"] == "notes/hello.txt"
    artifacts("download", "-a", "notes", "-d", str(tmp_path / "back"))
    assert (tmp_path / "back" / "notes" / "hello.txt").read_text() == "hello"


def _model() -> object:
    from sklearn.linear_model import LinearRegression

    return LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
