"""The access log: one JSON line per request, without any of its values."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.deployment.realtime.telemetry.append_file import AppendFile
from millwright.deployment.realtime.telemetry.background import Background
from millwright.deployment.realtime.telemetry.trace_parent import trace_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.deployment.realtime.observer import Observed

STDERR = "-"

_MOST_IDS = 16
_LONGEST = 300

# time, method, path, route, status, seconds, bytes in, bytes out, client, request id, trace id, headers, error code,
# endpoint, model, version, arm, rows, prediction ids. Only what the line needs: the request's rows must not stay in
# memory.
_Entry = tuple[
    float, str, str, str, int, float, int, int, str, str, str, "Sequence[tuple[bytes, bytes]]", str, str, str, int, str,
    int, "Sequence[str]",
]  # fmt: skip


class AccessLog:
    """An observer that writes a line for each request.

    Lines are made and written some times a second by a thread. What cannot be written is lost and counted: requests are
    answered whatever becomes of the log.

    Args:
        path: A file, which may be rotated by moving it away; `-` for the standard error stream.

    Attributes:
        background: Counts what was shed and lost.

    Raises:
        ConfigurationError: The file cannot be written.
    """

    name = "access_log"

    def __init__(self, path: str) -> None:
        self._file = None if path == STDERR else AppendFile(path)
        self._encoder = msgspec.json.Encoder()
        self.background: Background[_Entry] = Background(self._write, name="access-log")

    def answered(self, observed: Observed) -> None:
        """See `Observer.answered`."""
        arm, prediction = observed.arm, observed.prediction
        model, version, name = ("", 0, "") if arm is None else (arm.served.name, arm.served.version, arm.name)
        ids: Sequence[str] = () if prediction is None else prediction.ids
        self.background.put(
            (observed.ended, observed.method, observed.path, observed.label, observed.status, observed.seconds,
             observed.body_size, observed.size, observed.client, observed.request_id, observed.trace_id,
             observed.headers,
             observed.error, observed.endpoint, model, version, name, len(ids), ids[:_MOST_IDS])
        )  # fmt: skip

    def close(self) -> None:
        """See `Observer.close`."""
        self.background.close()
        if self._file is not None:
            self._file.close()

    def _write(self, batch: list[_Entry]) -> None:
        lines = self._encoder.encode_lines([_line(entry) for entry in batch])
        if self._file is not None:
            self._file.append(lines)
        else:
            sys.stderr.write(lines.decode())
            sys.stderr.flush()


def _line(entry: _Entry) -> dict[str, Any]:
    (at, method, path, route, status, seconds, size, answer_size, client, request_id, trace_id, headers, error,
     endpoint, model, version, arm, rows, ids) = entry  # fmt: skip
    trace_id = trace_id or trace_of(headers)
    line: dict[str, Any] = {
        "time": datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds"),
        "method": method,
        "path": path[:_LONGEST],
        "route": route,
        "status": status,
        "latency_ms": round(seconds * 1e3, 3),
        "bytes_in": size,
        "bytes_out": answer_size,
        "client": client,
        "request_id": request_id,
    }
    if trace_id:
        line["trace_id"] = trace_id
    if error:
        line["error"] = error
    if model:
        line |= {"endpoint": endpoint, "model": model, "version": version, "arm": arm}
    if rows:
        line |= {"rows": rows, "prediction_ids": list(ids)}
    return line
