"""The tables and the models that predict them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

CHUNK_ROWS = 50_000  # the default of `mw predict`
REF = "late@1"


def make(folder: Path, kind: str, rows: int) -> None:
    """Write a table and a model that predicts it.

    `rows.parquet`, `model.onnx` and `plan.json` (what a column is encoded by) are for the bare loop; `package` and the
    workspace `ours` for us.

    Args:
        folder: Where; made.
        kind: `numbers`: ten of them and a logistic regression, so that there is next to nothing to compute; `trees`:
            eight numbers, two categories and 100 boosted trees of scikit-learn.
        rows: How many.
    """
    import numpy as np
    import polars as pl

    from millwright.models.compile.compilation import compile_model
    from millwright.models.encoder import Encoder
    from millwright.models.model import Model
    from millwright.models.package import pack
    from millwright.models.signature import Signature
    from millwright.models.task import Task

    folder.mkdir()
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({f"n{index}": rng.normal(30, 10, rows).round(3) for index in range(10)})
    if kind == "trees":
        trades = pl.Series("trade", [f"trade {number}" for number in range(12)])
        regions = pl.Series("region", ["north", "east", "south", "west"])
        frame = frame.drop("n8", "n9").with_columns(
            trades.gather(rng.integers(0, 12, rows)), regions.gather(rng.integers(0, 4, rows))
        )
    frame.write_parquet(folder / "rows.parquet")
    known = frame.head(5_000)
    late = pl.Series("late", (known["n0"].to_numpy() + rng.normal(0, 5, known.height)) > 30)
    signature = Signature.infer(known, late, Task.BINARY)
    encoder = Encoder.fit(known, signature)
    estimator = _estimator(kind)
    estimator.fit(encoder.encode(known, signature), late.to_numpy().astype(int))
    model = Model(estimator=estimator, signature=signature, encoder=encoder, example=tuple(known.head(3).to_dicts()))
    compilation = compile_model(model, known)
    assert compilation.status == "proven", compilation.reason
    assert compilation.onnx is not None
    package = pack(model, compilation=compilation)
    (folder / "package").write_bytes(package)
    (folder / "model.onnx").write_bytes(compilation.onnx)
    columns = [(column.source, list(column.categories)) for column in encoder.columns]
    plan = {"columns": columns, "chunk_rows": CHUNK_ROWS, "ref": REF}
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    _register(folder, package)


def _estimator(kind: str) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if kind == "trees":
        return make_pipeline(HistGradientBoostingClassifier(random_state=0, early_stopping=False))
    return make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())


def _register(folder: Path, package: bytes) -> None:
    from millwright.models.package import read_manifest
    from millwright.registry.draft import VersionDraft
    from millwright.workspace.workspace import Workspace

    (folder / "ours").mkdir()
    with Workspace.open(folder / "ours") as workspace:
        manifest = read_manifest(package)
        draft = VersionDraft(
            name=REF.partition("@")[0],
            package=workspace.stores.artifacts.put(package),
            size_bytes=len(package),
            flavor=manifest["flavor"],
            signature=manifest["signature"],
        )
        version = workspace.registry.register(draft)
        assert f"{draft.name}@{version.version}" == REF
