"""The model, in every form in which it is served."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = tuple(f"n{number}" for number in range(10))


def make_model(folder: Path) -> list[list[float]]:
    """Train it; write `model.joblib` for the peers, and register it in a workspace at `ours`.

    Returns:
        Rows to ask about.
    """
    import joblib
    import numpy as np
    import polars as pl
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    values = rng.normal(30, 10, (2_000, len(COLUMNS)))
    late = (values[:, 0] + rng.normal(0, 5, len(values)) > 30).astype(int)
    frame = pl.DataFrame({name: values[:, index] for index, name in enumerate(COLUMNS)})
    pipeline = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())
    pipeline.fit(values.astype(np.float32), late)
    joblib.dump(pipeline, folder / "model.joblib")
    _register(folder, frame, pl.Series("late", late.astype(bool)), pipeline)
    return [[round(value, 3) for value in row] for row in values[:100].tolist()]


def wide_rows(rows: list[list[float]], count: int) -> list[list[float]]:
    """Many rows."""
    return random.Random(0).choices(rows, k=count)


def expected(folder: Path, rows: list[list[float]]) -> list[float]:
    """The probabilities that the pipeline itself gives."""
    import joblib
    import numpy as np

    answers: list[float] = (
        joblib.load(folder / "model.joblib").predict_proba(np.asarray(rows, np.float32))[:, 1].tolist()
    )
    return answers


def _register(folder: Path, frame: Any, late: Any, pipeline: Any) -> None:
    from millwright.models.compile.compilation import compile_model
    from millwright.models.encoder import Encoder
    from millwright.models.model import Model
    from millwright.models.package import pack, read_manifest
    from millwright.models.signature import Signature
    from millwright.models.task import Task
    from millwright.registry.draft import VersionDraft
    from millwright.workspace.workspace import Workspace

    signature = Signature.infer(frame, late, Task.BINARY)
    model = Model(
        estimator=pipeline,
        signature=signature,
        encoder=Encoder.passing(signature),
        example=tuple(frame.head(3).to_dicts()),
    )
    compilation = compile_model(model, frame)
    assert compilation.status == "proven", compilation.reason
    package = pack(model, compilation=compilation)
    (folder / "ours").mkdir()
    with Workspace.open(folder / "ours") as workspace:
        draft = VersionDraft(
            name="late",
            package=workspace.stores.artifacts.put(package),
            size_bytes=len(package),
            flavor="sklearn",
            signature=read_manifest(package)["signature"],
        )
        version = workspace.registry.register(draft)
        (folder / "ours.json").write_text(json.dumps({"selector": f"late@{version.version}"}), encoding="utf-8")
