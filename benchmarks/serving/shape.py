"""Bodies of requests and answers: the same rows in the form that each server documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.serving.model import COLUMNS

Rows = list[list[float]]


@dataclass(frozen=True, slots=True)
class Shape:
    """A form of bodies.

    Attributes:
        ask: Rows as a JSON value.
        read: The probabilities of an answer's JSON value, in the rows' order.
    """

    ask: Callable[[Rows], Any]
    read: Callable[[Any], list[float]]


def _records(rows: Rows) -> Any:
    named = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    return named[0] if len(named) == 1 else named


def _record_probabilities(answer: Any) -> list[float]:
    return [row["probability"] for row in (answer if isinstance(answer, list) else [answer])]


def _infer(rows: Rows) -> Any:
    flat = [value for row in rows for value in row]
    tensor = {"name": "rows", "shape": [len(rows), len(COLUMNS)], "datatype": "FP32", "data": flat}
    return {"inputs": [tensor], "outputs": [{"name": "predict_proba"}]}


RECORDS = Shape(_records, _record_probabilities)
ROWS = Shape(lambda rows: {"rows": rows}, lambda answer: list(answer["probability"]))
INFER = Shape(_infer, lambda answer: list(answer["outputs"][0]["data"][1::2]))
INPUTS = Shape(lambda rows: {"inputs": rows}, lambda answer: [row[1] for row in answer["predictions"]])
