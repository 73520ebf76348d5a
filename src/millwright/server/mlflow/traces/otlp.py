"""`/v1/traces`: spans of OpenTelemetry's exporters and of MLflow's own client.

Path of a batch (5 hops): `export_traces` → `parse` → `arrived_spans` (in a thread) → `_write` inside
`Transactions.group` → `SpanStore.put`. Answered once it is durable; all of a batch is taken, or nothing.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from millwright.core.errors import NotFoundError
from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.trace import TraceLink
from millwright.server.mlflow.answer import Answer
from millwright.server.mlflow.application import read_body, send_answer
from millwright.server.mlflow.artifacts.artifact_uri import experiment_location, joined
from millwright.server.mlflow.failure import WireError, invalid
from millwright.server.mlflow.permission import Access, Resource, ResourceKind, Rule
from millwright.server.mlflow.route import Mode, Route
from millwright.server.mlflow.traces.otlp_decode import JSON, MAX_BODY_BYTES, PROTOBUF, decompress, parse
from millwright.server.mlflow.traces.span_shape import arrived_spans
from millwright.server.mlflow.traces.trace_ingest import by_trace, completed, made, wants_stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.ids import TraceId
    from millwright.server.mlflow.artifacts.artifact_file import Receive, Send
    from millwright.server.mlflow.call import Call
    from millwright.server.mlflow.traces.span_shape import ArrivedSpan
    from millwright.storage.catalog import Stores

EXPERIMENT = "x-mlflow-experiment-id"
RUN = "x-mlflow-run-id"


async def export_traces(call: Call, receive: Receive, send: Send) -> None:
    """Take spans in."""
    experiment_id = _experiment_id(call)
    content_type = call.headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in {PROTOBUF, JSON}:
        raise invalid(f"Invalid Content-Type: {content_type[:200]}. Expected: {PROTOBUF} or {JSON}")
    body = await read_body(receive, MAX_BODY_BYTES)
    encoding = call.headers.get("content-encoding", "")
    arrived = await asyncio.to_thread(_decode, body, encoding, media_type)
    if arrived:
        run_id = RunId(call.headers.get(RUN, ""))
        future = call.stores.transactions.group(lambda: _write(call.stores, experiment_id, arrived, run_id))
        await asyncio.wrap_future(future)
    await send_answer(Answer(b"", content_type=PROTOBUF.encode()), send)


def _decode(body: bytes, encoding: str, media_type: str) -> dict[TraceId, list[ArrivedSpan]]:
    return by_trace(arrived_spans(parse(decompress(body, encoding), media_type)))


def _write(
    stores: Stores, experiment_id: ExperimentId, arrived: dict[TraceId, list[ArrivedSpan]], run_id: RunId
) -> None:
    experiment = stores.experiments.get(experiment_id)
    there = stores.spans.find_traces(list(arrived), lock=True)
    for trace in there.values():
        # Permission was asked for the experiment of the header only.
        if trace.experiment_id != experiment_id:
            raise invalid(
                f"Expected spans of traces of the experiment {experiment_id}, found some of '{trace.id}', which "
                f"belongs to another one. Send its spans with that one's id in the header {EXPERIMENT}."
            )
    again = [trace_id for trace_id in there if wants_stored(arrived[trace_id])]
    stored = stores.spans.list_spans(again) if again else {}
    traces = []
    for trace_id, spans in arrived.items():
        if trace_id in there:
            traces.append(completed(there[trace_id], spans, stored.get(trace_id, ())))
        else:
            location = joined(experiment_location(experiment), "traces", trace_id, "artifacts")
            traces.append(made(trace_id, experiment_id, spans, location))
    stores.spans.put(traces, {trace_id: [span.record for span in spans] for trace_id, spans in arrived.items()})
    if run_id:
        whole = [trace_id for trace_id, spans in arrived.items() if any(not span.record.parent_id for span in spans)]
        with suppress(NotFoundError):  # the spans are worth more than a run that is gone
            stores.runs.get_run(run_id)
            stores.traces.put_links(TraceLink.RUN, [(trace_id, run_id) for trace_id in whole])


def _experiment_id(call: Call) -> ExperimentId:
    if not call.headers.get(EXPERIMENT):
        message = f"Expected an experiment's id in the header {EXPERIMENT}, found none."
        raise WireError("INVALID_PARAMETER_VALUE", message, status=422)
    return ExperimentId(call.headers[EXPERIMENT])


def _named(call: Call, _body: Any) -> Sequence[Resource]:
    experiment = Resource(ResourceKind.EXPERIMENT, _experiment_id(call))
    run_id = call.headers.get(RUN, "")
    return (experiment, Resource(ResourceKind.RUN, run_id)) if run_id else (experiment,)


ROUTES = (
    Route(
        method="POST",
        path="/v1/traces",
        prefixes=("",),
        mode=Mode.STREAM,
        handler=export_traces,
        rule=Rule(Access.WRITE, _named),
    ),
)
