"""How a server is to run."""

from __future__ import annotations

from dataclasses import dataclass, field

from millwright.deployment.realtime.process.scaling import ScalingOptions
from millwright.deployment.realtime.route import RouteOptions


@dataclass(frozen=True, slots=True)
class ServedChoice:
    """A model to serve.

    Attributes:
        selector: `name@alias`, `name@version` or `name`; an alias is followed when it moves.
        endpoint: The endpoint's name, under which predictions are logged; the model's name when empty.
    """

    selector: str
    endpoint: str = ""

    @property
    def name(self) -> str:
        """The endpoint's name, given or by default."""
        return self.endpoint or self.selector.partition("@")[0]

    @classmethod
    def parse(cls, text: str) -> ServedChoice:
        """Read `name@alias` or `endpoint=name@alias`."""
        endpoint, equals, selector = text.partition("=")
        return cls(selector, endpoint) if equals else cls(text)


@dataclass(frozen=True, kw_only=True, slots=True)
class ServeOptions:
    """What is served, where, and within which limits.

    Attributes:
        models: What is served, at least one; the first answers the paths that name no model.
        host: Address to listen on. Only this machine can reach the default.
        port: 0 takes a free one.
        poll_seconds: Pause between two looks at the selector.
        home: The workspace's folder, for the endpoint's record: a copy of the workspace knows by it that the server,
            which its copy of the record names, is the other's. Empty when nobody needs to know.
        log_predictions: Whether predictions are written to the prediction log.
        durable_log: Answer only when the log has acknowledged: what was answered survives `kill -9`.
        log_flush_seconds: About the longest time that a prediction waits in memory when not durable; where nothing
            comes for half a second, what waits is written at once.
        log_max_rows: Most predictions that wait in memory; what comes beyond is shed and counted.
        max_body_bytes: Largest request body.
        max_rows: Most rows in one request.
        max_requests: Most requests that wait or are answered at once; what comes beyond is refused with status 503.
        request_seconds: Longest time from a request's first byte to its answer; 0 for no limit.
        drain_seconds: How long requests in flight may take when the server is asked to stop.
        prefer_onnx: Use the compiled model where the package holds a proven one.
        allow_code: Whether models that are Python code may be loaded, which runs them.
        warm_explanations: Whether what explains is loaded with the model, in place of by the first who asks.
        routes: Paths that the hosting platform chooses.
        access_log: A file for one line of JSON per request, or `-` for the standard error stream; empty for none.
        workers: Processes that answer; with 1 it is this one. None for as many as `scaling` says.
        scaling: How many processes answer when `workers` is None.
        swap_seconds: How long processes may take to load and try a version that all are to take over, in seconds.
        grpc: Whether gRPC is answered on the same port; None for where its libraries are installed.
    """

    models: tuple[ServedChoice, ...]
    host: str = "127.0.0.1"
    port: int = 8080
    poll_seconds: float = 0.5
    home: str = ""
    log_predictions: bool = True
    durable_log: bool = False
    log_flush_seconds: float = 5.0
    log_max_rows: int = 100_000
    max_body_bytes: int = 16 << 20
    max_rows: int = 10_000
    max_requests: int = 1_000
    request_seconds: float = 60.0
    drain_seconds: float = 30.0
    prefer_onnx: bool = True
    allow_code: bool = False
    warm_explanations: bool = False
    routes: RouteOptions = field(default_factory=RouteOptions)
    access_log: str = ""
    grpc: bool | None = None
    workers: int | None = 1
    scaling: ScalingOptions = field(default_factory=ScalingOptions)
    swap_seconds: float = 120.0
