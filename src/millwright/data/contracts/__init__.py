"""Contracts: what must hold for a table, in a YAML file that people edit or in Python.

- `contract` is the contract itself; `file` reads and writes it; `inference` proposes one for a table.
- `validation` parses a table to the contract's types and sets aside the rows that break it, with their reasons;
  `lazy_validation` does the same for tables larger than memory, `row_check` what can be judged row by row.
- `catalog` keeps published versions and says what a change breaks, and for whom.

    from millwright.data.contracts import ColumnContract, ColumnType, Contract

    contract = Contract(name="costs", columns=(ColumnContract(name="cost", type=ColumnType.NUMBER, minimum=0),))
"""

from __future__ import annotations

from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.context import ValidationContext
from millwright.data.contracts.contract import Contract, ExtraColumns, Key, KeyPolicy
from millwright.data.contracts.file import dump_contract, load_contract, parse_contract
from millwright.data.contracts.inference import infer_contract
from millwright.data.contracts.reference import Reference
from millwright.data.contracts.rule import Rule
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.table_expectation import Distribution, Freshness, Measure, Volume
from millwright.data.contracts.validation import Validation, validate

__all__ = [
    "ColumnContract",
    "ColumnType",
    "Contract",
    "Distribution",
    "ExtraColumns",
    "Freshness",
    "Key",
    "KeyPolicy",
    "Measure",
    "Reference",
    "Rule",
    "Severity",
    "Validation",
    "ValidationContext",
    "Volume",
    "dump_contract",
    "infer_contract",
    "load_contract",
    "parse_contract",
    "validate",
]
