"""What people get wrong: one clear line each, the right exit code or status, no traceback, nothing lost."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import polars as pl
import pytest

from e2e.server import Server
from e2e.soundness import check_sound
from e2e.workplace import Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.workplace import Finished

pytestmark = pytest.mark.slow

RUN = ("run", "pipeline.py", "--source")
INFER = "/v2/models/schedule-delay/infer"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """A workspace with one model; tests add nothing to it that another one would see."""
    workplace = Workplace(tmp_path_factory.mktemp("trained"))
    workplace.write_project()
    workplace.mw(*RUN, "programme.csv")
    return workplace


@pytest.fixture(scope="module")
def server(trained: Workplace) -> Iterator[Server]:
    """That model, served with small limits."""
    (trained.folder / "millwright.toml").write_text("[serve]\nmax_body_mb = 0.5\nmax_rows = 100\n")
    with Server(trained, "schedule-delay@champion") as running:
        yield running


@pytest.fixture(scope="module")
def row(server: Server) -> dict[str, Any]:
    """A row that fits."""
    columns = httpx.get(f"{server.url}/v2/models/schedule-delay").json()["inputs"]
    values = {"integer": 3, "number": 0.5, "category": "North", "boolean": True}
    return {column["name"]: values[column["parameters"]["column_type"]] for column in columns}


def one_line(ended: Finished) -> str:
    """The line in which a command says what is wrong."""
    assert "Traceback" not in ended.err
    lines = [line for line in ended.err.splitlines() if line.strip()]
    assert len(lines) == 1, ended.err
    assert lines[0].startswith("Error: ")
    return lines[0]


@dataclass(frozen=True)
class Table:
    """A file that is no table to learn from."""

    name: str
    content: bytes
    told: str


TABLES = [
    Table("empty.csv", b"", "found an empty file"),
    Table("header.csv", b"a,b\n", "a header and nothing below it"),
    Table("noise.csv", bytes(range(256)) * 20, "bytes that are no text"),
    Table("page.csv", b"<!doctype html><html><body>Not found</body></html>", "an HTML page"),
    Table("cut.parquet", b"PAR1\x00\x00", "Expected a Parquet file"),
]


def test_file_that_is_not_there_is_told_with_the_nearest(trained: Workplace) -> None:
    told = one_line(trained.mw(*RUN, "program.csv", code=1))
    assert "'program.csv'" in told
    assert "Did you mean 'programme.csv'?" in told


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_file_that_is_no_table_is_told_as_what_it_is(trained: Workplace, table: Table) -> None:
    (trained.folder / table.name).write_bytes(table.content)
    told = one_line(trained.mw(*RUN, table.name, code=1))
    assert table.name in told
    assert table.told in told


def edited(workplace: Workplace, old: str, new: str) -> str:
    """Another pipeline beside the project's, which differs in one place."""
    text = (workplace.folder / "pipeline.py").read_text()
    assert old in text
    (workplace.folder / "edited.py").write_text(text.replace(old, new))
    return "edited.py"


def test_target_that_is_not_there_is_told_with_the_nearest(trained: Workplace) -> None:
    pipeline = edited(trained, 'target="late",\n        trials', 'target="lat",\n        trials')
    told = one_line(trained.mw("run", pipeline, "--source", "programme.csv", code=1))
    assert "no target column 'lat'" in told
    assert "Did you mean 'late'?" in told


def test_target_that_is_always_the_same_is_told(trained: Workplace) -> None:
    pipeline = edited(trained, "    return labelled.", "    return labelled.with_columns(late=False).")
    told = one_line(trained.mw("run", pipeline, "--source", "programme.csv", code=1))
    assert "'late' is constant" in told


def test_table_whose_rows_all_break_the_contract_stops_the_run_and_keeps_the_rows(tmp_path) -> None:
    workplace = Workplace(tmp_path)
    workplace.write_project()
    table = pl.read_csv(tmp_path / "programme.csv", infer_schema=False)
    table.with_columns(pl.lit("soon").alias("planned_end")).write_csv(tmp_path / "soon.csv")
    told = one_line(workplace.mw(*RUN, "soon.csv", code=1))
    rows = f"{table.height:,}"
    assert f"{rows} of {rows} rows (100.0%) break the contract" in told
    assert f"planned_end: not a date ({rows})" in told
    with workplace.open() as workspace:
        assert workspace.datasets.get("programme.quarantine").read().height == table.height
        assert workspace.stores.pipelines.list_pipeline_runs()[0].status.value == "failed"


def test_unknown_settings_are_told_with_the_nearest(tmp_path) -> None:
    workplace = Workplace(tmp_path)
    for text, hint in (
        ("[serve]\nprt = 1\n", "'serve.port'"),
        ("[serv]\nport = 1\n", "'serve'"),
        ("stoer = ''", "'store'"),
    ):
        (tmp_path / "millwright.toml").write_text(text)
        told = one_line(workplace.mw("models", "list", code=1))
        assert "Unknown setting" in told
        assert f"Did you mean {hint}?" in told
    assert not (tmp_path / ".millwright").exists()


def test_value_of_the_wrong_kind_is_told_with_its_setting(tmp_path) -> None:
    (tmp_path / "millwright.toml").write_text("[serve]\nport = 'many'\n")
    told = one_line(Workplace(tmp_path).mw("models", "list", code=1))
    assert "'serve.port'" in told
    assert "integer" in told
    assert "'many'" in told


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("serve schedule-dely@champion", "There is no model 'schedule-dely'. Did you mean 'schedule-delay'?"),
        ("serve schedule-delay@champon", "no alias 'champon'. Did you mean 'champion'?"),
        ("predict schedule-delay@7 -i programme.csv -o out.csv", "no version 7"),
        ("models promote schedule-delay@1 --reason ", "Expected a reason"),
        ("reproduce schedule-delay@9", "no version 9"),
        ("why 0123", "There is no prediction '0123'"),
        ("runs show 123456", "There is no pipeline run"),
        ("monitor check schedule-dely", "There is no endpoint 'schedule-dely'"),
        ("labels add schedule-dely gone.csv", "There is no "),
        ("run gone.py", "There is no file 'gone.py'"),
        ("run pipeline.py --sorce programme.csv", "Did you mean '--source'?"),
        ("run pipeline.py --source programme.csv --trials many", "expected a whole number, found 'many'"),
        ("run pipeline.py --source programme.csv --until tuen", "no step 'tuen'. Did you mean 'tune'?"),
    ],
)
def test_name_that_is_not_there_is_told(trained: Workplace, command: str, told: str) -> None:
    assert told in one_line(trained.mw(*command.split(" "), code=1))


def test_error_with_json_is_one_document_on_standard_output(trained: Workplace) -> None:
    ended = trained.mw("models", "show", "schedule-dely", "--json", code=1)
    assert set(ended.json["error"]) == {"code", "message", "hint", "details"}
    assert ended.json["error"]["code"] == "not_found"
    assert ended.err == ""


def test_debug_shows_where_an_error_comes_from(trained: Workplace) -> None:
    assert "Traceback" in trained.mw("models", "show", "schedule-dely", "--debug", code=1).err


def test_unknown_command_and_option_end_with_2(trained: Workplace) -> None:
    assert "No such command 'modles'" in trained.mw("modles", code=2).err
    assert "--nosuch" in trained.mw("models", "list", "--nosuch", code=2).err


def test_store_that_is_no_database_is_told_and_left_alone(tmp_path) -> None:
    workplace, store = Workplace(tmp_path), tmp_path / ".millwright" / "millwright.db"
    store.parent.mkdir()
    store.write_bytes(b"not a database, but somebody's file" * 100)
    told = one_line(workplace.mw("models", "list", code=1))
    assert str(store) in told
    assert "not an SQLite database" in told
    assert store.read_bytes() == b"not a database, but somebody's file" * 100


def test_store_of_another_program_is_told_and_left_alone(tmp_path) -> None:
    workplace, store = Workplace(tmp_path), tmp_path / ".millwright" / "millwright.db"
    store.parent.mkdir()
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("CREATE TABLE invoices (number)")
    assert "the tables of another program (invoices)" in one_line(workplace.mw("models", "list", code=1))


def test_store_of_a_newer_version_is_told_and_left_alone(tmp_path) -> None:
    workplace, store = Workplace(tmp_path), tmp_path / ".millwright" / "millwright.db"
    workplace.mw("models", "list")
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE millwright_version SET version_num = '9999'")
    told = one_line(workplace.mw("models", "list", code=1))
    assert "written by a newer Millwright" in told
    assert "Upgrade" in told


def test_store_that_may_not_be_read_is_told(tmp_path) -> None:
    workplace, store = Workplace(tmp_path), tmp_path / ".millwright" / "millwright.db"
    workplace.mw("models", "list")
    if os.geteuid() == 0:
        # Root may read everything; a folder in the file's place nobody can read as a file.
        store.unlink()
        store.mkdir()
    else:
        store.chmod(0)
    assert str(store) in one_line(workplace.mw("models", "list", code=1))


def test_database_server_that_is_not_there_is_told_without_the_password(tmp_path) -> None:
    with socket.socket() as taken:  # bound and not listening: nobody else gets the port, and nobody answers
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql://me:secret@127.0.0.1:{taken.getsockname()[1]}/records"
        ended = Workplace(tmp_path, url).mw("models", "list", code=1)
    assert "Connection refused" in one_line(ended)
    assert "secret" not in ended.err


def test_port_in_use_is_told(trained: Workplace, server: Server) -> None:
    port = server.url.rpartition(":")[2]
    told = one_line(trained.mw("serve", "schedule-delay@champion", "--port", port, code=1))
    assert f"Port {port} on 127.0.0.1 is in use" in told
    assert httpx.get(f"{server.url}/health").status_code == 200


def refused(response: httpx.Response, status: int) -> dict[str, Any]:
    """The error of an answer, which has the one shape; below `/v2` it stands beside its text."""
    assert response.status_code == status, response.text
    error = response.json()
    if isinstance(error["error"], str):
        assert error.pop("error") == f"{error['message']} {error['hint']}".strip()
    else:
        (error,) = error.values()
    assert set(error) == {"code", "message", "hint", "details"}
    return error  # type: ignore[no-any-return]


def test_row_that_fits_is_answered(server: Server, row: dict[str, Any]) -> None:
    assert set(httpx.post(f"{server.url}/predict", json=row).json()) == {"prediction", "probability", "prediction_id"}


def test_request_with_wrong_columns_and_types_is_told_which_expected_and_found(server: Server, row) -> None:
    wrong = {**row, "crew_size": "five", "crew_sze": 5}
    del wrong["region"]
    error = refused(httpx.post(f"{server.url}/predict", json=[row, wrong]), 422)
    violations = {(each["row"], each["column"]): each for each in error["details"]["violations"]}
    assert set(violations) == {(1, "region"), (1, "crew_size"), (1, "crew_sze")}
    assert violations[1, "crew_size"]["expected"] == "an integer"
    assert "'five'" in violations[1, "crew_size"]["found"]
    assert "missing" in violations[1, "region"]["found"]
    assert error["code"] == "invalid_input"


PREDICT, INVOCATIONS = "{path}/predict [%s]", '{path}/invocations {{"dataframe_records": [%s]}}'


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        *((text, shape) for text in ("Infinity", "-Infinity", "1e999") for shape in (PREDICT, INVOCATIONS)),
        ("NaN", PREDICT),
    ],
)
def test_number_that_json_has_not_is_refused(server: Server, row, text: str, shape: str) -> None:
    path, _, body = shape.format(path=server.url).partition(" ")
    content = body % json.dumps(row).replace("0.5", text, 1)
    answer = httpx.post(path, content=content, headers={"content-type": "application/json"})
    assert refused(answer, 400)["hint"] == "Send null for a missing number."


def test_nan_of_mlflows_client_is_a_missing_number(server: Server, row) -> None:
    headers = {"content-type": "application/json"}
    answers = [
        httpx.post(
            f"{server.url}/invocations",
            content=json.dumps({"dataframe_records": [row]}).replace("0.5", text, 1),
            headers=headers,
        )
        for text in ("NaN", "null")
    ]
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].json() == answers[1].json()


def test_tensor_with_a_number_that_json_has_not_is_refused(server: Server) -> None:
    body = '{"inputs": [{"name": "crew_load", "shape": [1], "datatype": "FP64", "data": [NaN]}]}'
    answer = httpx.post(f"{server.url}{INFER}", content=body, headers={"content-type": "application/json"})
    assert refused(answer, 400)["code"] == "malformed_request"


def test_body_that_is_too_large_is_refused_whether_announced_or_not(server: Server, row) -> None:
    rows = json.dumps([row] * 5000).encode()
    headers = {"content-type": "application/json"}
    announced = httpx.post(f"{server.url}/predict", content=rows, headers=headers)
    chunked = httpx.post(f"{server.url}/predict", content=iter([rows[:600_000], rows[600_000:]]), headers=headers)
    for answer in (announced, chunked):
        error = refused(answer, 413)
        assert error["details"]["maximum"] == 2**19
    error = refused(httpx.post(f"{server.url}/predict", json=[row] * 101), 413)
    assert error["details"] == {"rows": 101, "maximum": 100}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v2/models/schedule-dely/infer", 404),
        ("POST", "/v2/models/schedule-delay/versions/9/infer", 404),
        ("GET", "/nosuch", 404),
        ("DELETE", "/predict", 405),
    ],
)
def test_path_that_is_not_there_is_refused(server: Server, method: str, path: str, status: int) -> None:
    headers = {"content-type": "application/json"}
    refused(httpx.request(method, server.url + path, content=b'{"inputs": []}', headers=headers), status)


@pytest.mark.parametrize(("content", "status"), [(b"", 400), (b"[", 400), (b"[]", 422), (b"3", 400), (b"\xff", 400)])
def test_body_that_is_no_rows_is_refused(server: Server, content: bytes, status: int) -> None:
    headers = {"content-type": "application/json"}
    refused(httpx.post(f"{server.url}/predict", content=content, headers=headers), status)
    refused(httpx.post(f"{server.url}/predict", content=content, headers={"content-type": "text/csv"}), 415)


def test_bytes_that_are_no_http_leave_the_server_up(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=10) as connection:
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 400")
    assert httpx.get(f"{server.url}/health").status_code == 200


def test_what_was_refused_is_not_logged_and_what_was_answered_is(trained: Workplace, row: dict[str, Any]) -> None:
    with Server(trained, "schedule-delay@1", endpoint="other") as server:
        answered = httpx.post(f"{server.url}/predict", json=row).json()["prediction_id"]
        refused(httpx.post(f"{server.url}/predict", json=[row, {}]), 422)
    assert server.errors() == ""
    with trained.open() as workspace:
        assert [record.id for record in workspace.stores.predictions.iter("other")] == [answered]
        check_sound(workspace)
    assert answered in trained.mw("why", answered).out
