"""scikit-learn's breast cancer table: measurements, with a class of equal sizes and a season put beside them.

569 rows, 80 times drawn with a little noise of a fiftieth of a deviation, so that windows are large and no two rows
equal. The season is not real: a number that follows a sine over four periods.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from benchmarks.drifts.subject import Drift, Subject, emptied, flipped, only, shifted, spread, swapped

from millwright.monitoring.finding import AlertKind

_NUMBERS = (
    "mean texture", "mean smoothness", "mean symmetry", "mean fractal dimension",
    "texture error", "smoothness error", "symmetry error", "worst concavity",
)  # fmt: skip
_CATEGORY, _SEASON, _TARGET = "size class", "daylight", "benign"
_COPIES, _NOISE = 80, 0.02
_PERIODS = 4  # of the season in the whole of the data


def rows(seed: int) -> pl.DataFrame:
    """The table with a season: of each row where in the period it lies (`phase`), and what is measured of that."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    table = pl.DataFrame(data.data, schema=[str(name) for name in data.feature_names])
    generator = np.random.default_rng(seed)
    chosen = generator.permutation(np.tile(np.arange(table.height), _COPIES))
    area = table["mean area"].to_numpy()
    sizes = np.searchsorted(np.quantile(area, [1 / 3, 2 / 3]), area)
    drawn = table.select(_NUMBERS)[chosen]
    noise = generator.normal(0, _NOISE, drawn.shape) * drawn.to_numpy().std(axis=0)
    phase = np.arange(len(chosen)) * _PERIODS / len(chosen) % 1.0
    return pl.DataFrame(drawn.to_numpy() + noise, schema=list(_NUMBERS)).with_columns(
        pl.Series(_CATEGORY, np.array(["small", "middle", "large"])[sizes[chosen]]),
        pl.Series(_SEASON, 12 + 4 * np.sin(2 * np.pi * phase) + generator.normal(0, 1, len(chosen))),
        pl.Series(_TARGET, data.target[chosen].astype(np.int64)),
        pl.Series("phase", phase),
    )


MEASUREMENTS = Subject(
    name="measurements",
    rows=rows,
    numbers=(*_NUMBERS, _SEASON),
    categories=(_CATEGORY,),
    target=_TARGET,
    hidden=("phase",),
    window=2_000,
    drifts={
        "mean shift": Drift(AlertKind.DRIFT, "mean texture", shifted("mean texture")),
        "variance": Drift(AlertKind.DRIFT, "smoothness error", spread("smoothness error")),
        "category swap": Drift(AlertKind.DRIFT, _CATEGORY, swapped(_CATEGORY, "small", "large")),
        "missing values": Drift(AlertKind.MISSING_DATA, "mean symmetry", emptied("mean symmetry")),
        "label flip": Drift(AlertKind.PERFORMANCE, "", flipped(_TARGET)),
        "seasonal": Drift(AlertKind.DRIFT, _SEASON, only("phase", 0.625, 0.875), cuts=True),
    },
)
