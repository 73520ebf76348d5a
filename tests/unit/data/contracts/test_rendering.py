from __future__ import annotations

from datetime import timedelta
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from millwright.data.contracts.column import (
    EXPECTATIONS,
    NUMERIC,
    ORDERED,
    TEMPORAL,
    TEXTUAL,
    ColumnContract,
    ColumnType,
)
from millwright.data.contracts.contract import Contract, ExtraColumns, Key, KeyPolicy
from millwright.data.contracts.document import parse_contract
from millwright.data.contracts.number_text import NUMBER_FORMATS
from millwright.data.contracts.reference import Reference
from millwright.data.contracts.rendering import dump_contract
from millwright.data.contracts.rule import Rule
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.table_expectation import Distribution, Freshness, Measure, Volume

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["no", "null", "~", "007", "a: b", "# x", "- x", "[x]", "line\nbreak", "\u2028", "\x85", "\ufeff", "1.5", "'\"", ""]
)
NUMBERS = st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def columns(draw: st.DrawFn, name: str) -> ColumnContract:
    kind = draw(st.sampled_from(ColumnType))
    bounds: list[object] = [None, None]
    if kind in ORDERED:
        values = st.dates() | st.datetimes() if kind in TEMPORAL else NUMBERS
        low = draw(st.none() | values)
        bounds = [low, None] if draw(st.booleans()) else [None, low]
    allowed: list[object] = []
    if kind in TEXTUAL | NUMERIC:
        allowed = draw(st.lists(TEXT if kind in TEXTUAL else NUMBERS, max_size=20))
    formats: list[str] = []
    if kind in NUMERIC:
        formats = draw(st.lists(st.sampled_from(sorted(NUMBER_FORMATS)), unique=True))
    elif kind in TEMPORAL:
        formats = draw(st.lists(st.sampled_from(["M/D/YYYY", "%d.%m.%Y", "D MMM YYYY"]), unique=True))
    return ColumnContract(
        name=name,
        type=kind,
        required=draw(st.booleans()),
        nullable=draw(st.booleans()),
        unique=draw(st.booleans()),
        minimum=bounds[0],  # type: ignore[arg-type]
        maximum=bounds[1],  # type: ignore[arg-type]
        pattern=draw(st.none() | st.sampled_from(["^a$", "\\d+: #", "x'\"", "null"])) if kind in TEXTUAL else None,
        allowed=tuple(allowed),  # type: ignore[arg-type]
        formats=tuple(formats),
        missing=tuple(code for code in draw(st.lists(TEXT, max_size=4)) if code not in allowed),
        indicator=draw(st.booleans()),
        description=draw(TEXT),
        severity=draw(
            st.sampled_from(Severity) | st.dictionaries(st.sampled_from(EXPECTATIONS), st.sampled_from(Severity))
        ),
    )


@st.composite
def table_parts(draw: st.DrawFn, columns: tuple[ColumnContract, ...]) -> dict[str, Any]:
    """References, freshness, volume and distributions that fit some columns."""
    names = [column.name for column in columns]
    hard = draw(st.sampled_from([Severity.WARN, Severity.STOP]))
    times = [column.name for column in columns if column.type in TEMPORAL]
    numbers = [column.name for column in columns if column.type in NUMERIC]
    reference = Reference(
        columns=(names[0],),
        dataset=draw(TEXT.filter(bool)),
        to=draw(st.sampled_from([(), ("id",), ("a b",)])),
        severity=draw(st.sampled_from(Severity)),
    )
    age = timedelta(microseconds=draw(st.integers(1, 10**13)))
    spread = [Distribution(column=names[-1], measure=Measure.NULLS, maximum=0.05, severity=hard)]
    spread += [Distribution(column=name, measure=Measure.QUANTILE, at=0.5, minimum=-1e300) for name in numbers]
    spread += [Distribution(column=names[0], measure=Measure.PSI, reference="costs@golden", maximum=1)]
    share = (1, 2.5) if names[0] in numbers else ("no", "x: y")
    spread += [Distribution(column=names[0], measure=Measure.SHARE, values=share, minimum=0.25, maximum=1.0)]
    return {
        "references": draw(st.sampled_from([(), (reference,)])),
        "freshness": tuple(Freshness(column=name, max_age=age, severity=hard) for name in times),
        "volume": draw(
            st.sampled_from([None, Volume(max_rows=7, max_change=0.2), Volume(min_rows=1, severity=Severity.WARN)])
        ),
        "distributions": tuple(draw(st.lists(st.sampled_from(spread), max_size=3))),
    }


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    names = draw(st.lists(TEXT.filter(lambda name: "__code" not in name), min_size=1, max_size=4, unique=True))
    key = draw(st.none() | st.lists(st.sampled_from(names), min_size=1, unique=True))
    made = tuple(draw(columns(name)) for name in names)
    keyed = {"keep": draw(st.sampled_from(KeyPolicy)), "severity": draw(st.sampled_from(Severity))}
    return Contract(
        name=draw(TEXT),
        columns=made,
        **draw(table_parts(made)),
        key=Key(columns=tuple(key), **keyed) if key else None,
        rules=tuple(
            Rule(name=name, expression=draw(st.sampled_from(["a > 0", "\"x y\" = '#'"])), message=draw(TEXT))
            for name in draw(st.lists(TEXT, max_size=2, unique=True))
        ),
        extra=draw(st.sampled_from(ExtraColumns)),
        max_quarantined=draw(st.floats(0, 1)),
        min_rows=draw(st.integers(0, 10**6)),
        description=draw(TEXT),
    )


@given(contracts())
def test_contract_dumped_and_parsed_is_the_same(contract: Contract) -> None:
    text = dump_contract(contract)
    assert parse_contract(text) == contract
    assert list(yaml.safe_load(text)["columns"]) == [column.name for column in contract.columns]


def test_contract_with_a_very_long_column_name_comes_back() -> None:
    contract = Contract(name="t", columns=(ColumnContract(name="why " * 400 + "?", type=ColumnType.STRING),))
    assert parse_contract(dump_contract(contract)) == contract


def test_contract_dumped_says_what_can_be_changed() -> None:
    contract = Contract(
        name="costs",
        columns=(
            ColumnContract(name="Cost (USD)", type=ColumnType.NUMBER, minimum=0, formats=("thousands",)),
            ColumnContract(name="paid", type=ColumnType.CATEGORY, allowed=("yes", "no"), nullable=False),
        ),
    )
    text = dump_contract(contract)
    assert "  Cost (USD):\n    type: number\n    min: 0\n    formats: [thousands]\n" in text
    assert '  paid:\n    type: category\n    nullable: false\n    allowed: ["yes", "no"]\n' in text
    assert "# key: [" in text
    assert "# rules:" in text
    assert all(word in text for word in ("max_quarantined", "mw data validate", "indicator", "M/D/YYYY"))
