from __future__ import annotations

import pytest


@pytest.fixture
def folder(tmp_path):
    """A folder with `my [data].csv`: four rows, one of which breaks `contract.yaml`."""
    (tmp_path / "my [data].csv").write_text("city,rooms\nOslo,3\nRome,4\nBern,two\nPisa,1\n", encoding="utf-8")
    contract = "name: homes\nmax_quarantined: 0.5\ncolumns:\n  city: {type: string}\n  rooms: {type: integer, min: 1}\n"
    (tmp_path / "contract.yaml").write_text(contract, encoding="utf-8")
    return tmp_path


def test_data_validate_counts_the_rows_that_break_the_contract(folder, mw):
    answer = mw(folder, "data", "validate", "my [data].csv", "--contract", "contract.yaml")
    assert answer.code == 0
    assert "4 rows: 3 hold, 1 break the contract." in answer.out
    assert any(line.split()[:3] == ["1", "quarantine", "rooms:"] for line in answer.out.splitlines())
    assert mw(folder, "data", "list", "--json").json == []


def test_data_validate_takes_a_dataset_and_gives_json(folder, mw):
    mw(folder, "data", "add", "my [data].csv")
    shown = mw(folder, "data", "validate", "my-data@1", "--contract", "contract.yaml", "--json").json
    assert (shown["rows"], shown["valid"], list(shown["reasons"].values())) == (4, 3, [1])


def test_data_validate_says_what_next_when_every_row_holds(folder, mw):
    (folder / "my [data].csv").write_text("city,rooms\nOslo,3\n", encoding="utf-8")
    answer = mw(folder, "data", "validate", "my [data].csv", "--contract", "contract.yaml")
    assert answer.out == "1 rows: 1 hold, 0 break the contract.\nNext: mw data add 'my [data].csv'\n"


def test_data_validate_says_what_was_not_compared_and_why(folder, mw):
    with (folder / "contract.yaml").open("a", encoding="utf-8") as file:
        file.write("distributions:\n  - {column: rooms, measure: psi, max: 0.2}\n")
    mw(folder, "data", "add", "my [data].csv", "--name", "homes")
    told = "psi of rooms against the former version", "there is no former version"
    answer = mw(folder, "data", "validate", "homes", "--contract", "contract.yaml")
    assert f"! Not judged: {told[0]}: {told[1]}.\n" in answer.out
    shown = mw(folder, "data", "validate", "homes", "--contract", "contract.yaml", "--json").json
    assert shown["unjudged"] == [{"what": told[0], "why": told[1]}]
    (folder / "next.csv").write_text("city,rooms\nOslo,3\nRome,4\nPisa,1\n", encoding="utf-8")
    mw(folder, "data", "add", "next.csv", "--name", "homes")
    shown = mw(folder, "data", "validate", "homes", "--contract", "contract.yaml", "--json").json
    assert shown["unjudged"] == []


@pytest.mark.parametrize("flag", [(), ("--json",)])
def test_data_validate_fails_when_too_many_rows_break_it(folder, mw, flag):
    text = (folder / "contract.yaml").read_text(encoding="utf-8").replace("0.5", "0.1")
    (folder / "contract.yaml").write_text(text, encoding="utf-8")
    answer = mw(folder, "data", "validate", "my [data].csv", "--contract", "contract.yaml", *flag)
    assert answer.code == 1
    if flag:
        assert answer.json["error"]["code"] == "contract_violation"
    else:
        assert "rooms" in answer.err
        assert answer.err.count("\n") == 1


@pytest.mark.parametrize(
    ("source", "contract", "message"),
    [
        ("gone.csv", "contract.yaml", "gone.csv"),
        ("my [data].csv", "gone.yaml", "gone.yaml"),
        ("my [data].csv", "my [data].csv", "my [data].csv"),
        ("homes", "contract.yaml", "homes"),
    ],
)
def test_data_validate_refuses_a_missing_file_with_one_line(folder, mw, source, contract, message):
    answer = mw(folder, "data", "validate", source, "--contract", contract)
    assert answer.code == 1
    assert message in answer.err
    assert answer.err.count("\n") == 1


def test_data_validate_records_the_published_contract_that_every_row_holds(folder, mw):
    mw(folder, "data", "contract", "publish", "contract.yaml")
    (folder / "good.csv").write_text("city,rooms\nOslo,3\n", encoding="utf-8")
    mw(folder, "data", "add", "good.csv", "--name", "homes")
    answer = mw(folder, "data", "validate", "homes", "--contract", "homes@1")
    assert answer.out.endswith("✓ homes@1 holds homes@1; its record says so.\n")
    assert mw(folder, "data", "show", "homes", "--json").json["record"]["contract"] == "homes@1"
    by_file = mw(folder, "data", "validate", "homes", "--contract", "contract.yaml", "--json").json
    assert (by_file["contract"], by_file["recorded"]) == ("homes@1", True)


def test_data_validate_records_nothing_of_rows_that_break_it(folder, mw):
    mw(folder, "data", "contract", "publish", "contract.yaml")
    mw(folder, "data", "add", "my [data].csv", "--name", "homes")
    shown = mw(folder, "data", "validate", "homes", "--contract", "homes@1", "--json").json
    assert (shown["recorded"], shown["quarantine"]) == (False, None)
    assert shown["findings"] == [
        {"reason": "rooms: not a whole number", "severity": "quarantine", "rows": 1, "found": ""}
    ]
    assert mw(folder, "data", "show", "homes", "--json").json["record"]["contract"] is None


def test_data_validate_writes_the_quarantine_when_asked(folder, mw):
    mw(folder, "data", "add", "my [data].csv", "--name", "homes")
    answer = mw(folder, "data", "validate", "homes", "--contract", "contract.yaml", "--quarantine")
    assert "The rows that break it are in homes.quarantine@1." in answer.out
    assert "Next: mw data quarantine show homes" in answer.out
    refused = mw(folder, "data", "validate", "my [data].csv", "--contract", "contract.yaml", "--quarantine")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "Expected a dataset with --quarantine" in refused.err
