"""Folding the prediction log, and drift over a month from summaries by day and hour.

The month stands for 100 million rows: 138,889 in each of its 720 hours. Four such hours are really counted, and stand
in turn for all of them; days are merged from them. What is asked is not of whole days, so that hours at both edges are
read, too. Processor time of this process.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from benchmarks.monitoring.table import CATEGORIES, NUMBERS, make
from benchmarks.result import Result

from millwright.core.clock import ManualClock
from millwright.core.ids import ModelVersionId, PredictionId, new_ids
from millwright.core.records.model import ModelVersionRecord, ModelVersionState, RegisteredModelRecord
from millwright.core.records.prediction import PredictionColumns
from millwright.core.records.summary import SummarySpan
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.live import LiveMonitor, LiveOptions
from millwright.monitoring.live.known import KnownVersions
from millwright.monitoring.live.latency import LatencyHistogram
from millwright.monitoring.live.span import SpanKey, SpanSummary, begin_of
from millwright.monitoring.reference import build_reference
from millwright.monitoring.window import Window
from millwright.storage.catalog import Stores, open_stores

if TYPE_CHECKING:
    from collections.abc import Iterator

_START = datetime(2026, 10, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_DAYS, _HOURS_COUNTED = 30, 4
_ROWS_PER_HOUR = 100_000_000 // (_DAYS * 24) + 1
_SEGMENTS, _SEGMENT_ROWS = 40, 5_000
_ROUNDS = 7
_FEATURES = (*NUMBERS, *CATEGORIES)


class _Model:
    """Answers by one column."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.signature = Signature.infer(frame, pl.Series("label", [0, 1] * (frame.height // 2)), Task.BINARY)

    def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
        score = 1 / (1 + np.exp(-frame[NUMBERS[0]].fill_null(0.0).to_numpy()))
        return pl.DataFrame({"prediction": (score > 0.5).astype(np.int64), "probability": score})


def rows() -> list[Result]:
    """Fold, ask, and what a summary takes."""
    with tempfile.TemporaryDirectory(prefix="mw-bench-") as name:
        make(Path(name), _HOURS_COUNTED * _ROWS_PER_HOUR)
        with _stores(Path(name)) as stores:
            frames = [pl.read_parquet(Path(name) / f"{side}.parquet") for side in ("reference", "current")]
            model = _Model(frames[0].head(20_000))
            _register(stores, model, frames[0])
            return [*_fold(stores, model, frames[1]), *_query(stores, model, frames[1])]


@contextmanager
def _stores(folder: Path) -> Iterator[Stores]:
    opened = open_stores(
        records_url=f"sqlite:///{folder / 'records.db'}",
        artifacts_url=str(folder / "artifacts"),
        predictions_url=str(folder / "predictions"),
    )
    try:
        yield opened
    finally:
        opened.close()


def _register(stores: Stores, model: _Model, frame: pl.DataFrame) -> None:
    stores.models.create_model(RegisteredModelRecord(name="m", created_at=_START))
    stores.models.create_version(
        ModelVersionRecord(
            id=ModelVersionId(new_ids(1)[0]),
            name="m",
            version=0,
            state=ModelVersionState.APPROVED,
            package=stores.artifacts.put(b"package"),
            size_bytes=7,
            flavor="sklearn",
            signature=model.signature.to_json(),
            created_at=_START,
            created_by="bench",
            documents={"reference.parquet": stores.artifacts.put(build_reference(frame, model))},
        )
    )


def _fold(stores: Stores, model: _Model, frame: pl.DataFrame) -> list[Result]:
    """What a server logged, as it logs it: segments of some thousand rows by column."""
    samples = []
    for number in range(_ROUNDS):
        endpoint = f"fold-{number}"
        for segment in range(_SEGMENTS):
            part = frame.slice((segment * _SEGMENT_ROWS) % (frame.height - _SEGMENT_ROWS), _SEGMENT_ROWS)
            stores.predictions.append(_columns(endpoint, part, model, _START + segment * timedelta(minutes=1)))
        live = LiveMonitor(stores, ManualClock(_START + 2 * _HOUR), options=LiveOptions(budget_s=1000))
        begin = time.process_time()
        (result,) = live.step([endpoint])
        spent = time.process_time() - begin
        live.close()
        if result.rows != _SEGMENTS * _SEGMENT_ROWS:
            raise RuntimeError(f"Expected all rows folded, found {result}.")
        samples.append(1e9 * spent / (result.rows * (len(_FEATURES) + 2)))
    work = f"fold {_SEGMENTS} segments of {_SEGMENT_ROWS:,} rows, {len(_FEATURES)} features, 2 outputs, read and stored"
    return [Result(work=work, samples=samples, unit="ns/cell", bar=1000)]


def _columns(endpoint: str, frame: pl.DataFrame, model: _Model, at: datetime) -> PredictionColumns:
    outputs = model.predict(frame)
    same: Any = pl.Series([at]).new_from_index(0, frame.height).cast(pl.Datetime("us", "UTC"))
    return PredictionColumns(
        endpoint=endpoint,
        model="m",
        version=1,
        id=[PredictionId(each) for each in new_ids(frame.height, int(at.timestamp() * 1000))],
        at=same,
        features={name: frame[name] for name in _FEATURES},
        outputs={name: outputs[name] for name in outputs.columns},
        latency_ms=pl.Series(np.random.default_rng(0).lognormal(0, 1, frame.height)),
        request_id=pl.Series([""]).new_from_index(0, frame.height),
        key=pl.Series([None], dtype=pl.String).new_from_index(0, frame.height),
    )


def _query(stores: Stores, model: _Model, frame: pl.DataFrame) -> list[Result]:
    _write_month(stores, model, frame)
    window = Window(start=_START + 7 * _HOUR, end=_START + timedelta(days=_DAYS) - 5 * _HOUR)
    clock = ManualClock(_START + timedelta(days=_DAYS))
    first, again = [], []
    for _ in range(_ROUNDS):
        live = LiveMonitor(stores, clock)
        for samples in (first, again):
            begin = time.process_time()
            found = live.query.drift("month", window)
            samples.append(1000 * (time.process_time() - begin))
            if NUMBERS[13] not in found.drifted or found.rows < 0.9 * _DAYS * 24 * _ROWS_PER_HOUR:
                raise RuntimeError(f"Expected the column that moved, found {found.drifted} of {found.rows:,} rows.")
    about = f"drift over 30 days of {_DAYS * 24 * _ROWS_PER_HOUR:,} rows, {len(_FEATURES)} features, 2 outputs"
    kept = [
        sum(len(record.cells) + len(record.latency) for record in stores.summaries.list_summaries("month", span)) / 1e6
        for span in (SummarySpan.HOUR, SummarySpan.DAY)
    ]
    return [
        Result(work=about, samples=again, unit="ms", bar=200),
        Result(
            work="the same, the first of a process: with the version's cells from its reference",
            samples=first,
            unit="ms",
        ),
        Result(work="stored summaries of the month's hours", samples=[kept[0]] * 2, unit="MB"),
        Result(work="stored summaries of the month's days", samples=[kept[1]] * 2, unit="MB"),
    ]


def _write_month(stores: Stores, model: _Model, frame: pl.DataFrame) -> None:
    known = KnownVersions(stores).find("m", 1)
    if known.grid is None:
        raise RuntimeError(known.reason)
    hours = []
    for part in (frame.slice(number * _ROWS_PER_HOUR, _ROWS_PER_HOUR) for number in range(_HOURS_COUNTED)):
        outputs = model.predict(part).with_columns(pl.col("prediction").cast(pl.String))
        latency = LatencyHistogram.of(np.random.default_rng(0).lognormal(0, 1, part.height))
        table = known.grid.summarize(part.select(_FEATURES), outputs)
        hours.append((part.height, latency, table))
    for number in range(_DAYS):
        day = _START + timedelta(days=number)
        summaries = {}
        for hour in range(24):
            count, latency, table = hours[(24 * number + hour) % _HOURS_COUNTED]
            summaries[day + hour * _HOUR] = SpanSummary(
                rows=count, last_at=day + (hour + 0.9) * _HOUR, latency=latency, table=table
            )
        whole = reduce(SpanSummary.merge, summaries.values())
        keyed = [(SummarySpan.HOUR, at, each) for at, each in summaries.items()] + [(SummarySpan.DAY, day, whole)]
        stores.summaries.put(
            [
                each.to_record(
                    SpanKey(
                        endpoint="month", model="m", version=1, grid=known.digest, span=span, start=begin_of(at, span)
                    )
                )
                for span, at, each in keyed
            ]
        )


if __name__ == "__main__":
    for result in rows():
        print(result.row())
