"""NannyML: `python nannyml_driver.py FOLDER drift | estimate`; the methods are its fastest, on one chunk."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
warnings.simplefilter("ignore")

import nannyml as nml  # noqa: E402
import pandas as pd  # noqa: E402
from measured import Work, keep, tell  # noqa: E402
from sklearn.isotonic import IsotonicRegression  # noqa: E402

METRICS = ["roc_auc", "f1", "precision", "recall", "accuracy"]
folder, work = Path(sys.argv[1]), sys.argv[2]


def drift() -> None:
    """Kolmogorov-Smirnov and chi-square; Jensen-Shannon takes it several times as long."""
    reference, current = (pd.read_parquet(folder / f"{side}.parquet") for side in ("reference", "current"))
    categories = [name for name in reference if name.startswith("category")]
    with Work("drift"):
        calculator = nml.UnivariateDriftCalculator(
            column_names=list(reference),
            treat_as_categorical=categories,
            continuous_methods=["kolmogorov_smirnov"],
            categorical_methods=["chi2"],
            chunk_size=len(reference),
        )
        found = calculator.fit(reference).calculate(current).to_df()
    found = found[found[("chunk", "chunk", "period")] == "analysis"]
    keep(
        "kolmogorov_smirnov",
        {
            name: float(found[(name, "kolmogorov_smirnov", "value")].iloc[0])
            for name in reference
            if name not in categories
        },
    )


def estimate() -> None:
    """CBPE with its confidence bounds."""
    reference, current = (pd.read_parquet(folder / f"scores_{side}.parquet") for side in ("reference", "current"))
    IsotonicRegression().fit([0.0, 1.0], [0.0, 1.0])  # which imports more of scikit-learn: not part of the work
    with Work("estimate"):
        estimator = nml.CBPE(
            y_pred_proba="score",
            y_pred="answer",
            y_true="label",
            metrics=METRICS,
            problem_type="classification_binary",
            chunk_size=len(reference),
        )
        found = estimator.fit(reference).estimate(current.drop(columns="label")).to_df()
    found = found[found[("chunk", "period")] == "analysis"]
    keep("estimate", {name: float(found[(name, "value")].iloc[0]) for name in METRICS})


{"drift": drift, "estimate": estimate}[work]()
tell()
