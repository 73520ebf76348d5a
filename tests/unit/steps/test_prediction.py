from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.audit import NodeKind
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.catalog import DatasetCatalog
from millwright.deployment.batch import OutputOptions
from millwright.steps.prediction import predict


def test_file_within_the_project_is_predicted_and_its_origin_kept(ctx):
    result = predict(ctx, "late-visit@champion", "visits.csv", "out.parquet")
    written = pl.read_parquet(ctx.project_dir / "out.parquet")
    assert written.height == result.rows == 300
    assert set(written["model_version"]) == {"late-visit@1"}
    assert {(edge.source_kind, edge.relation) for edge in ctx.edges} == {
        (NodeKind.MODEL_VERSION, "predicted"),
        (NodeKind.SOURCE, "read"),
    }
    assert {edge.target_id for edge in ctx.edges} == {result.output_id}
    assert (ctx.facts["model"], ctx.facts["rows"], ctx.facts["rejected"]) == ("late-visit@1", 300, 0)
    assert ctx.facts["rows_per_s"] > 0


def test_dataset_comes_by_name_or_from_another_step(ctx):
    rows = pl.read_csv(ctx.project_dir / "visits.csv").head(20)
    dataset = ctx.service(DatasetCatalog).write(rows, "todo", kind=DatasetKind.TABLE)
    for source in ("todo@1", dataset, dataset.read()):
        assert predict(ctx, "late-visit", source, "out.csv").rows == 20
    assert {edge.source_id for edge in ctx.edges if edge.source_kind is NodeKind.DATASET} == {"todo@1"}


def test_table_of_a_database_takes_predictions(ctx):
    url = f"sqlite:///{ctx.project_dir}/shop.db"
    writing = OutputOptions(table="answers", mode="replace")
    for _ in range(2):
        assert predict(ctx, "late-visit", "visits.csv", url, None, writing).output == f"{url}#table=answers"


def test_table_of_another_model_is_refused(ctx):
    pl.DataFrame({"other": [1]}).write_csv(ctx.project_dir / "other.csv")
    with pytest.raises(InvalidInputError, match="Expected the model's columns"):
        predict(ctx, "late-visit", "other.csv", "out.csv")
    assert not (ctx.project_dir / "out.csv").exists()
