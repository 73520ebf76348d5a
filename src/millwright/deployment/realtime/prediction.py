"""Predicting checked rows: one path for every protocol."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.errors import InvalidInputError, PayloadTooLargeError
from millwright.core.ids import PredictionId, new_ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from millwright.deployment.realtime.call import Call
    from millwright.deployment.realtime.log_entry import LogEntry
    from millwright.deployment.realtime.served_model import ServedModel

_encode = msgspec.json.Encoder().encode


class Prediction:
    """Rows that one model version predicted in one request.

    Attributes:
        served: The version that predicted all of them.
        outputs: n mappings from output column to JSON value.
        ids: One per row.
        entries: What the log keeps, one entry per row; empty when nothing is logged.
    """

    __slots__ = ("entries", "ids", "outputs", "served")

    def __init__(self, served: ServedModel, outputs: list[dict[str, Any]], ids: list[str]) -> None:
        self.served = served
        self.outputs = outputs
        self.ids = ids
        self.entries: list[LogEntry] = []


def predict(call: Call, rows: Sequence[Mapping[str, Any]], *, keys: Any = None) -> Prediction:
    """Predict rows that fit the signature, name each prediction, and note what the log keeps of it.

    Args:
        call: The request, which holds the model version to use.
        rows: Checked rows, n ≥ 1.
        keys: What the request gave as row keys; None when it gave none.

    Raises:
        InvalidInputError: The keys are not one text per row.
    """
    checked_keys = None if keys is None else check_keys(keys, len(rows))
    served = call.served
    outputs = served.predictor.predict_rows(rows)
    at = call.state.clock.now()
    # The log finds a prediction by the time in its id, so that both come from the same clock.
    prediction = Prediction(served, outputs, new_ids(len(rows), int(at.timestamp() * 1e3)))
    if call.state.log is not None:
        prediction.entries = _entries(call, prediction, rows, checked_keys, at)
    return prediction


def _entries(
    call: Call,
    prediction: Prediction,
    rows: Sequence[Mapping[str, Any]],
    keys: Sequence[str] | None,
    at: datetime,
) -> list[LogEntry]:
    name, version, request_id = call.served.name, call.served.version, call.request_id
    latency_ms = (perf_counter() - call.received) * 1e3
    return [
        (PredictionId(prediction.ids[number]), name, version, at, _encode(row).decode(), _encode(outputs).decode(),
         latency_ms, request_id, None if keys is None else keys[number])
        for number, (row, outputs) in enumerate(zip(rows, prediction.outputs, strict=True))
    ]  # fmt: skip


def check_count(rows: int, maximum: int) -> None:
    """Refuse no rows, and more rows than the server takes in one request.

    Raises:
        InvalidInputError: No rows.
        PayloadTooLargeError: Too many.
    """
    if rows == 0:
        raise InvalidInputError("Expected at least one row, found none.", hint="GET / shows an example request.")
    if rows > maximum:
        raise PayloadTooLargeError(
            f"Expected at most {maximum:,} rows in one request, found {rows:,}.",
            hint="Send them in several requests, or predict a file with: mw predict",
            details={"rows": rows, "maximum": maximum},
        )


def check_keys(keys: Any, rows: int) -> list[str]:
    """The caller's row keys, one text per row.

    Args:
        keys: What the request gave as keys.
        rows: How many rows it gave.

    Raises:
        InvalidInputError: Not a list of that many texts or integers.
    """
    if not isinstance(keys, list) or len(keys) != rows:
        found = f"{len(keys)} of them" if isinstance(keys, list) else type(keys).__name__
        raise InvalidInputError(f"Expected 'keys' to be a list of {rows} texts, one per row, found {found}.")
    for key in keys:
        if isinstance(key, bool) or not isinstance(key, (str, int)):
            raise InvalidInputError(f"Expected each of 'keys' to be a text or an integer, found {key!r}.")
    return [str(key) for key in keys]
