"""Checks an event against the specification, as its own client library knows it.

Every object of the JSON is built from the client's class of that name: a field that the class lacks, a required one
that is missing, a text that is no UUID or time, and a schema URL that is not the class's own are refused. What the
client then writes must be what we wrote.
"""

from __future__ import annotations

import json
from typing import Any, get_args, get_origin, get_type_hints

import attr
from openlineage.client import facet_v2 as facets
from openlineage.client import serde
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.generated import column_lineage_dataset, parent_run, schema_dataset, symlinks_dataset, tags_run

FACETS = {
    "run": {
        "parent": parent_run.ParentRunFacet,
        "nominalTime": facets.nominal_time_run.NominalTimeRunFacet,
        "errorMessage": facets.error_message_run.ErrorMessageRunFacet,
        "processing_engine": facets.processing_engine_run.ProcessingEngineRunFacet,
        "tags": tags_run.TagsRunFacet,
    },
    "job": {
        "jobType": facets.job_type_job.JobTypeJobFacet,
        "sourceCode": facets.source_code_job.SourceCodeJobFacet,
        "sourceCodeLocation": facets.source_code_location_job.SourceCodeLocationJobFacet,
    },
    "dataset": {
        "schema": schema_dataset.SchemaDatasetFacet,
        "version": facets.dataset_version_dataset.DatasetVersionDatasetFacet,
        "dataSource": facets.datasource_dataset.DatasourceDatasetFacet,
        "datasetType": facets.dataset_type_dataset.DatasetTypeDatasetFacet,
        "symlinks": symlinks_dataset.SymlinksDatasetFacet,
        "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet,
    },
    "output": {"outputStatistics": facets.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet},
}


def check_event(line: bytes | str) -> dict[str, Any]:
    """Check an event, and give it back.

    Raises:
        AssertionError: It is not what the specification asks for; the message says where.
    """
    told: dict[str, Any] = json.loads(line)
    assert told["schemaURL"] == RunEvent._get_schema()
    event = RunEvent(
        eventTime=told["eventTime"],
        producer=told["producer"],
        eventType=RunState(told["eventType"]),
        run=Run(runId=told["run"]["runId"], facets=_facets(told["run"]["facets"], "run")),
        job=Job(
            namespace=told["job"]["namespace"], name=told["job"]["name"], facets=_facets(told["job"]["facets"], "job")
        ),
        inputs=[InputDataset(**_dataset(each)) for each in told["inputs"]],
        outputs=[
            OutputDataset(**_dataset(each), outputFacets=_facets(each["outputFacets"], "output"))
            for each in told["outputs"]
        ],
    )
    written = json.loads(serde.Serde.to_json(event))
    assert _without_empty(written) == _without_empty(told)
    return told


def check_lines(text: str) -> list[dict[str, Any]]:
    """Check a file of events; every run of it has at most one start, and nothing comes after its end."""
    assert not text or text.endswith("\n")
    told = [check_event(line) for line in text.splitlines()]
    ended: set[str] = set()
    begun: set[str] = set()
    for event in told:
        run, kind = event["run"]["runId"], event["eventType"]
        assert run not in ended, f"run {run} goes on after its end"
        assert kind != "START" or run not in begun, f"run {run} starts twice"
        (begun if kind == "START" else ended).add(run)
    return told


def _dataset(told: dict[str, Any]) -> dict[str, Any]:
    assert set(told) <= {"namespace", "name", "facets", "outputFacets"}
    return {"namespace": told["namespace"], "name": told["name"], "facets": _facets(told["facets"], "dataset")}


def _facets(told: dict[str, Any], of: str) -> dict[str, Any]:
    return {name: _built(value, FACETS[of][name]) for name, value in told.items()}


def _built(told: Any, kind: Any) -> Any:
    """An object of the client's class, its parts built alike."""
    if get_origin(kind) is list:
        return [_built(each, get_args(kind)[0]) for each in told]
    if get_origin(kind) is dict:
        return {name: _built(value, get_args(kind)[1]) for name, value in told.items()}
    members = [member for member in get_args(kind) if member is not type(None)]
    if members:
        return _built(told, members[0])
    if not attr.has(kind):
        assert isinstance(told, kind), f"expected {kind}, found {told!r}"
        return told
    if "_schemaURL" in told:
        assert told["_schemaURL"] == kind._get_schema()
    hints, arguments = get_type_hints(kind), {}
    names = {field.name: field for field in attr.fields(kind)}
    for name, value in told.items():
        assert name in names, f"{kind.__name__} has no field {name}"
        if name != "_schemaURL":
            arguments[names[name].alias] = _built(value, hints[name])
    return kind(**arguments)


def _without_empty(value: Any) -> Any:
    """The client writes fields that are empty by default; we don't."""
    if isinstance(value, dict):
        return {key: each for key, raw in value.items() if (each := _without_empty(raw)) not in ({}, [])}
    return [_without_empty(each) for each in value] if isinstance(value, list) else value
