"""A window beside a reference, made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.monitored_column import input_table
from millwright.monitoring.quality import QualitySubject
from millwright.monitoring.window import WindowRows
from millwright.monitoring.window_part import value_type

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def make_rows(rows: int, seed: int = 0) -> pl.DataFrame:
    """Rows of one population."""
    generator = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "cost": generator.lognormal(3, 1, rows),
            "floors": generator.integers(1, 30, rows),
            "phase": generator.choice(["Design", "Construction", "Closeout"], rows, p=[0.3, 0.6, 0.1]),
            "school": [f"school {number}" for number in generator.zipf(1.5, rows) % 5000],
            "urgent": generator.random(rows) < 0.2,
        }
    )


def make_subject(features: pl.DataFrame, *, reference: pl.DataFrame | None = None, **parts: Any) -> QualitySubject:
    """A window with these logged features, a second apart and ending now, beside the reference."""
    known = make_rows(2000, seed=1) if reference is None else reference
    signature = parts.pop("signature", None) or Signature.infer(
        known, pl.Series("late", [0, 1] * (known.height // 2)), Task.BINARY
    )
    n = features.height
    start, end = parts.pop("start", NOW - timedelta(seconds=n)), parts.pop("end", NOW)
    at = parts.pop("at", [NOW - timedelta(seconds=n - number) for number in range(n)])
    rows = pl.DataFrame(
        {
            "id": [f"id-{number}" for number in range(n)],
            "at": at,
            "latency_ms": [1.0] * n,
            "request_id": [""] * n,
            "key": parts.pop("keys", [None] * n),
        },
        schema_overrides={"at": pl.Datetime("us", "UTC"), "key": pl.String},
    )
    present = {c.name: {value_type(c.dtype): len(c) - c.null_count()} for c in features if c.null_count() < n}
    window = WindowRows(
        model="delay",
        version=1,
        rows=rows,
        features=features,
        outputs=pl.DataFrame(),
        start=start,
        end=end,
        left_out={},
        types=parts.pop("types", present),
        is_open=parts.pop("is_open", True),
    )
    inputs = input_table(features, signature, rows=n)
    typed = input_table(known, signature, rows=known.height)
    return QualitySubject(rows=window, inputs=inputs, reference=typed, signature=signature, **{"now": NOW, **parts})


@pytest.fixture
def rows() -> Any:
    return make_rows


@pytest.fixture
def subject() -> Any:
    return make_subject
