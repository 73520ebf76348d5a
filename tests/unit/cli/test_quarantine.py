from __future__ import annotations

import polars as pl
import pytest


@pytest.fixture
def folder(tmp_path):
    """A folder with `my [data].csv`: four rows, one of which breaks `contract.yaml`."""
    (tmp_path / "my [data].csv").write_text("city,rooms\nOslo,3\nRome,4\nBern,two\nPisa,1\n", encoding="utf-8")
    contract = "name: homes\nmax_quarantined: 0.5\ncolumns:\n  city: {type: string}\n  rooms: {type: integer, min: 1}\n"
    (tmp_path / "contract.yaml").write_text(contract, encoding="utf-8")
    return tmp_path


@pytest.fixture
def aside(folder, mw):
    """The same, added as `homes`, with the row that breaks the published contract set aside."""
    mw(folder, "data", "contract", "publish", "contract.yaml")
    mw(folder, "data", "add", "my [data].csv", "--name", "homes")
    mw(folder, "data", "validate", "homes", "--contract", "homes@1", "--quarantine")
    return folder


def test_quarantine_is_listed_and_shown(aside, mw):
    assert "rooms: not a whole number" in mw(aside, "data", "quarantine", "list").out
    answer = mw(aside, "data", "quarantine", "show", "homes")
    assert answer.out.startswith("homes.quarantine@1  1 rows of homes@1, by homes@1\n")
    assert "Bern" in answer.out
    shown = mw(aside, "data", "quarantine", "show", "homes", "--json").json
    assert shown["reasons"] == {"rooms: not a whole number": 1}
    assert shown["first"] == [{"_row": 3, "_reasons": "rooms: not a whole number", "city": "Bern", "rooms": "two"}]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_rows_are_corrected_in_a_file_and_replayed(aside, mw, suffix):
    file = f"rows.{suffix}"
    assert "1 rows written" in mw(aside, "data", "quarantine", "show", "homes", "-o", file).out
    if suffix == "csv":
        text = (aside / file).read_text(encoding="utf-8").replace("two", "2")
        (aside / file).write_text(text, encoding="utf-8")
    else:
        pl.read_parquet(aside / file).with_columns(rooms=pl.lit("2")).write_parquet(aside / file)
    repaired = mw(aside, "data", "quarantine", "repair", "homes", "--file", file)
    assert "homes.quarantine@2 has the corrected values; homes.quarantine@1 is kept." in repaired.out
    assert "Next: mw data quarantine replay homes --contract homes@1" in repaired.out
    replayed = mw(aside, "data", "quarantine", "replay", "homes")
    assert replayed.out == "✓ 1 rows hold now; they are in homes@2.\n"
    assert mw(aside, "data", "validate", "homes", "--contract", "homes@1", "--json").json["valid"] == 4
    assert mw(aside, "data", "show", "homes", "--json").json["record"]["contract"] == "homes@1"
    assert mw(aside, "data", "quarantine", "list").out == "No rows are set aside.\n"
    assert mw(aside, "data", "quarantine", "replay", "homes").out == "No rows are set aside.\n"


def test_rows_are_corrected_by_sql_and_what_fails_stays(aside, mw):
    assert (
        mw(aside, "data", "quarantine", "repair", "homes", "--set", "rooms='-2'", "--where", "city = 'Bern'").code == 0
    )
    left = mw(aside, "data", "quarantine", "replay", "homes")
    assert "1 rows still break the contract" in left.out
    assert "rooms: below 1" in left.out
    mw(aside, "data", "quarantine", "repair", "homes", "--sql", "SELECT _row, '2' AS rooms FROM quarantine")
    assert mw(aside, "data", "quarantine", "replay", "homes", "--json").json["accepted"] == 1


def test_repair_that_changes_nothing_makes_no_version(aside, mw):
    answer = mw(aside, "data", "quarantine", "repair", "homes", "--set", "rooms=rooms")
    assert answer.out.startswith("homes.quarantine@1 has these values already.")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("show", "gone"), "Nothing of the dataset 'gone' was set aside"),
        (("repair", "homes"), "Expected one of --set"),
        (("repair", "homes", "--where", "a", "--sql", "b"), "Expected one of --set"),
        (("repair", "homes", "--set", "rooms"), "Expected COLUMN=EXPRESSION, found 'rooms'"),
        (("repair", "homes", "--set", "room=1"), "found 'room'"),
        (("repair", "homes", "--file", "gone.csv"), "gone.csv"),
        (("replay", "homes", "--contract", "gone.yaml"), "gone.yaml"),
    ],
)
def test_wrong_call_is_one_line(aside, mw, words, message):
    answer = mw(aside, "data", "quarantine", *words)
    assert (answer.code, answer.out, answer.err.count("\n")) == (1, "", 1)
    assert message in answer.err


def test_replay_asks_for_a_contract_that_is_not_published(folder, mw):
    mw(folder, "data", "add", "my [data].csv", "--name", "homes")
    mw(folder, "data", "validate", "homes", "--contract", "contract.yaml", "--quarantine")
    answer = mw(folder, "data", "quarantine", "replay", "homes")
    assert "Expected a contract: the rows of homes broke one that is not published." in answer.err
    mw(folder, "data", "quarantine", "show", "homes", "--output", "rows.csv")
    told = mw(folder, "data", "quarantine", "repair", "homes", "--file", "rows.csv").out
    assert "Next: mw data quarantine replay homes --contract FILE" in told
    assert mw(folder, "data", "quarantine", "replay", "homes", "--contract", "contract.yaml").code == 0
