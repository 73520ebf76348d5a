from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.file import dump_contract, load_contract

if TYPE_CHECKING:
    from pathlib import Path


def test_contract_file_is_loaded_and_written_again(tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_bytes(b"\xef\xbb\xbfname: t\ncolumns: {a: string}\n")
    contract = load_contract(path)
    path.write_text(dump_contract(contract), encoding="utf-8")
    assert load_contract(str(path)) == contract


def test_contract_file_with_an_error_is_named(tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text("name: t\ncolumn: {}\n")
    with pytest.raises(InvalidInputError, match=r"^contract\.yaml, line 2: Unknown key 'column'"):
        load_contract(path)


def test_missing_contract_file_names_the_closest(tmp_path: Path) -> None:
    (tmp_path / "contract.yaml").touch()
    with pytest.raises(InvalidInputError, match=r"no contract file .*Did you mean 'contract\.yaml'"):
        load_contract(tmp_path / "contracts.yaml")
    with pytest.raises(InvalidInputError, match="mw data contract infer"):
        load_contract(tmp_path / "absent" / "contract.yaml")


def test_contract_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path, tmp_path / "c.yaml"):
        with pytest.raises(InvalidInputError, match="Cannot read the contract file"):
            load_contract(path)
