from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from millwright.governance.openlineage.dataset import DataDescriber
from millwright.governance.openlineage.event import Job, Run, RunEvent, WrittenDataSet
from tiny.lineage_specification import check_event

if TYPE_CHECKING:
    from unit.governance.openlineage.conftest import Chronicle


def describer(chronicle: Chronicle, tables: str = "") -> DataDescriber:
    return DataDescriber(
        chronicle.stores.datasets,
        tables_url=tables or str(chronicle.folder / "tables"),
        namespace="mill",
        bases=(chronicle.folder / "here", chronicle.folder),
    )


def checked(data: WrittenDataSet) -> dict:
    """The dataset as JSON, checked against the specification inside an event."""
    event = RunEvent(
        event_type="COMPLETE",
        event_time="2026-01-01T00:00:00Z",
        run=Run(run_id="01a1ff5d-3b7c-7107-86f3-7ebdd868e45c"),
        job=Job(namespace="n", name="j"),
        outputs=(data,),
    )
    return check_event(event.encoded())["outputs"][0]


def test_version_of_a_dataset_is_named_by_its_table(chronicle: Chronicle) -> None:
    found = checked(describer(chronicle).dataset(chronicle.dataset("visits")))
    place = chronicle.folder / "tables" / "visits"
    assert (found["namespace"], found["name"]) == ("file", str(place))
    facets = found["facets"]
    assert facets["dataSource"]["uri"] == place.as_uri()
    assert facets["version"]["datasetVersion"] == "1"
    assert [(f["name"], f["type"], f["ordinal_position"]) for f in facets["schema"]["fields"]] == [
        ("a", "Int64", 1),
        ("b", "String", 2),
    ]
    assert facets["symlinks"]["identifiers"] == [{"namespace": "mill", "name": "visits", "type": "TABLE"}]
    assert "columnLineage" not in facets
    assert found["outputFacets"]["outputStatistics"]["rowCount"] == 7


def test_table_elsewhere_is_named_by_its_whole_address(chronicle: Chronicle) -> None:
    record = chronicle.dataset("visits", table_uri="s3://lake/a/visits")
    found = describer(chronicle).dataset(record)
    assert found.key == ("s3://lake", "a/visits")


def test_columns_come_from_columns_of_the_tables_that_were_read(chronicle: Chronicle) -> None:
    raw = chronicle.dataset("raw.visits")
    lines = {"late": [f"{raw.ref}.planned.end", f"{raw.ref}.a"], "one": [], "lost": ["gone@3.a"]}
    record = chronicle.dataset("table", details={"column_lineage": lines})
    found = checked(describer(chronicle).dataset(record))["facets"]["columnLineage"]["fields"]
    place = str(chronicle.folder / "tables" / "raw.visits")
    assert found["late"]["inputFields"] == [
        {"namespace": "file", "name": place, "field": "planned.end"},
        {"namespace": "file", "name": place, "field": "a"},
    ]
    assert found["one"]["inputFields"] == found["lost"]["inputFields"] == []


def test_relative_source_is_where_the_file_is(chronicle: Chronicle) -> None:
    (chronicle.folder / "a.csv").write_text("x")
    assert describer(chronicle).source("a.csv", "d").name == str(chronicle.folder / "a.csv")
    assert describer(chronicle).source("b.csv", "d").name == str(chronicle.folder / "here" / "b.csv")


def test_credentials_of_a_source_are_told_to_nobody(chronicle: Chronicle) -> None:
    found = describer(chronicle).source("https://ann:secret@host/x.csv?sig=hidden&page=2", "d")
    text = msgspec.json.encode(found).decode()
    assert "secret" not in text
    assert "hidden" not in text
    assert found.key == ("https://host", "x.csv")


def test_version_that_is_not_there_is_none(chronicle: Chronicle) -> None:
    assert describer(chronicle).version("nothing@1") is None
    assert describer(chronicle).version("") is None
