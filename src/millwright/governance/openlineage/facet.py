"""What can be said about runs, jobs and datasets: the specification's facets, field by field.

A field that is not known is left out; null is not the same there.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from millwright.version import __version__

PRODUCER = f"https://millwright.dev/versions/{__version__}"
ENGINE = "Millwright"
_FACETS = "https://openlineage.io/spec/facets"


def _schema(name: str, version: str) -> str:
    return f"{_FACETS}/{version}/{name}.json#/$defs/{name}"


class Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An object of the specification: fields in Python's spelling here, in the specification's in JSON."""


class Facet(Part, frozen=True, kw_only=True, rename="camel"):
    """What every facet says about itself: who wrote it, and which schema it follows."""

    producer: str = msgspec.field(name="_producer", default=PRODUCER)
    schema_url: str = msgspec.field(name="_schemaURL", default="")


class RunRef(Part, frozen=True, kw_only=True, rename="camel"):
    """A run, by its UUID."""

    run_id: str


class JobRef(Part, frozen=True, kw_only=True, rename="camel"):
    """A job, by its name."""

    namespace: str
    name: str


class RootRef(Part, frozen=True, kw_only=True, rename="camel"):
    """The run that everything began with."""

    run: RunRef
    job: JobRef


class ParentFacet(Facet, frozen=True, kw_only=True, rename="camel"):
    """The run that a run is part of."""

    run: RunRef
    job: JobRef
    root: RootRef
    schema_url: str = msgspec.field(name="_schemaURL", default=_schema("ParentRunFacet", "1-2-0"))


class NominalTimeFacet(Facet, frozen=True, kw_only=True, rename="camel"):
    """When a scheduled run was due."""

    nominal_start_time: str
    schema_url: str = msgspec.field(name="_schemaURL", default=_schema("NominalTimeRunFacet", "1-0-1"))


class ErrorMessageFacet(Facet, frozen=True, kw_only=True, rename="camel"):
    """Why a run failed."""

    message: str
    programming_language: str = "PYTHON"
    schema_url: str = msgspec.field(name="_schemaURL", default=_schema("ErrorMessageRunFacet", "1-0-1"))


class ProcessingEngineFacet(Facet, frozen=True, kw_only=True):
    """What executed a run."""

    version: str = __version__
    name: str = ENGINE
    adapter: str = msgspec.field(name="openlineageAdapterVersion", default=__version__)
    schema_url: str = msgspec.field(name="_schemaURL", default=_schema("ProcessingEngineRunFacet", "1-1-1"))


class Tag(Part, frozen=True, kw_only=True, rename="camel"):
    """One thing that is known of a run."""

    key: str
    value: str
    source: str = ENGINE.upper()


class TagsFacet(Facet, frozen=True, kw_only=True, rename="camel"):
    """Facts that have no facet of their own: trigger, executor, whether a result was taken from the cache."""

    tags: tuple[Tag, ...]
    schema_url: str = msgspec.field(name="_schemaURL", default=_schema("TagsRunFacet", "1-0-0"))


class JobTypeFacet(Facet, frozen=True, kw_only=True, rename="camel"):
    """What kind of job it is: `PIPELINE` or `STEP`."""

    job_type: str
    processing_type: str = "BATCH"
    integration: str = ENGINE.upper()
    schema_url: str = msgspec.field(name="_schemaURL", default=_schema("JobTypeJobFacet", "2-0-4"))


class SourceCodeLocationFacet(Facet, frozen=True, kw_only=True, rename="camel"):
    """Where the code of a job is kept."""

    type: str
    url: str
    repo_url: str | UnsetType = UNSET
    path: str | UnsetType = UNSET
    version: str | UnsetType = UNSET
    branch: str | UnsetType = UNSET
    schema_url: str = msgspec.field(name="_schemaURL", default=_schema("SourceCodeLocationJobFacet", "1-1-0"))


class SourceCodeFacet(Facet, frozen=True, kw_only=True, rename="camel"):
    """The code itself."""

    source_code: str
    language: str = "PYTHON"
    schema_url: str = msgspec.field(name="_schemaURL", default=_schema("SourceCodeJobFacet", "1-0-1"))


class SchemaField(Part, frozen=True, kw_only=True):
    """A column; its place counts from 1."""

    name: str
    type: str
    ordinal_position: int = msgspec.field(name="ordinal_position")


class SchemaFacet(Facet, frozen=True, kw_only=True, rename="camel"):
    """The columns of a dataset."""

    fields: tuple[SchemaField, ...]
    schema_url: str = msgspec.field(name="_schemaURL", default=_schema("SchemaDatasetFacet", "1-2-0"))


class VersionFacet(Facet, frozen=True, kw_only=True, rename="camel"):
    """Which version of a dataset it is."""

    dataset_version: str
    schema_url: str = msgspec.field(name="_schemaURL", default=_schema("DatasetVersionDatasetFacet", "1-0-1"))


class DataSourceFacet(Facet, frozen=True, kw_only=True, rename="camel"):
    """Where a dataset is."""

    name: str
    uri: str
    schema_url: str = msgspec.field(name="_schemaURL", default=_schema("DatasourceDatasetFacet", "1-0-1"))


class TypeFacet(Facet, frozen=True, kw_only=True, rename="camel"):
    """What a dataset is: `TABLE`, `FILE`, `MODEL`, `JOB_OUTPUT`."""

    dataset_type: str
    sub_type: str | UnsetType = UNSET
    schema_url: str = msgspec.field(name="_schemaURL", default=_schema("DatasetTypeDatasetFacet", "1-0-1"))


class Symlink(Part, frozen=True, kw_only=True, rename="camel"):
    """Another name of a dataset."""

    namespace: str
    name: str
    type: str


class SymlinksFacet(Facet, frozen=True, kw_only=True, rename="camel"):
    """The other names of a dataset: the one that people use for what stands in a folder."""

    identifiers: tuple[Symlink, ...]
    schema_url: str = msgspec.field(name="_schemaURL", default=_schema("SymlinksDatasetFacet", "1-0-1"))


class InputField(Part, frozen=True, kw_only=True, rename="camel"):
    """A column of a dataset that was read."""

    namespace: str
    name: str
    field: str


class FieldOrigin(Part, frozen=True, kw_only=True, rename="camel"):
    """The columns that one column was computed from; none for a constant."""

    input_fields: tuple[InputField, ...]


class ColumnLineageFacet(Facet, frozen=True, kw_only=True, rename="camel"):
    """What each column was computed from."""

    fields: dict[str, FieldOrigin]
    schema_url: str = msgspec.field(name="_schemaURL", default=_schema("ColumnLineageDatasetFacet", "1-2-0"))


class OutputStatisticsFacet(Facet, frozen=True, kw_only=True, rename="camel"):
    """How much was written."""

    row_count: int | UnsetType = UNSET
    size: int | UnsetType = UNSET
    schema_url: str = msgspec.field(name="_schemaURL", default=_schema("OutputStatisticsOutputDatasetFacet", "1-0-2"))
