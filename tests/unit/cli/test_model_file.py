from __future__ import annotations

import numpy as np

from unit.models.graphs import dense_graph
from unit.models.numbers import numeric_rows


def test_file_is_registered_with_8_bit_weights_whose_loss_is_shown(mw, tmp_path):
    graph = dense_graph(np.random.default_rng(0).normal(scale=0.05, size=(4, 3)), last="Softmax")
    (tmp_path / "crew.onnx").write_bytes(graph)
    numeric_rows(nulls=False).write_parquet(tmp_path / "rows.parquet")
    told = ("crew.onnx", "crew", "--sample", "rows.parquet", "--classes", "a,b,c")

    used = mw(tmp_path, "models", "register", *told, "--int8", "0.05")
    refused = mw(tmp_path, "models", "register", *told, "--int8", "1e-9")
    shown = mw(tmp_path, "models", "show", "crew@1")

    assert "crew@1 is registered: onnx, compilation native." in used.out, used.err
    assert "8-bit weights: used; on the sample the largest loss is 0.0" in used.out
    assert "8-bit weights: refused: answers differ" in refused.out
    assert "8-bit weights: used; on the sample the largest loss is 0.0" in shown.out


def test_file_that_is_no_model_is_told(mw, tmp_path):
    (tmp_path / "rows.csv").write_text("a\n1\n", encoding="utf-8")

    answer = mw(tmp_path, "models", "register", "rows.csv", "crew", "--sample", "rows.csv")

    assert answer.code == 1
    assert "Expected a model in rows.csv, found something else." in answer.err
    assert "XGBoost's JSON" in answer.err
