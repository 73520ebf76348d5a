from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import ContractViolationError, InvalidInputError
from millwright.core.records.dataset import DatasetKind
from millwright.steps.ingestion import ingest
from millwright.steps.validation import _state, validate

if TYPE_CHECKING:
    from millwright.data.datasets.dataset import Dataset


@pytest.fixture
def contract(workspace):
    return str(workspace.folder / "contract.yaml")


@pytest.fixture
def ingested(ctx, workspace):
    def make(text: str) -> Dataset:
        path = workspace.folder / "in.csv"
        path.write_text(text, encoding="utf-8")
        return ingest(ctx, str(path), "arrivals")

    return make


def test_rows_that_hold_come_out_typed(ctx, ingested, contract):
    valid = validate(ctx, ingested("load,crew,days,late\n0.5,a,3,yes\n1.5,b,4,no\n"), contract)
    assert valid.schema["load"] == pl.Float64
    assert valid.schema["days"].is_integer()
    assert valid["days"].to_list() == [3, 4]
    assert ctx.facts["quarantined"] == 0
    assert "quarantine" not in ctx.facts


def test_rows_that_break_the_contract_become_a_dataset_with_their_reasons(ctx, ingested, contract, workspace):
    data = ingested("load,crew,days,late\n0.5,a,3,yes\n1.5,z,4,no\nx,a,-1,no\n0.1,b,9,yes\n")
    valid = validate(ctx, data, contract)
    assert valid.height == 2
    assert (ctx.facts["rows"], ctx.facts["valid"], ctx.facts["quarantined"]) == (4, 2, 2)
    assert ctx.facts["quarantine"] == "arrivals.quarantine@1"
    assert sum(ctx.facts["reasons"].values()) >= 2
    quarantine = workspace.datasets.get("arrivals.quarantine")
    assert quarantine.record.kind is DatasetKind.QUARANTINE
    assert quarantine.record.details["of"] == "arrivals@1"
    assert quarantine.read().height == 2


def test_what_could_not_be_judged_is_noted(ctx, ingested, contract):
    with Path(contract).open("a", encoding="utf-8") as file:
        file.write("volume: {max_change: 20%}\n")
    data = ingested("load,crew,days,late\n0.5,a,3,yes\n1.5,b,4,no\n")
    validate(ctx, data, contract)
    (noted,) = ctx.facts["unjudged"]
    assert noted.endswith("of the former version: there is no former version")


def test_most_frequent_reason_is_told_first(ctx, ingested, contract):
    rows = "0.5,z,3,yes\n0.5,y,3,yes\n0.5,x,3,yes\n0.5,a,-3,yes\n" + "0.5,a,3,no\n" * 6
    validate(ctx, ingested(f"load,crew,days,late\n{rows}"), contract)
    counts = list(ctx.facts["reasons"].values())
    assert counts == sorted(counts, reverse=True)
    assert "crew" in next(iter(ctx.facts["reasons"]))


def test_too_many_bad_rows_stop_the_run_after_the_quarantine_is_written(ctx, ingested, contract, workspace):
    data = ingested("load,crew,days,late\n0.5,a,3,yes\n1.5,z,4,no\n1.5,y,4,no\n1.5,x,4,no\n")
    with pytest.raises(ContractViolationError):
        validate(ctx, data, contract)
    assert workspace.datasets.get("arrivals.quarantine@1").read().height == 3
    assert ctx.facts["quarantined"] == 3


def test_version_that_holds_a_published_contract_records_it(ctx, ingested, contract, workspace):
    published = workspace.contracts.publish(Path(contract).read_text(encoding="utf-8"))
    data = ingested("load,crew,days,late\n0.5,a,3,yes\n1.5,b,4,no\n")
    validate(ctx, data, contract)
    assert ctx.facts["holds"] == published.ref
    assert workspace.datasets.get(data.record.ref).record.contract == published.ref
    assert validate(ctx, data, published=published.ref).height == 2


def test_published_contract_is_named_with_its_version(ctx, ingested, contract, workspace):
    published = workspace.contracts.publish(Path(contract).read_text(encoding="utf-8"))
    data = ingested("load,crew,days,late\n0.5,a,3,yes\n")
    with pytest.raises(InvalidInputError, match=f"The latest is {published.ref}"):
        validate(ctx, data, published=published.name)
    for words in ({}, {"contract": contract, "published": published.ref}):
        with pytest.raises(InvalidInputError, match="Expected a contract's file or a published contract"):
            validate(ctx, data, **words)


def test_contract_that_asks_for_freshness_is_looked_at_every_hour(ctx, workspace):
    text = "name: t\ncolumns: {at: date}\n"
    (workspace.folder / "plain.yaml").write_text(text, encoding="utf-8")
    (workspace.folder / "fresh.yaml").write_text(f"{text}freshness: [{{column: at, max_age: 2d}}]", encoding="utf-8")
    states = [_state(ctx, {"contract": name, "published": ""}) for name in ("plain.yaml", "fresh.yaml")]
    assert states == ["", ctx.clock.now().strftime("%Y-%m-%dT%H")]
