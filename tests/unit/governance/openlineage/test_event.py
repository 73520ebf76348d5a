from __future__ import annotations

from millwright.governance.openlineage.event import DataSet, Job, Run, RunEvent, WrittenDataSet, present
from millwright.governance.openlineage.facet import VersionFacet
from tiny.lineage_specification import check_event

RUN = Run(run_id="01a1ff5d-3b7c-7107-86f3-7ebdd868e45c")


def test_event_is_one_line_of_the_specification() -> None:
    version = {"version": VersionFacet(dataset_version="3")}
    event = RunEvent(
        event_type="COMPLETE",
        event_time="2026-01-01T00:00:00Z",
        run=RUN,
        job=Job(namespace="mill", name="delays\n"),
        inputs=(DataSet(namespace="file", name="/a", facets=present(version)),),
        outputs=(WrittenDataSet(namespace="file", name="/b"),),
    )
    assert b"\n" not in event.encoded()
    found = check_event(event.encoded())
    assert found["inputs"][0]["facets"]["version"]["datasetVersion"] == "3"
    assert "outputFacets" in found["outputs"][0]
    assert "outputFacets" not in found["inputs"][0]


def test_data_is_told_apart_by_place_and_name() -> None:
    assert DataSet(namespace="a", name="b").key == WrittenDataSet(namespace="a", name="b").key


def test_facets_that_are_not_known_are_left_out() -> None:
    assert present({"version": None}) == {}
