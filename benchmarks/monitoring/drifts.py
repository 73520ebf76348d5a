"""Known drifts in real data: is the right column named, of the right kind, and nothing where nothing was changed?

Data: scikit-learn's breast cancer table (569 rows; eight of its measurements, one more in classes of equal size as a
category), 80 times drawn with a little noise of a fiftieth of a deviation, so that windows are large and no two rows
equal. A logistic regression is registered on one part, and windows are cut from the rest. Into each window one drift is
put; the check is the one that `mw monitor check` makes, with every alert on.

`python -m benchmarks.monitoring.drifts [RESAMPLES]` prints the tables: 200 windows per drift take some minutes.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring import MonitorSettings, build_reference, load_reference
from millwright.monitoring.alarms.catalog import find_alarms
from millwright.monitoring.comparison import compare_window
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.window import WindowRows

if TYPE_CHECKING:
    from millwright.monitoring.finding import Finding
    from millwright.monitoring.reference import Reference

NUMBERS = (
    "mean texture", "mean smoothness", "mean symmetry", "mean fractal dimension",
    "texture error", "smoothness error", "symmetry error", "worst concavity",
)  # fmt: skip
CATEGORY, SEASON, TARGET = "size class", "daylight", "benign"
_COPIES, _NOISE = 80, 0.02
_START = datetime(2026, 1, 1, tzinfo=UTC)
_PERIODS = 4  # of the season in the whole of the data
_SETTINGS = MonitorSettings(drift_share=0.05)  # one column of ten is worth an alert here


@dataclass(frozen=True, slots=True)
class Drift:
    """A change of a window.

    Attributes:
        kind: The alert that has to be raised.
        column: The one that has to be named first; empty where it is none.
        change: The window with it.
    """

    kind: AlertKind
    column: str
    change: Callable[[pl.DataFrame, np.random.Generator], pl.DataFrame]


def shifted(rows: pl.DataFrame, _: np.random.Generator) -> pl.DataFrame:
    """The mean moves by one standard deviation."""
    return rows.with_columns(pl.col("mean texture") + pl.col("mean texture").std())


def spread(rows: pl.DataFrame, _: np.random.Generator) -> pl.DataFrame:
    """The standard deviation becomes two and a half times as large, the mean stays."""
    column = pl.col("smoothness error")
    return rows.with_columns(column.mean() + 2.5 * (column - column.mean()))


def swapped(rows: pl.DataFrame, _: np.random.Generator) -> pl.DataFrame:
    """Half the rows of the smallest class are called the largest: an upstream table of codes changed."""
    half = pl.int_range(pl.len()) % 2 == 0
    return rows.with_columns(
        pl.when(half & (pl.col(CATEGORY) == "small")).then(pl.lit("large")).otherwise(CATEGORY).alias(CATEGORY)
    )


def emptied(rows: pl.DataFrame, generator: np.random.Generator) -> pl.DataFrame:
    """Three values in ten are missing."""
    gone = pl.Series(generator.random(rows.height) < 0.3)
    return rows.with_columns(pl.when(gone).then(None).otherwise("mean symmetry").alias("mean symmetry"))


def flipped(rows: pl.DataFrame, generator: np.random.Generator) -> pl.DataFrame:
    """Three labels in ten are turned: what the features say no longer holds."""
    wrong = pl.Series(generator.random(rows.height) < 0.3)
    return rows.with_columns(pl.when(wrong).then(1 - pl.col(TARGET)).otherwise(TARGET).alias(TARGET))


def winter(rows: pl.DataFrame, _: np.random.Generator) -> pl.DataFrame:
    """Only the dark quarter of each period, where the reference holds whole ones."""
    return rows.filter(pl.col("phase").is_between(0.625, 0.875))


DRIFTS: Mapping[str, Drift] = {
    "mean shift": Drift(AlertKind.DRIFT, "mean texture", shifted),
    "variance": Drift(AlertKind.DRIFT, "smoothness error", spread),
    "category swap": Drift(AlertKind.DRIFT, CATEGORY, swapped),
    "missing values": Drift(AlertKind.MISSING_DATA, "mean symmetry", emptied),
    "label flip": Drift(AlertKind.PERFORMANCE, "", flipped),
    "seasonal": Drift(AlertKind.DRIFT, SEASON, winter),
}


def real_rows(seed: int = 0) -> pl.DataFrame:
    """The table with a season: of each row where in the period it lies (`phase`), and what is measured of that."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    table = pl.DataFrame(data.data, schema=[str(name) for name in data.feature_names])
    generator = np.random.default_rng(seed)
    chosen = generator.permutation(np.tile(np.arange(table.height), _COPIES))
    area = table["mean area"].to_numpy()
    sizes = np.searchsorted(np.quantile(area, [1 / 3, 2 / 3]), area)
    drawn = table.select(NUMBERS)[chosen]
    noise = generator.normal(0, _NOISE, drawn.shape) * drawn.to_numpy().std(axis=0)
    phase = np.arange(len(chosen)) * _PERIODS / len(chosen) % 1.0
    return pl.DataFrame(drawn.to_numpy() + noise, schema=list(NUMBERS)).with_columns(
        pl.Series(CATEGORY, np.array(["small", "middle", "large"])[sizes[chosen]]),
        pl.Series(SEASON, 12 + 4 * np.sin(2 * np.pi * phase) + generator.normal(0, 1, len(chosen))),
        pl.Series(TARGET, data.target[chosen].astype(np.int64)),
        pl.Series("phase", phase),
    )


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A logistic regression; what is missing counts as the mean."""

    signature: Signature
    pipeline: Any

    def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
        probability = self.pipeline.predict_proba(_matrix(frame))[:, 1]
        return pl.DataFrame({"prediction": (probability > 0.5).astype(np.int64), "probability": probability})


@dataclass
class Trial:
    """A registered model, and windows of what it is asked later.

    Args:
        window: Rows of a window.
        seed: Of the data.
    """

    window: int = 2_000
    seed: int = 0
    settings: MonitorSettings = field(default_factory=lambda: _SETTINGS)

    @cached_property
    def parts(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Training, held-out and later rows, each over all periods."""
        rows = real_rows(self.seed)
        part = pl.int_range(rows.height) % 4
        return tuple(rows.filter(part.is_in(chosen)) for chosen in ([0], [1], [2, 3]))  # type: ignore[return-value]

    @cached_property
    def model(self) -> Diagnosis:
        """Fitted to the training rows."""
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        rows = self.parts[0].drop("phase")
        fitted = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())
        fitted.fit(_matrix(rows), rows[TARGET].to_numpy())
        return Diagnosis(Signature.infer(rows.drop(TARGET), rows[TARGET], Task.BINARY), fitted)

    @cached_property
    def reference(self) -> Reference:
        """As it is kept with the version."""
        training, held_out, _ = self.parts
        return load_reference(build_reference(training, self.model, held_out=held_out))

    def check(self, number: int, drift: Drift | None = None) -> list[Finding]:
        """What the check finds in a window; in one without a drift of ours when there is none.

        Args:
            number: Which window.
            drift: What is put into it.
        """
        generator = np.random.default_rng([self.seed, number])
        later = self.parts[2] if drift is None or drift.change is not winter else winter(self.parts[2], generator)
        chosen = later[np.sort(generator.choice(later.height, self.window, replace=False))]
        rows = chosen if drift is None or drift.change is winter else drift.change(chosen, generator)
        ids = [f"{number}-{index}" for index in range(rows.height)]
        labels = pl.DataFrame({"prediction_id": ids, "value": [json.dumps(value) for value in rows[TARGET]]})
        asked = rows.drop("phase", TARGET)
        window = WindowRows(
            model="diagnosis", version=1, rows=_told(ids), features=asked, outputs=self.model.predict(asked),
            start=_START, end=_START + timedelta(days=1), left_out={}, is_open=False,
        )  # fmt: skip
        known = (self.reference, self.model.signature)
        return find_alarms(compare_window(window, labels, known, self.settings), self.settings)


def names_it(found: list[Finding], drift: Drift) -> bool:
    """Whether the kind is among the findings, and its evidence begins with the column."""
    right = next((finding for finding in found if finding.kind is drift.kind), None)
    if right is None or not drift.column:
        return right is not None
    named = [name for name in right.evidence["columns"] if name not in {"prediction", "probability"}]
    return named[:1] == [drift.column]


def _matrix(frame: pl.DataFrame) -> np.ndarray:
    sizes = frame[CATEGORY].replace_strict({"small": 0.0, "middle": 1.0, "large": 2.0}, default=1.0)
    return np.column_stack([frame.select(*NUMBERS, SEASON).cast(pl.Float64).to_numpy(), sizes.to_numpy()])


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


def main(resamples: int) -> None:
    """Print how often each drift is named, and what is found where there is none."""
    trial = Trial()
    print("| drift | column | kind | named first | other kinds found |\n|---|---|---|---|---|")
    for name, drift in DRIFTS.items():
        found = [trial.check(number, drift) for number in range(resamples)]
        others = Counter(finding.kind.value for each in found for finding in each if finding.kind is not drift.kind)
        said = ", ".join(f"{kind} {count}" for kind, count in others.items()) or "none"
        hits = sum(names_it(each, drift) for each in found)
        print(f"| {name} | {drift.column} | {drift.kind.value} | {hits} of {resamples} | {said} |", flush=True)
    found = [trial.check(number) for number in range(resamples)]
    kinds = Counter(finding.kind.value for each in found for finding in each)
    print(f"\nUndrifted: {sum(bool(each) for each in found)} of {resamples} windows raised an alert: {dict(kinds)}.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
