from __future__ import annotations

import sqlite3
from contextlib import contextmanager

import polars as pl
import pytest

from millwright.core.errors import IntegrityError, InvalidInputError
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract, Key
from millwright.data.contracts.rule import Rule
from millwright.deployment.batch.engines.engine import EngineOptions
from millwright.deployment.batch.table import BatchOptions, predict_table
from millwright.deployment.batch.target import OutputOptions
from millwright.models.package import load_predictor
from millwright.storage.query_write import Destination, write_rows

READ = {".csv": pl.read_csv, ".parquet": pl.read_parquet, ".jsonl": pl.read_ndjson}


class Counting:
    """A progress that adds up, by task, and keeps what is said."""

    def __init__(self) -> None:
        self.tasks: dict[str, list[int | None]] = {}
        self.said: list[str] = []
        self.notes: list[str] = []
        self._label = ""

    @contextmanager
    def task(self, label, *, total=None):
        self.tasks[label] = [0, total]
        self._label = label
        yield self

    def advance(self, amount=1, *, note="") -> None:
        self.tasks[self._label][0] += amount
        self.notes += [note] if note else []

    def say(self, message) -> None:
        self.said.append(message)


@pytest.mark.parametrize("suffix", READ)
def test_table_is_predicted_in_chunks_as_it_is_at_once(tmp_path, package, frame, suffix):
    source = tmp_path / f"in{suffix}"
    {".csv": frame.write_csv, ".parquet": frame.write_parquet, ".jsonl": frame.write_ndjson}[suffix](source)
    progress = Counting()
    result = predict_table(
        package,
        str(source),
        tmp_path / f"out{suffix}",
        model_ref="delay@1",
        options=BatchOptions(chunk_rows=70),
        progress=progress,
    )
    assert (result.rows, result.rejected, result.rejected_path, result.model) == (400, 0, "", "delay@1")
    assert progress.tasks == {"Predicting": [400, 400], "Writing": [400, 400]}
    assert all(note.endswith(" rows/s") for note in progress.notes)
    assert len(progress.notes) == 6
    assert progress.said == []
    assert (result.resumed_rows, result.restarted, result.rows_per_s > 0) == (0, "", True)
    written = READ[suffix](tmp_path / f"out{suffix}")
    expected = load_predictor(package).predict_frame(frame)
    assert written.columns == [*frame.columns, "prediction", "probability", "model_version"]
    assert written["prediction"].to_list() == expected["prediction"].to_list()
    assert (written["probability"] - expected["probability"]).abs().max() < 1e-9
    assert set(written["model_version"]) == {"delay@1"}
    assert written["days"].to_list() == frame["days"].to_list()


def test_rows_that_do_not_fit_go_to_a_side_file_with_reasons(tmp_path, package):
    (tmp_path / "in.csv").write_text(
        "days,crews,borough,id\n40,3,Queens,a\nsoon,3,Queens,b\n40,,Queens,c\n10,2,Bronx,d\n"
    )
    options = BatchOptions(chunk_rows=2)
    result = predict_table(
        package, str(tmp_path / "in.csv"), tmp_path / "out.csv", model_ref="delay@1", options=options
    )
    assert (result.rows, result.rejected) == (2, 2)
    assert pl.read_csv(tmp_path / "out.csv")["id"].to_list() == ["a", "d"]
    assert result.rejected_path == str(tmp_path / "out.rejected.csv")
    rejected = pl.read_csv(result.rejected_path)
    assert rejected["_row"].to_list() == [1, 2]
    assert (
        rejected["_reasons"].to_list()
        == list(result.reasons)
        == [
            "column 'days': expected a finite number, found the text 'soon'",
            "column 'crews': expected an integer, found null",
        ]
    )


def test_raw_table_is_read_as_its_contract_says(tmp_path, package):
    contract = Contract(
        name="visits",
        columns=(
            ColumnContract(name="days", type=ColumnType.NUMBER, formats=("thousands",), missing=("PNS",)),
            ColumnContract(name="crews", type=ColumnType.INTEGER, minimum=1),
            ColumnContract(name="borough", type=ColumnType.CATEGORY),
            ColumnContract(name="late", type=ColumnType.BOOLEAN, nullable=False),
        ),
        key=Key(columns=("borough",)),
        rules=(
            Rule(name="late at last", expression="late OR days < 9"),
            Rule(name="some crews", expression="crews < 90"),
        ),
    )
    rows = ["1;2;Queens", "1,250.5;3;Queens", "1;0;Bronx", "PNS;4;Bronx", "1;99;Queens", "soon;4;Queens", "2;;Queens"]
    (tmp_path / "in.csv").write_text("days;crews;borough\n" + "\n".join(rows) + "\n")
    for chunk_rows in (2, 100):
        options = BatchOptions(chunk_rows=chunk_rows, contract=contract)
        result = predict_table(
            package, str(tmp_path / "in.csv"), tmp_path / "out.csv", model_ref="delay@1", options=options
        )
        rejected = pl.read_csv(result.rejected_path, infer_schema=False)
        reasons = dict(rejected.select("_row", "_reasons").rows())
        good = pl.read_csv(tmp_path / "out.csv")
        assert (result.rows, result.rejected) == (good.height, rejected.height)
        assert 1250.5 in good["days"].to_list()
        assert reasons == {
            "2": "crews: below 1",
            "3": "column 'days': expected a finite number, found null",
            "4": "some crews: crews < 90",
            "5": "days: not a number (thousands)",
            "6": "column 'crews': expected an integer, found null",
        }
        assert sum(result.reasons.values()) == rejected.height
        assert set(rejected.columns) == {"days", "crews", "borough", "_row", "_reasons"}


def test_frame_is_predicted(tmp_path, package, frame):
    result = predict_table(package, frame, str(tmp_path / "out.parquet"), model_ref="delay@1")
    assert result.rows == pl.read_parquet(tmp_path / "out.parquet").height == 400


def test_predictions_of_an_earlier_run_are_replaced(tmp_path, package, frame):
    predict_table(package, frame, tmp_path / "one.parquet", model_ref="delay@1")
    predict_table(package, str(tmp_path / "one.parquet"), tmp_path / "two.parquet", model_ref="delay@2")
    written = pl.read_parquet(tmp_path / "two.parquet")
    assert written.columns == [*frame.columns, "prediction", "probability", "model_version"]
    assert set(written["model_version"]) == {"delay@2"}


def test_missing_columns_are_told_with_the_closest(tmp_path, package, frame):
    with pytest.raises(InvalidInputError) as caught:
        predict_table(package, frame.rename({"days": "dayz"}), tmp_path / "out.csv", model_ref="delay@1")
    assert caught.value.message == "Expected the model's columns in the table, found none named 'days'."
    assert caught.value.hint == "Did you mean 'dayz'?"
    assert list(tmp_path.iterdir()) == []


def test_table_none_of_whose_rows_fits_is_refused_with_the_reasons_kept(tmp_path, package):
    frame = pl.DataFrame({"days": ["x"], "crews": [1], "borough": ["Queens"]})
    with pytest.raises(InvalidInputError, match="None of the 1 rows fits the signature of delay@1: column 'days'"):
        predict_table(package, frame, tmp_path / "out.csv", model_ref="delay@1")
    assert [path.name for path in tmp_path.iterdir()] == ["out.rejected.csv"]


def test_table_without_rows_is_refused(tmp_path, package, frame):
    with pytest.raises(InvalidInputError, match="found one without"):
        predict_table(package, frame.clear(), tmp_path / "out.csv", model_ref="delay@1")


def test_broken_file_leaves_no_output(tmp_path, package):
    (tmp_path / "in.csv").write_text("days,crews,borough\n" + "1,2,Queens\n" * 5 + "1,2,Queens,4,5\n")
    with pytest.raises(InvalidInputError, match="line 7 has 5"):
        predict_table(package, str(tmp_path / "in.csv"), tmp_path / "out.csv", model_ref="delay@1")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_damaged_package_is_refused(tmp_path, frame):
    with pytest.raises(IntegrityError):
        predict_table(b"no package", frame, tmp_path / "out.csv", model_ref="delay@1")


class Cut(Counting):
    """A progress that breaks off a run behind some rows, as a full disk does."""

    def advance(self, amount=1, *, note="") -> None:
        super().advance(amount, note=note)
        if self.tasks["Predicting"][0] >= 210:
            raise OSError("the disk is full")


def broken_off(package, source, output) -> None:
    with pytest.raises(OSError, match="the disk is full"):
        predict_table(package, source, output, model_ref="delay@1", options=BatchOptions(chunk_rows=70), progress=Cut())


def test_run_that_broke_off_is_gone_on_with(tmp_path, package, frame):
    frame.write_csv(tmp_path / "in.csv")
    source, output = str(tmp_path / "in.csv"), tmp_path / "out.csv"
    broken_off(package, source, output)
    assert not output.exists()
    progress, options = Counting(), BatchOptions(chunk_rows=70, engine=EngineOptions(workers=2))
    result = predict_table(package, source, output, model_ref="delay@1", options=options, progress=progress)
    assert (result.rows, result.resumed_rows, result.restarted) == (400, 210, "")
    assert progress.said == ["Going on: an earlier run did 210 rows."]
    assert progress.tasks["Predicting"] == [400, 400]
    assert pl.read_csv(output)["days"].to_list() == pl.read_csv(source)["days"].to_list()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


@pytest.mark.parametrize("changed", ["input", "model", "options"])
def test_run_that_broke_off_is_thrown_away_when_anything_that_counts_changed(tmp_path, packages, frame, changed):
    frame.write_csv(tmp_path / "in.csv")
    source, output = str(tmp_path / "in.csv"), tmp_path / "out.csv"
    broken_off(packages[0], source, output)
    if changed == "input":
        frame.reverse().write_csv(tmp_path / "in.csv")
    progress = Counting()
    options = BatchOptions(chunk_rows=71 if changed == "options" else 70)
    package, model = (packages[1], "delay@2") if changed == "model" else (packages[0], "delay@1")
    result = predict_table(package, source, output, model_ref=model, options=options, progress=progress)
    assert (result.rows, result.resumed_rows, result.restarted) == (400, 0, f"the {changed} changed")
    assert progress.said == [f"Starting anew: the {changed} changed since the run that did not end."]
    assert set(pl.read_csv(output)["model_version"]) == {model}


def test_output_that_cannot_take_rows_keeps_what_is_predicted(tmp_path, package, frame):
    url = f"sqlite:///{tmp_path}/shop.db"
    write_rows(Destination(url=url, table="answers"), iter([pl.DataFrame({"days": [1.0]})]), "made")
    frame.write_csv(tmp_path / "in.csv")
    options = BatchOptions(
        writing=OutputOptions(table="answers", mode="append"),
        rejected=str(tmp_path / "bad.csv"),
        journal_folder=str(tmp_path),
    )
    with pytest.raises(InvalidInputError, match="has no column"):
        predict_table(package, str(tmp_path / "in.csv"), url, model_ref="delay@1", options=options)
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        for column in ("crews", "borough", "delayed", "prediction", "probability", "model_version"):
            connection.execute(f"ALTER TABLE answers ADD COLUMN {column} TEXT")
    connection.close()
    result = predict_table(package, str(tmp_path / "in.csv"), url, model_ref="delay@1", options=options)
    assert (result.rows, result.resumed_rows) == (400, 400)
