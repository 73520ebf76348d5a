from __future__ import annotations

import json

import pytest
import yaml


@pytest.fixture
def folder(tmp_path):
    """A folder with `my [data].csv`: four rows, one of which breaks `contract.yaml`."""
    (tmp_path / "my [data].csv").write_text("city,rooms\nOslo,3\nRome,4\nBern,two\nPisa,1\n", encoding="utf-8")
    contract = "name: homes\nmax_quarantined: 0.5\ncolumns:\n  city: {type: string}\n  rooms: {type: integer, min: 1}\n"
    (tmp_path / "contract.yaml").write_text(contract, encoding="utf-8")
    return tmp_path


def test_contract_is_printed_and_can_be_read_again(folder, mw):
    answer = mw(folder, "data", "contract", "infer", "my [data].csv")
    assert answer.code == 0
    (folder / "inferred.yaml").write_text(answer.out, encoding="utf-8")
    assert mw(folder, "data", "validate", "my [data].csv", "--contract", "inferred.yaml").code == 0


def test_contract_is_written_to_a_file(folder, mw):
    answer = mw(folder, "data", "contract", "infer", "my [data].csv", "-o", "new.yaml")
    assert answer.out == (
        "✓ Contract written to new.yaml; edit it, then:\n"
        "Next: mw data validate 'my [data].csv' --contract new.yaml\n"
    )  # fmt: skip
    assert "columns:" in (folder / "new.yaml").read_text(encoding="utf-8")
    shown = mw(folder, "data", "contract", "infer", "my [data].csv", "-o", "new.yaml", "--json").json
    assert shown["written"] == "new.yaml"


def test_contract_that_cannot_be_written_is_one_line(folder, mw):
    answer = mw(folder, "data", "contract", "infer", "my [data].csv", "-o", "gone/new.yaml")
    assert answer.code == 1
    assert answer.err.startswith("Error: Cannot write gone/new.yaml")


def test_contract_is_published_listed_and_shown(folder, mw):
    assert mw(folder, "data", "contract", "list").out.startswith("No contract is published in this workspace.\nNext: ")
    answer = mw(folder, "data", "contract", "publish", "contract.yaml", "--owner", "site-team")
    assert answer.out.startswith("✓ homes@1 is published, owned by site-team.\nNext: mw data validate homes")
    assert mw(folder, "data", "contract", "publish", "contract.yaml").out.startswith(
        "homes@1 demands the same already."
    )
    assert "site-team" in mw(folder, "data", "contract", "list").out
    shown = mw(folder, "data", "contract", "show", "homes")
    assert (folder / "contract.yaml").read_text(encoding="utf-8").strip() in shown.out
    assert mw(folder, "data", "contract", "show", "homes@1", "--json").json["record"]["owner"] == "site-team"


def test_breaking_change_is_refused_and_checked_before(folder, mw):
    mw(folder, "data", "contract", "publish", "contract.yaml")
    text = (folder / "contract.yaml").read_text(encoding="utf-8").replace("min: 1", "min: 0")
    (folder / "new.yaml").write_text(text, encoding="utf-8")
    checked = mw(folder, "data", "contract", "check-change", "new.yaml")
    assert checked.code == 1
    assert "rooms: min 1 is now 0" in checked.out
    as_json = mw(folder, "data", "contract", "check-change", "new.yaml", "--json").json
    assert (as_json["breaking"], as_json["changes"][0]["affected"]) == (True, "consumers")
    refused = mw(folder, "data", "contract", "publish", "new.yaml")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "Consumers: nobody that is known" in refused.err
    allowed = mw(folder, "data", "contract", "publish", "new.yaml", "--allow-breaking")
    assert "! for consumers: rooms: min 1 is now 0" in allowed.out
    assert "broke for consumers" in mw(folder, "data", "contract", "show", "homes").out
    different = mw(folder, "data", "contract", "diff", "homes@1", "homes@2", "--json").json
    assert [change["text"] for change in different] == ["rooms: min 1 is now 0"]
    same = mw(folder, "data", "contract", "diff", "contract.yaml", "homes@1")
    assert same.out == "contract.yaml and homes@1 demand the same.\n"
    harmless = mw(folder, "data", "contract", "check-change", "new.yaml")
    assert (harmless.code, harmless.out.splitlines()[0]) == (0, "It demands what homes@2 does.")


def test_contract_of_a_python_file_is_published_as_yaml(folder, mw):
    (folder / "contract.py").write_text(
        "from millwright.data.contracts import ColumnContract, ColumnType, Contract\n"
        "HOMES = Contract(name='homes', columns=(ColumnContract(name='rooms', type=ColumnType.INTEGER),))\n",
        encoding="utf-8",
    )
    assert mw(folder, "data", "contract", "publish", "contract.py").code == 0
    assert "name: homes" in mw(folder, "data", "contract", "show", "homes", "--json").json["record"]["document"]


def test_contract_is_exported_and_imported(folder, mw):
    schema = json.loads(mw(folder, "data", "contract", "export", "contract.yaml", "--format", "json-schema").out)
    assert schema["properties"]["rooms"]["minimum"] == 1
    mw(folder, "data", "contract", "publish", "contract.yaml", "--owner", "site-team")
    answer = mw(folder, "data", "contract", "export", "homes@1", "--format", "odcs", "-o", "odcs.yaml")
    assert answer.out == "✓ Written to odcs.yaml as odcs.\n"
    assert yaml.safe_load((folder / "odcs.yaml").read_text(encoding="utf-8"))["team"] == {"name": "site-team"}
    mw(folder, "data", "contract", "import", "odcs.yaml", "-o", "back.yaml")
    assert mw(folder, "data", "contract", "diff", "back.yaml", "homes@1", "--json").json == []
    refused = mw(folder, "data", "contract", "import", "contract.yaml")
    assert "expected a contract of the Open Data Contract Standard v3" in refused.err


@pytest.mark.parametrize("words", [("show", "gone"), ("list", "gone"), ("export", "gone@1"), ("publish", "gone.yaml")])
def test_contract_that_is_not_there_is_one_line(folder, mw, words):
    answer = mw(folder, "data", "contract", *words)
    assert (answer.code, answer.out, answer.err.count("\n")) == (1, "", 1)
    assert "gone" in answer.err
