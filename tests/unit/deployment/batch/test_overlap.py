from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.deployment.batch.overlap import refuse_overlap
from millwright.deployment.batch.table import BatchOptions, predict_table
from millwright.deployment.batch.target import OutputOptions, open_target


def test_table_is_not_written_over_itself(tmp_path, package, frame):
    source = tmp_path / "visits.parquet"
    frame.write_parquet(source)
    with pytest.raises(InvalidInputError, match=r"another output than what is read, found visits\.parquet"):
        predict_table(package, str(source), source, model_ref="delay@1")
    assert pl.read_parquet(source).equals(frame)


def test_table_is_not_written_over_itself_by_another_name(tmp_path, package, frame):
    source, link = tmp_path / "visits.parquet", tmp_path / "link.parquet"
    frame.write_parquet(source)
    link.symlink_to(source)
    with pytest.raises(InvalidInputError, match="than what is read"):
        predict_table(package, str(source), link, model_ref="delay@1")


def test_rows_that_do_not_fit_are_not_written_over_the_table(tmp_path, package, frame):
    source = tmp_path / "visits.csv"
    frame.write_csv(source)
    with pytest.raises(InvalidInputError, match="another rejected than what is read") as caught:
        predict_table(
            package, str(source), tmp_path / "out.csv", model_ref="delay@1", options=BatchOptions(rejected=str(source))
        )
    assert "--rejected" in caught.value.hint


def test_predictions_and_rows_that_do_not_fit_are_two_files(tmp_path, package, frame):
    source = tmp_path / "visits.csv"
    frame.write_csv(source)
    with pytest.raises(InvalidInputError, match="Expected two files"):
        predict_table(
            package,
            str(source),
            tmp_path / "out.csv",
            model_ref="delay@1",
            options=BatchOptions(rejected=str(tmp_path / "out.csv")),
        )


def test_output_is_no_file_of_the_folder_or_pattern_that_is_read(tmp_path):
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text("x\n1\n", encoding="utf-8")
    rejected = str(tmp_path / "elsewhere.csv")
    for source in (str(tmp_path), str(tmp_path / "*.csv")):
        with pytest.raises(InvalidInputError, match=r"found two\.csv"):
            refuse_overlap(source, open_target(tmp_path / "two.csv", OutputOptions()), rejected)
        refuse_overlap(source, open_target(tmp_path / "three.csv", OutputOptions()), rejected)


def test_tables_elsewhere_and_delta_tables_judge_for_themselves(tmp_path):
    delta = open_target(tmp_path / "answers.delta", OutputOptions(mode="append"))
    refuse_overlap(str(tmp_path / "answers.delta"), delta, str(tmp_path / "bad.csv"))
    refuse_overlap("sqlite:///shop.db", delta, str(tmp_path / "bad.csv"))
    refuse_overlap(pl.DataFrame({"x": [1]}), delta, str(tmp_path / "bad.csv"))
