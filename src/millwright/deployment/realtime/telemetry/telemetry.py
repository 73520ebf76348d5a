"""Which observers a server process has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.deployment.realtime.telemetry.access_log import AccessLog
from millwright.deployment.realtime.telemetry.trace_parent import trace_of
from millwright.deployment.realtime.telemetry.tracing import Tracing, open_tracing, wants_traces

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.deployment.realtime.observer import Observed, Observer
    from millwright.deployment.realtime.route import Router


class Telemetry:
    """An observer that tells others, which share what is known of a request's trace.

    Args:
        tracing: Traces, which are told first: they give an id to a request that belongs to no trace.
        access_log: The access log.
    """

    def __init__(self, tracing: Tracing | None, access_log: AccessLog | None) -> None:
        self._has_traces = tracing is not None
        self.parts = tuple(each for each in (tracing, access_log) if each is not None)

    def answered(self, observed: Observed) -> None:
        """See `Observer.answered`."""
        if self._has_traces:  # else the access log finds it out, in its thread
            observed.trace_id = trace_of(observed.headers)
        for part in self.parts:
            part.answered(observed)

    def close(self) -> None:
        """See `Observer.close`."""
        for part in self.parts:
            part.close()


def open_telemetry(access_log: str, environ: Mapping[str, str], router: Router) -> tuple[Observer, ...]:
    """The observers of one process; none where nobody wants to know, which costs requests nothing.

    Args:
        access_log: A file, or `-` for the standard error stream; empty for none.
        environ: Says whether and where traces go; see `open_tracing`.
        router: Finds the pattern of a path.

    Raises:
        ConfigurationError: The access log cannot be written.
    """
    log = AccessLog(access_log) if access_log else None
    tracing = open_tracing(environ, router) if wants_traces(environ) else None
    return () if log is None and tracing is None else (Telemetry(tracing, log),)
