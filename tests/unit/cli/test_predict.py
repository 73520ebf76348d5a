from __future__ import annotations

import re

import polars as pl
import pytest


def test_predict_writes_rows_with_predictions_and_version(trained_once, tmp_path, mw):
    output = tmp_path / "out.csv"
    answer = mw(trained_once, "predict", "late-visit@champion", "-i", "visits.csv", "-o", str(output))
    assert re.sub(r"\([\d,]+ rows/s\)", "(… rows/s)", answer.out) == (
        f"✓ 300 rows predicted by late-visit@1 into {output} (… rows/s).\nNext: mw models show late-visit@1\n"
    )  # fmt: skip
    predicted = pl.read_csv(output)
    assert predicted.height == 300
    assert set(predicted["prediction"]) == {"yes", "no"}
    assert predicted["model_version"].unique().to_list() == ["late-visit@1"]


def test_predict_sets_rows_aside_that_do_not_fit_and_says_why(trained_once, tmp_path, mw):
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("load,crew,days\n0.5,a,3\nheavy,a,3\n", encoding="utf-8")
    answer = mw(trained_once, "predict", "late-visit", "-i", str(source), "-o", str(output))
    assert answer.code == 0
    assert f"! 1 row did not fit the signature; see {tmp_path / 'out.rejected.csv'}." in answer.out
    assert "load" in answer.out.partition("reason")[2]
    shown = mw(trained_once, "predict", "late-visit", "-i", str(source), "-o", str(output), "--json").json
    assert (shown["rows"], shown["rejected"], shown["model"]) == (1, 1, "late-visit@1")


def test_predict_reads_a_raw_table_as_its_contract_says(trained_once, tmp_path, mw):
    source, output, contract = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "contract.yaml"
    source.write_text("load;crew;days\n0,5;a;1.000\nheavy;a;3\n", encoding="utf-8")
    number = "{type: number, formats: [decimal_comma]}"
    contract.write_text(f"name: visits\ncolumns:\n  load: {number}\n  days: {number}\n  late: {{type: string}}\n")
    words = ("predict", "late-visit", "-i", str(source), "-o", str(output), "--contract", str(contract))
    answer = mw(trained_once, *words)
    assert "! 1 row broke the contract or did not fit the signature; see" in answer.out
    (row,) = pl.read_csv(output).to_dicts()
    assert (row["load"], row["days"]) == (0.5, 1000.0)


@pytest.mark.parametrize(
    ("model", "source", "output", "message"),
    [
        ("late-visits", "visits.csv", "out.csv", "Did you mean 'late-visit'?"),
        ("late-visit@chmpion", "visits.csv", "out.csv", "Did you mean 'champion'?"),
        ("late-visit", "vists.csv", "out.csv", "'vists.csv'"),
        ("late-visit", "labels.csv", "out.csv", "load"),
        ("late-visit", "visits.csv", "out.xyz", "out.xyz"),
        ("late-visit", "visits.csv", "gone/out.csv", "gone"),
    ],
)
def test_predict_refuses_wrong_input_with_one_line_and_writes_nothing(served, mw, model, source, output, message):
    before = sorted(served.iterdir())
    answer = mw(served, "predict", model, "-i", source, "-o", output)
    assert answer.code == 1
    assert answer.out == ""
    assert message in answer.err
    assert answer.err.count("\n") == 1
    assert sorted(served.iterdir()) == before


def test_predict_goes_from_a_dataset_to_a_database_and_back_to_files(served, tmp_path, mw):
    mw(served, "data", "add", "visits.csv", "--name", "todo")
    url = f"sqlite:///{tmp_path}/shop.db"
    to_table = ("-i", "todo@1", "-o", url, "--output-table", "answers", "--rejected", f"{tmp_path}/bad.csv")
    shown = mw(served, "predict", "late-visit", *to_table, "--json").json
    assert (shown["rows"], shown["input_kind"], shown["input_id"]) == (300, "dataset", "todo@1")
    assert (shown["output"], shown["resumed_rows"], shown["restarted"]) == (f"{url}#table=answers", 0, "")
    assert shown["rows_per_s"] > 0
    refused = mw(served, "predict", "late-visit", *to_table)
    assert refused.code == 1
    assert "--mode append" in refused.err
    assert mw(served, "predict", "late-visit", *to_table, "--mode", "append").code == 0
    back = ("-i", url, "--query", "SELECT * FROM answers", "-o", f"{tmp_path}/t.delta", "--workers", "2")
    assert mw(served, "predict", "late-visit", *back, "--json").json["rows"] == 600
    assert pl.read_delta(f"{tmp_path}/t.delta").height == 600
    many = ("-i", f"{tmp_path}/t.delta", "-o", f"{tmp_path}/out.jsonl", "--chunk-rows", "100")
    assert mw(served, "predict", "late-visit", *many).code == 0
    assert pl.read_ndjson(tmp_path / "out.jsonl").height == 600


def test_predict_keeps_where_predictions_came_from(served, tmp_path, mw):
    from millwright.core.records.audit import NodeKind
    from millwright.workspace.workspace import Workspace

    shown = mw(served, "predict", "late-visit", "-i", "visits.csv", "-o", str(tmp_path / "out.csv"), "--json").json
    with Workspace.open(served) as workspace:
        edges = workspace.stores.lineage.upstream(NodeKind.SOURCE, shown["output_id"])
    assert {edge.source_id for edge in edges} == {"late-visit@1", shown["input_id"]}


def test_predict_refuses_an_unknown_engine(served, tmp_path, mw):
    answer = mw(served, "predict", "late-visit", "-i", "visits.csv", "-o", f"{tmp_path}/o.csv", "--engine", "sparc")
    assert answer.code == 1
    assert "Did you mean 'spark'?" in answer.err
