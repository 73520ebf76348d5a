"""One OpenTelemetry span per request, made and sent off the hot path, as the standard `OTEL_…` variables say."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

from millwright.core.errors import NotFoundError
from millwright.deployment.realtime.telemetry.background import Background
from millwright.deployment.realtime.telemetry.span_attribute import (
    RPC,
    answer_attributes,
    model_attributes,
    request_attributes,
    span_name,
)
from millwright.deployment.realtime.telemetry.trace_parent import new_trace
from millwright.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opentelemetry.sdk.trace import TracerProvider

    from millwright.deployment.realtime.observer import Observed
    from millwright.deployment.realtime.route import Router

logger = logging.getLogger(__name__)

_FAILED = 500
_NS = 1_000_000_000
_SERVICE = "millwright-serve"
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
# What is told of a request's headers; others, such as those that authorise, are not.
_READ = {b"traceparent": "traceparent", b"tracestate": "tracestate", b"host": "host", b"user-agent": "user-agent"}


class _Told:
    """What a span needs of a request: not its rows."""

    __slots__ = (
        "answer_size", "client", "ended", "error", "headers", "ids", "method", "model", "path", "request_id",
        "seconds", "size", "status", "trace_id",
    )  # fmt: skip

    def __init__(self, observed: Observed) -> None:
        arm, prediction = observed.arm, observed.prediction
        self.method, self.path, self.client = observed.method, observed.path, observed.client
        self.headers = observed.headers
        self.request_id, self.trace_id = observed.request_id, observed.trace_id
        self.status, self.error = observed.status, observed.error
        self.ended, self.seconds = observed.ended, observed.seconds
        self.answer_size = observed.size
        self.size = observed.body_size
        self.ids = [] if prediction is None else prediction.ids
        self.model = (
            None
            if arm is None
            else (observed.endpoint, arm.served.name, arm.served.version, arm.name)
        )  # fmt: skip


class Tracing:
    """An observer that makes a server span of each request, a child of what the caller's `traceparent` names.

    Args:
        provider: Where spans go; it is shut down at the end.
        router: Finds the pattern of a path.
        ids: Gives the trace id of a request that no trace asked for, so that the access log has the same.

    Attributes:
        background: Counts what was shed and lost.
    """

    name = "traces"

    def __init__(self, provider: TracerProvider, router: Router, ids: _TraceIds) -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._provider = provider
        self._tracer = provider.get_tracer("millwright.serving", __version__)
        self._propagator = TraceContextTextMapPropagator()
        self._router = router
        self._ids = ids
        self.background: Background[_Told] = Background(self._write, name="traces")

    def answered(self, observed: Observed) -> None:
        """See `Observer.answered`."""
        if not observed.trace_id:
            observed.trace_id = new_trace()
        self.background.put(_Told(observed))

    def close(self) -> None:
        """See `Observer.close`."""
        self.background.close()
        self._provider.shutdown()

    def _write(self, batch: list[_Told]) -> None:
        for told in batch:
            self._span(told)

    def _span(self, told: _Told) -> None:
        from opentelemetry.context import Context
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.status import Status, StatusCode

        headers = {_READ[name]: value.decode("latin-1") for name, value in told.headers if name in _READ}
        route = self._route(told)
        end_ns = int(told.ended * _NS)
        attributes = request_attributes(told.method, told.path, route, headers, told.client)
        # The sampler sees what is known when a request comes; a parent that is none gives a trace of its own.
        self._ids.next = int(told.trace_id, 16)
        span = self._tracer.start_span(
            span_name(told.method, told.path, route),
            context=self._propagator.extract(headers, Context()),
            kind=SpanKind.SERVER,
            attributes=attributes,
            start_time=end_ns - int(told.seconds * _NS),
        )
        if span.is_recording():
            span.set_attributes(
                answer_attributes(told.method, told.status, told.error, told.size, told.answer_size)
                | {"millwright.request_id": told.request_id}
            )
            if told.model is not None:
                span.set_attributes(model_attributes(*told.model, told.ids))
            if told.status >= _FAILED:
                span.set_status(Status(StatusCode.ERROR, told.error))
        span.end(end_ns)

    def _route(self, told: _Told) -> str:
        if told.method == RPC:
            return ""
        try:
            return self._router.find(told.path).route.path
        except NotFoundError:
            return ""


def wants_traces(environ: Mapping[str, str]) -> bool:
    """Whether the environment asks for traces: it names where they go, or an exporter.

    Args:
        environ: `OTEL_SDK_DISABLED` and `OTEL_TRACES_EXPORTER=none` turn them off, whatever else is there.
    """
    exporter = environ.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    if exporter == "none" or environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    return bool(exporter) or any(environ.get(name, "").strip() for name in _ENDPOINTS)


def open_tracing(environ: Mapping[str, str], router: Router) -> Tracing | None:
    """Traces as the environment asks for them; None, with a line in the log, when what they need is not installed.

    A server does not refuse to start for a variable that a platform gives to all its containers.

    Args:
        environ: Where the sampler, resource, batches, headers, certificates and timeouts are said, too: the SDK reads
            them from the process's environment.
        router: Finds the pattern of a path.
    """
    exporter = environ.get("OTEL_TRACES_EXPORTER", "").strip().lower() or "otlp"
    try:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

        exporters = [
            ConsoleSpanExporter(out=sys.stdout) if each == "console" else _otlp(environ) for each in _known(exporter)
        ]
    except ImportError as error:
        logger.warning(
            "There are no traces, which the environment asks for: %s. They need: pip install 'millwright[otel]'", error
        )
        return None
    if not exporters:
        return None
    ids = _TraceIds()
    name = {} if environ.get("OTEL_SERVICE_NAME") else {"service.name": _SERVICE}
    given = Resource.create()
    if name and given.attributes.get("service.name", "").startswith("unknown_service"):  # type: ignore[union-attr]
        given = given.merge(Resource(name))
    provider = TracerProvider(resource=given, id_generator=ids.generator(), shutdown_on_exit=False)
    for each in exporters:
        provider.add_span_processor(BatchSpanProcessor(each))
    return Tracing(provider, router, ids)


def _known(exporters: str) -> Sequence[str]:
    names = [name.strip() for name in exporters.split(",")]
    for name in names:
        if name not in {"otlp", "console"}:
            logger.warning("There is no exporter of traces '%s' here; there are: otlp, console", name)
    return [name for name in names if name in {"otlp", "console"}]


def _otlp(environ: Mapping[str, str]) -> Any:
    protocol = environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or environ.get("OTEL_EXPORTER_OTLP_PROTOCOL") or ""
    if protocol.strip().lower() == "grpc":
        from importlib import import_module  # no extra of ours has it, but who wants it may

        return import_module("opentelemetry.exporter.otlp.proto.grpc.trace_exporter").OTLPSpanExporter()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter()


class _TraceIds:
    """Gives a trace that begins here the id that the access log has already.

    Attributes:
        next: The id of the trace that begins next; used by one thread only.
    """

    def __init__(self) -> None:
        self.next = 0

    def generator(self) -> Any:
        """For the SDK."""
        from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

        ids = self

        class Generator(RandomIdGenerator):
            def generate_trace_id(self) -> int:
                return ids.next or super().generate_trace_id()

        return Generator()
