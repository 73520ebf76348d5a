from __future__ import annotations

import polars as pl
import pytest


def test_predict_writes_rows_with_predictions_and_version(trained_once, tmp_path, mw):
    output = tmp_path / "out.csv"
    answer = mw(trained_once, "predict", "late-visit@champion", "-i", "visits.csv", "-o", str(output))
    assert answer.out == (
        f"✓ 300 rows predicted by late-visit@1 into {output}.\nNext: mw models show late-visit@1\n"
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
