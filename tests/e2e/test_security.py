"""`mw server` as a process, attacked over raw sockets as no client's library would."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pytest

from e2e.workplace import PATIENCE_S, Workplace
from tiny import forking

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

_URL = re.compile(r"http://[\w.]+:\d+")
API = "/api/2.0/mlflow"
FILES = "/api/2.0/mlflow-artifacts/artifacts"
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
ESCAPES = '\x1b]0;title\x07\x1b[31mred\r\n{"level":"info"}\x9b2J\u2028'


class Target:
    """The server, and raw requests to it.

    Args:
        process: It.
        url: Where it listens.
    """

    def __init__(self, process: subprocess.Popen[str], url: str, workplace: Workplace) -> None:
        self.process = process
        self._log: list[str] = []
        # A pipe that nobody reads would stop the server once it is full.
        self._reader = threading.Thread(target=lambda: self._log.extend(process.stderr or ()))
        self._reader.start()
        self.workplace = workplace
        self.host = urlsplit(url).netloc
        self._address = (urlsplit(url).hostname or "", urlsplit(url).port or 0)

    def stop(self) -> str:
        """End it; what it logged."""
        self.process.terminate()
        assert self.process.wait(timeout=PATIENCE_S) == 0
        self._reader.join(timeout=PATIENCE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()
        assert self.process.stderr is not None
        self.process.stderr.close()
        return "".join(self._log)

    def raw(self, data: bytes) -> bytes:
        """What comes back for bytes, until the connection is closed."""
        with socket.create_connection(self._address, timeout=20) as connection:
            got = b""
            try:
                connection.sendall(data)
                while more := connection.recv(65_536):
                    got += more
            except OSError:
                pass
            return got

    def ask(
        self, method: str, path: str, body: bytes | dict[str, object] = b"", *headers: str
    ) -> tuple[int, bytes, str]:
        """Status, body and head of an answer; a `Host` header in place of the right one when it is given."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Connection: close", f"Content-Length: {len(data)}", *headers]
        if not any(line.lower().startswith("host:") for line in headers):
            lines.append(f"Host: {self.host}")
        if not any(line.lower().startswith("content-type:") for line in headers):
            lines.append("Content-Type: application/json")
        head, _, rest = self.raw("\r\n".join([*lines, "", ""]).encode("latin-1") + data).partition(b"\r\n\r\n")
        return int(head[9:12] or 0), rest, head.decode("latin-1").lower()

    def made(self, path: str, body: dict[str, object]) -> dict[str, object]:
        status, told, _ = self.ask("POST", f"{API}/{path}", body)
        assert status == 200, told
        read: dict[str, object] = json.loads(told)
        return read


def start(folder: Path, *words: str) -> Target:
    workplace = Workplace(folder)
    (folder / "millwright.toml").write_text("[server]\naccess_log = true\n")
    process = workplace.start("server", "--port", "0", *words)
    assert process.stdout is not None
    found = _URL.search(process.stdout.readline())
    assert found is not None, process.communicate(timeout=PATIENCE_S)
    return Target(process, found.group(), workplace)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    found = start(tmp_path_factory.mktemp("attacked"))
    yield found
    log = found.stop()
    # Whatever was tried: no failure of ours, and no line that is not the log's own.
    assert "Traceback" not in log
    assert "\x1b" not in log
    assert [
        line for line in log.splitlines() if not line.startswith(('{"time"', "Invalid HTTP", "Unsupported upg"))
    ] == []


@pytest.mark.parametrize(
    "headers",
    [
        ("Origin: http://evil.example",), ("Origin: null",), ("Origin: http://[",), ("Sec-Fetch-Site: cross-site",),
        ("Sec-Fetch-Site: same-site",), ("Origin: http://evil.example", "Content-Type: text/plain"),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{API}/experiments/create"), ("POST", "/ajax-api/2.0/mlflow/runs/create"),
        ("PUT", f"{FILES}/0/a.html"), ("DELETE", f"{FILES}/0"), ("POST", "/v1/traces"),
        ("POST", "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=x&path=y"),
        ("POST", "/api/2.0/mlflow-artifacts/mpu/create/0"),
        ("PATCH", f"{API}/registered-models/update"), ("POST", "/api/v1/runs"), ("POST", "/decisions"),
    ],
)  # fmt: skip
def test_page_of_the_web_writes_nothing_to_a_server_on_loopback(target, method, path, headers):
    assert target.ask(method, path, b'{"name": "planted"}', *headers)[0] == 403


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "0.0.0.0", "2130706433", "127.1", "localhost."],  # noqa: S104
)
def test_name_that_was_bound_again_is_refused(target, host):
    assert target.ask("GET", f"{API}/experiments/get?experiment_id=0", b"", f"Host: {host}")[0] == 421
    assert target.ask("GET", "/", b"", f"Host: {host}:8000", "X-Forwarded-Host: localhost")[0] == 421


ELSEWHERE = [
    "../../etc/passwd", "/etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "%252e%252e%252fetc%252fpasswd", "..%5c..%5cetc",
    "%2fetc%2fpasswd", "0/%00", "C:%5cx", "file:%2f%2f%2fetc%2fpasswd", "0/a%23b", "0/%0d%0aX:y", "0/" + "a/" * 3000,
]  # fmt: skip


@pytest.mark.parametrize("path", ELSEWHERE, ids=range(len(ELSEWHERE)))
def test_path_leads_nowhere_but_into_the_tree(target, path):
    run = target.made("runs/create", {"experiment_id": "0"})["run"]["info"]["run_id"]
    for method in ("GET", "PUT", "DELETE"):
        assert target.ask(method, f"{FILES}/{path}", b"x" if method == "PUT" else b"")[0] == 400
    for method, asked in (
        ("GET", f"{FILES}?path={path}"),
        ("GET", f"/get-artifact?run_uuid={run}&path={path}"),
        ("GET", f"{API}/artifacts/list?run_id={run}&path={path}"),
        ("POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path={path}"),
        ("POST", f"/api/2.0/mlflow-artifacts/mpu/create/{path}"),
        ("GET", f"/api/2.0/mlflow-artifacts/presigned/{path}"),
    ):
        status, told, _ = target.ask(method, asked, b'{"path": "f"}' if method == "POST" else b"")
        assert status == 400, (asked, status)
        assert b"root:" not in told


LOCATIONS = [
    "file:///etc", "/etc", "../../etc", "~", "FILE:///etc", "file://localhost/etc", "mlflow-artifacts:/../..",
    "mlflow-artifacts:/%2e%2e/%2e%2e/etc", "mlflow-artifacts:file:///etc", "http://169.254.169.254/latest", "s3://b/../x",
    "c:\\windows", "\\\\evil\\share",
]  # fmt: skip


@pytest.mark.parametrize("location", LOCATIONS)
def test_server_opens_no_place_that_an_experiment_or_a_version_names(target, location):
    created = target.made("experiments/create", {"name": f"at {location}", "artifact_location": location})
    run = target.made("runs/create", {"experiment_id": created["experiment_id"]})["run"]["info"]["run_id"]
    for path in ("passwd", "../passwd"):
        status, told, _ = target.ask("GET", f"/get-artifact?run_uuid={run}&path={path}")
        assert status == 400
        assert b"root:" not in told
    assert target.ask("GET", f"{API}/artifacts/list?run_id={run}")[0] == 400
    assert target.ask("POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path=planted", b"x")[0] == 400
    name = f"of {LOCATIONS.index(location)}"
    target.made("registered-models/create", {"name": name})
    body: dict[str, object] = {"name": name, "source": location}
    status, _, _ = target.ask("POST", f"{API}/model-versions/create", body)
    if status == 200:  # a place that clients open, never the server
        asked = f"/model-versions/get-artifact?name={quote(name)}&version=1&path=passwd"
        assert target.ask("GET", asked)[0] == 400


def test_what_people_write_is_text_on_every_page(target):
    experiment = target.made(
        "experiments/create", {"name": SCRIPT, "tags": [{"key": "mlflow.note.content", "value": SCRIPT}]}
    )
    body = {"experiment_id": experiment["experiment_id"], "run_name": SCRIPT, "tags": [{"key": "t", "value": SCRIPT}]}
    run = target.made("runs/create", body)["run"]["info"]["run_id"]
    target.made("runs/log-batch", {"run_id": run, "params": [{"key": "p", "value": SCRIPT}]})
    target.made(
        "registered-models/create", {"name": "hostile", "description": SCRIPT, "tags": [{"key": "t", "value": SCRIPT}]}
    )
    version = {"name": "hostile", "source": "https://x/y", "run_link": "javascript:alert(1)", "description": SCRIPT}
    target.made("model-versions/create", version)
    seen, waiting, shown = set(), ["/", "/models/hostile", f"/experiments/{experiment['experiment_id']}"], 0
    while waiting and len(seen) < 80:
        path = waiting.pop()
        if path in seen or path.startswith(("/get-artifact", "/assets")):
            continue
        seen.add(path)
        _, page, head = target.ask("GET", path, b"", "Accept: text/html")
        assert "content-security-policy: default-src 'none'" in head
        assert not [bad for bad in (b"<script>alert", b"<img src=x", b'href="javascript') if bad in page], path
        shown += page.count(b"&lt;script&gt;alert")
        waiting += [link.decode().replace("&amp;", "&") for link in re.findall(rb'href="(/[^"]*)"', page)]
    assert shown > 3


@pytest.mark.parametrize("name", ["a.html", "a.svg", 'a";filename=b.html', 'é".html', "a;b.xhtml", "a.mhtml"])
def test_artifact_is_saved_and_never_shown_as_it_is(target, name):
    path = f"{FILES}/0/{quote(name)}"
    assert target.ask("PUT", path, SCRIPT.encode())[0] == 200
    _, _, head = target.ask("GET", path)
    assert "content-disposition: attachment; filename" in head
    assert "x-content-type-options: nosniff" in head
    assert "content-security-policy: sandbox; default-src 'none'" in head


BODIES = [
    b'{"name":' + b"[" * 1_000_000,
    b'{"x":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    b'{"tags":' + b'[{"key":' * 50_000 + b"1" + b"}]" * 50_000 + b"}",
    gzip.compress(b'{"name":"' + b"a" * 50_000_000 + b'"}'),
    b'{"name":"\xff\xfe"}', b'{"name":"\\ud800"}', b'{"name":"a\\u0000"}', b"\x80\x04\x95", b"",
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_body_that_is_a_trap_is_a_bad_request_at_once(target, body):
    assert target.ask("POST", f"{API}/experiments/create", body, "Content-Encoding: gzip")[0] == 400


@pytest.mark.parametrize("value", ["1e999999", "1" + "0" * 5000, '"1e400"', "true", "[]", '"0x10"', "-1e999999"])
def test_number_without_measure_breaks_nothing(target, value):
    run = target.made("runs/create", {"experiment_id": "0"})["run"]["info"]["run_id"]
    for field in ("value", "timestamp", "step"):
        given = {"value": "1", "timestamp": "1", "step": "0", field: value}
        numbers = ", ".join(f'"{name}": {number}' for name, number in given.items())
        body = f'{{"run_id": "{run}", "key": "k", {numbers}}}'.encode()
        assert target.ask("POST", f"{API}/runs/log-metric", body)[0] in {200, 400}
    assert target.ask("GET", f"{API}/runs/get?run_id={run}")[0] == 200


def test_heads_without_measure_and_slow_clients_keep_nobody_waiting(target):
    begun = f"POST {API}/runs/search HTTP/1.1\r\nHost: {target.host}\r\nContent-Length: 100\r\n\r\n{{".encode()
    slow = [socket.create_connection(target.host.split(":"), timeout=20) for _ in range(100)]
    for connection in slow:
        connection.sendall(begun)
    flood = target.raw(f"GET /health HTTP/1.1\r\nHost: {target.host}\r\nX: ".encode() + b"a" * 20_000_000)
    assert b"200 OK" not in flood
    assert target.ask("GET", "/health")[0] == 200
    for connection in slow:
        connection.close()


def test_two_lengths_are_refused(target):
    for lengths in (
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: -1",
    ):
        head = f"POST {API}/experiments/create HTTP/1.1\r\nHost: {target.host}\r\n{lengths}\r\n\r\n0\r\n\r\n"
        smuggled = f"GET /health HTTP/1.1\r\nHost: {target.host}\r\nConnection: close\r\n\r\n"
        assert b"200 OK" not in target.raw((head + smuggled).encode())


def test_names_reach_no_log_and_no_terminal_as_commands(target):
    experiment = target.made("experiments/create", {"name": "escapes"})["experiment_id"]
    target.made("runs/create", {"experiment_id": experiment, "run_name": ESCAPES})
    target.ask("GET", f"{API}/runs/get?run_id={quote(ESCAPES)}")
    target.ask("GET", "/health", b"", "X-Request-Id: a\x1bb", "User-Agent: \x1b[31m")
    for words in ((), ("--json",)):
        printed = target.workplace.mw("runs", "search", "--experiment", "escapes", *words).out
        assert "title" in printed
        assert not {"\x1b", "\x07", "\x9b", "\r"} & set(printed)


def test_there_is_no_way_in_before_somebody_was_added(tmp_path: Path) -> None:
    for words in (("--host", "0.0.0.0"), ("--auth", "on")):  # noqa: S104
        done = Workplace(tmp_path).mw("server", "--port", "0", *words, code=None)
        assert done.code != 0
        assert "mw users add" in done.err


@pytest.mark.parametrize("login", ["admin:password1234", "admin:admin", "root:root", "admin:", ":"])
def test_no_password_comes_with_the_program(tmp_path: Path, login: str) -> None:
    import base64

    words = ["-m", "millwright", "users", "add", "ada", "--role", "admin"]
    added = forking.run(words, cwd=tmp_path, given="correct horse battery")
    assert added.returncode == 0, added.stderr
    target = start(tmp_path, "--auth", "on")
    basic = base64.b64encode(login.encode()).decode()
    assert target.ask("GET", f"{API}/experiments/get?experiment_id=0", b"", f"Authorization: Basic {basic}")[0] == 401
    assert target.ask("GET", f"{API}/experiments/get?experiment_id=0")[0] == 401
    target.stop()
