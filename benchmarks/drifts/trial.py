"""A registered model of a subject, and the check of windows of what it is asked later.

A quarter of the rows is fitted to, a quarter held out, windows are drawn from the rest. The check is the one that
`mw monitor check` makes, with every alert on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from benchmarks.drifts.subject import Drift, Subject

from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring import MonitorSettings, build_reference, load_reference
from millwright.monitoring.alarms.catalog import find_alarms
from millwright.monitoring.comparison import compare_window
from millwright.monitoring.estimation import window_estimator
from millwright.monitoring.window import WindowRows

if TYPE_CHECKING:
    from millwright.monitoring.estimation import WindowEstimator
    from millwright.monitoring.finding import Finding
    from millwright.monitoring.reference import Reference

_START = datetime(2026, 1, 1, tzinfo=UTC)
_SETTINGS = MonitorSettings(drift_share=0.05)  # one column is worth an alert here
_MOST = 0.8  # of the rows that a window is drawn from, at most, so that windows differ


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic regression; what is missing counts as the mean, what is new as no category."""

    signature: Signature
    pipeline: Any
    levels: dict[str, tuple[str, ...]]
    numbers: tuple[str, ...]

    def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
        probability = self.pipeline.predict_proba(matrix(frame, self.numbers, self.levels))[:, 1]
        return pl.DataFrame({"prediction": (probability > 0.5).astype(np.int64), "probability": probability})


@dataclass
class Trial:
    """A registered model, and windows of what it is asked later.

    Args:
        subject: What it is about.
        seed: How the rows are parted.
        settings: How windows are judged.
    """

    subject: Subject
    seed: int = 0
    settings: MonitorSettings = field(default_factory=lambda: _SETTINGS)

    @cached_property
    def parts(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Training, held-out and later rows, each over all of the data."""
        rows = self.subject.rows(self.seed)
        part = pl.int_range(rows.height) % 4
        return tuple(rows.filter(part.is_in(chosen)) for chosen in ([0], [1], [2, 3]))  # type: ignore[return-value]

    @cached_property
    def model(self) -> Model:
        """Fitted to the training rows."""
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        rows, target = self.parts[0].drop(self.subject.hidden), self.subject.target
        levels = {name: tuple(rows[name].drop_nulls().unique().sort()) for name in self.subject.categories}
        fitted = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())
        fitted.fit(matrix(rows, self.subject.numbers, levels), rows[target].to_numpy())
        signature = Signature.infer(rows.drop(target), rows[target], Task.BINARY)
        return Model(signature, fitted, levels, tuple(self.subject.numbers))

    @cached_property
    def reference(self) -> Reference:
        """As it is kept with the version."""
        training, held_out, _ = self.parts
        return load_reference(build_reference(training, self.model, held_out=held_out))

    @cached_property
    def estimator(self) -> WindowEstimator | None:
        """What tells the performance before labels are there."""
        return window_estimator(self.reference, self.model.signature)[0]

    def check(self, number: int, drift: Drift | None = None) -> list[Finding]:
        """What the check finds in a window; in one without a drift of ours when there is none.

        Args:
            number: Which window.
            drift: What is put into it.
        """
        generator = np.random.default_rng([self.seed, number])
        cuts = drift is not None and drift.cuts
        later = drift.change(self.parts[2], generator) if drift is not None and cuts else self.parts[2]
        size = min(self.subject.window, int(_MOST * later.height))
        rows = later[np.sort(generator.choice(later.height, size, replace=False))]
        if drift is not None and not cuts:
            rows = drift.change(rows, generator)
        ids = [f"{number}-{index}" for index in range(rows.height)]
        known = [json.dumps(value) for value in rows[self.subject.target]]
        asked = rows.drop(self.subject.hidden).drop(self.subject.target)
        window = WindowRows(
            model=self.subject.name, version=1, rows=_told(ids), features=asked, outputs=self.model.predict(asked),
            start=_START, end=_START + timedelta(days=1), left_out={}, is_open=False,
        )  # fmt: skip
        found = compare_window(
            window,
            pl.DataFrame({"prediction_id": ids, "value": known}),
            (self.reference, self.model.signature),
            self.settings,
            estimator=self.estimator,
        )
        return find_alarms(found, self.settings)


def names_it(found: list[Finding], drift: Drift) -> bool:
    """Whether the kind is among the findings, and its evidence begins with the column."""
    right = next((finding for finding in found if finding.kind is drift.kind), None)
    if right is None or not drift.column:
        return right is not None
    named = [name for name in right.evidence["columns"] if name not in {"prediction", "probability"}]
    return named[:1] == [drift.column]


def matrix(frame: pl.DataFrame, numbers: Any, levels: dict[str, tuple[str, ...]]) -> np.ndarray:
    """Numbers as they are, and a column of 0 and 1 for each known category."""
    told = [(frame[name] == level).fill_null(value=False).cast(pl.Float64) for name in levels for level in levels[name]]
    return np.column_stack([frame.select(pl.col(*numbers).cast(pl.Float64)).to_numpy(), *told])


def _told(ids: list[str]) -> pl.DataFrame:
    """What the log holds of each prediction, evenly over the day."""
    step = timedelta(days=1) / len(ids)
    return pl.DataFrame(
        {
            "id": ids,
            "at": [_START + index * step for index in range(len(ids))],
            "latency_ms": [1.0] * len(ids),
            "request_id": [None] * len(ids),
            "key": [None] * len(ids),
        },
        schema={
            "id": pl.String, "at": pl.Datetime("us", "UTC"), "latency_ms": pl.Float64,
            "request_id": pl.String, "key": pl.String,
        },
    )  # fmt: skip
