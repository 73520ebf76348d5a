"""A pipeline's run with all that can be told of it, on real stores; and a real receiver of events."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.digest import digest_bytes
from millwright.core.events import Event
from millwright.core.ids import PipelineRunId, StepRunId, new_id
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.core.records.code import CodeRecord
from millwright.core.records.dataset import ColumnSchema, DatasetKind, DatasetVersionRecord
from millwright.core.records.pipeline import (
    PipelineRunRecord,
    PipelineRunStatus,
    StepRunRecord,
    StepStatus,
    ValueRef,
)
from millwright.governance.openlineage.narrator import Narrator
from millwright.governance.openlineage.options import OpenLineageOptions
from millwright.storage.catalog import Stores, open_stores

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 3, 29, 2, 0, 1, 500_000, tzinfo=UTC)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = open_stores(
        records_url=f"sqlite:///{tmp_path / 'records.db'}",
        artifacts_url=str(tmp_path / "artifacts"),
        predictions_url=str(tmp_path / "predictions"),
    )
    yield opened
    opened.close()


@dataclass
class Chronicle:
    """Writes a run as a runner would, and gives its events."""

    stores: Stores
    folder: Path
    run: PipelineRunRecord

    def event(self, kind: str, subject: str) -> Event:
        return Event(type=kind, subject=subject, at=NOW)

    def narrator(self, **options: Any) -> Narrator:
        chosen = OpenLineageOptions(**{"namespace": "mill", **options})
        return Narrator(self.stores, chosen, tables_url=str(self.folder / "tables"), bases=(self.folder,))

    def end(self, status: PipelineRunStatus, error: str | None = None) -> Event:
        ended = replace(self.run, status=status, ended_at=NOW + timedelta(seconds=9), error=error)
        self.stores.pipelines.update_pipeline_run(ended)
        kind = "completed" if status is PipelineRunStatus.COMPLETED else "failed"
        return self.event(f"pipeline.{kind}", self.run.id)

    def step(self, name: str, status: StepStatus = StepStatus.RUNNING, **fields: Any) -> StepRunRecord:
        record = StepRunRecord(
            id=StepRunId(fields.pop("id", new_id())),
            pipeline_run_id=self.run.id,
            step=name,
            function=f"project.{name}",
            status=status,
            started_at=NOW,
            ended_at=None if status is StepStatus.RUNNING else NOW + timedelta(seconds=1),
            **fields,
        )
        self.stores.pipelines.put_step_run(record)
        return record

    def value(self, data: bytes, name: str = "result", serializer: str = "json") -> ValueRef:
        digest = self.stores.artifacts.put(data)
        return ValueRef(name=name, serializer=serializer, digest=digest, size_bytes=len(data))

    def dataset(self, name: str, step: StepRunRecord | None = None, **fields: Any) -> DatasetVersionRecord:
        draft = DatasetVersionRecord(
            dataset=name,
            version=0,
            kind=DatasetKind.TABLE,
            digest=digest_bytes(name.encode()),
            table_uri=fields.pop("table_uri", name),
            table_version=0,
            rows=7,
            columns=(ColumnSchema(name="a", dtype="Int64"), ColumnSchema(name="b", dtype="String")),
            created_at=NOW,
            produced_by=step.id if step else None,
            **fields,
        )
        record = self.stores.datasets.create_version(draft)
        if step is not None:
            self.edge((NodeKind.STEP_RUN, step.id), "wrote", (NodeKind.DATASET, record.ref))
        return record

    def edge(self, source: tuple[NodeKind, str], relation: str, target: tuple[NodeKind, str]) -> None:
        edge = LineageEdge(
            source_kind=source[0],
            source_id=source[1],
            relation=relation,
            target_kind=target[0],
            target_id=target[1],
            at=NOW,
        )
        self.stores.lineage.add([edge])


@pytest.fixture
def chronicle(stores: Stores, tmp_path: Path) -> Chronicle:
    return begin(stores, tmp_path)


def begin(stores: Stores, folder: Path, *, trigger: str = "user:ada", **code: Any) -> Chronicle:
    """A run that has begun."""
    given = {"entrypoint": "pipeline.py:delays", "snapshot": None, "source_digest": digest_bytes(b""), **code}
    run = PipelineRunRecord(
        id=PipelineRunId(new_id()),
        pipeline="delays",
        status=PipelineRunStatus.RUNNING,
        started_at=NOW,
        code=CodeRecord(**given),
        owner="host:1:1",
        trigger=trigger,
    )
    stores.pipelines.create_pipeline_run(run)
    return Chronicle(stores, folder, run)


@dataclass
class Receiver:
    """What a real HTTP server was sent.

    Attributes:
        answers: The statuses that it gives, one after the other; 201 when there are none left.
        full: Set once as many requests as `wanted` were answered.
    """

    url: str = ""
    answers: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    wanted: int = 1
    full: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(Receiver()) as found:
        yield found


@contextmanager
def receiving(found: Receiver, port: int = 0) -> Iterator[Receiver]:
    """A receiver on a port; a free one when 0."""
    found.gate.set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            found.gate.wait(30)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = found.answers.pop(0) if found.answers else 201
            if 200 <= status < 300:
                found.bodies.append(body)
            found.headers.append(dict(self.headers))
            found.paths.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            if len(found.paths) >= found.wanted:
                found.full.set()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.gate.set()
        server.shutdown()
        server.server_close()
