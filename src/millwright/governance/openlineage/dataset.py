"""Datasets, sources and values between steps, described in the specification's words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.credential import without_credentials
from millwright.core.errors import NotFoundError
from millwright.governance.openlineage.event import DataSet, WrittenDataSet, present
from millwright.governance.openlineage.facet import (
    ColumnLineageFacet,
    DataSourceFacet,
    Facet,
    FieldOrigin,
    InputField,
    OutputStatisticsFacet,
    SchemaFacet,
    SchemaField,
    Symlink,
    SymlinksFacet,
    TypeFacet,
    VersionFacet,
)
from millwright.governance.openlineage.naming import DataName, data_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.records.dataset import DatasetVersionRecord
    from millwright.core.records.pipeline import ValueRef
    from millwright.storage.base import DatasetStore

COLUMN_LINEAGE = "column_lineage"  # in a record's details, as `data.lineage.column` keeps it


class DataDescriber:
    """Says what the specification wants to know about data.

    Args:
        datasets: The records of dataset versions.
        tables_url: Where tables are that records name by their folder.
        namespace: Of what has no place of its own: names of datasets, values between steps, models.
        bases: Folders where relative paths may begin; the first one that has the file counts.
    """

    def __init__(self, datasets: DatasetStore, *, tables_url: str, namespace: str, bases: tuple[Path, ...]) -> None:
        self._datasets = datasets
        self._tables_url = tables_url.rstrip("/")
        self._namespace = namespace
        self._bases = bases

    def version(self, ref: str) -> DatasetVersionRecord | None:
        """The record of `name@3`; None when there is none any more."""
        name, _, number = ref.rpartition("@")
        try:
            return self._datasets.get_version(name, int(number))
        except (NotFoundError, ValueError):
            return None

    def dataset(self, record: DatasetVersionRecord) -> WrittenDataSet:
        """A version of a dataset: named by its table, with the name that people use as a symlink."""
        name = self._table_name(record)
        facets = present(
            {
                "schema": SchemaFacet(
                    fields=tuple(
                        SchemaField(name=column.name, type=column.dtype, ordinal_position=place)
                        for place, column in enumerate(record.columns, 1)
                    )
                ),
                "version": VersionFacet(dataset_version=str(record.version)),
                "dataSource": DataSourceFacet(name=name.namespace, uri=self._table_url(record)),
                "datasetType": TypeFacet(dataset_type="TABLE", sub_type=record.kind.value.upper()),
                "symlinks": SymlinksFacet(
                    identifiers=(Symlink(namespace=self._namespace, name=record.dataset, type="TABLE"),)
                ),
                "columnLineage": self._columns(record.details.get(COLUMN_LINEAGE)),
            }
        )
        return WrittenDataSet(
            namespace=name.namespace,
            name=name.name,
            facets=facets,
            output_facets=present({"outputStatistics": OutputStatisticsFacet(row_count=record.rows)}),
        )

    def source(self, uri: str, digest: str) -> DataSet:
        """What was read from outside."""
        name = data_name(uri, self._base(uri))
        where = without_credentials(uri) if "://" in uri else Path(name.name).as_uri()
        facets = {
            "version": VersionFacet(dataset_version=digest),
            "dataSource": DataSourceFacet(name=name.namespace, uri=where),
            "datasetType": TypeFacet(dataset_type="FILE"),
        }
        return DataSet(namespace=name.namespace, name=name.name, facets=facets)

    def value(self, name: str, ref: ValueRef) -> WrittenDataSet:
        """A value between steps.

        Args:
            name: `pipeline.step.output`.
            ref: The value as it is stored.
        """
        facets = {
            "version": VersionFacet(dataset_version=str(ref.digest)),
            "datasetType": TypeFacet(dataset_type="JOB_OUTPUT", sub_type=ref.serializer.upper()),
        }
        sizes: dict[str, Facet] = {"outputStatistics": OutputStatisticsFacet(size=ref.size_bytes)}
        return WrittenDataSet(namespace=self._namespace, name=name, facets=facets, output_facets=sizes)

    def model(self, ref: str) -> WrittenDataSet:
        """A model version, `name@3`."""
        name, _, version = ref.rpartition("@")
        facets = {"version": VersionFacet(dataset_version=version), "datasetType": TypeFacet(dataset_type="MODEL")}
        return WrittenDataSet(namespace=self._namespace, name=f"models/{name}", facets=facets)

    def _columns(self, lines: Mapping[str, Sequence[str]] | None) -> ColumnLineageFacet | None:
        if not lines:
            return None
        names: dict[str, DataName | None] = {}
        fields = {}
        for column, sources in lines.items():
            found = []
            for source in sources:
                dataset, _, rest = source.rpartition("@")
                version, _, field = rest.partition(".")
                ref = f"{dataset}@{version}"
                if ref not in names:
                    record = self.version(ref)
                    names[ref] = None if record is None else self._table_name(record)
                if (name := names[ref]) is not None:
                    found.append(InputField(namespace=name.namespace, name=name.name, field=field))
            fields[column] = FieldOrigin(input_fields=tuple(found))
        return ColumnLineageFacet(fields=fields)

    def _table_url(self, record: DatasetVersionRecord) -> str:
        uri = record.table_uri
        whole = uri if "://" in uri or uri.startswith("/") else f"{self._tables_url}/{uri}"
        return without_credentials(whole) if "://" in whole else Path(whole).resolve().as_uri()

    def _table_name(self, record: DatasetVersionRecord) -> DataName:
        return data_name(self._table_url(record), self._bases[0])

    def _base(self, uri: str) -> Path:
        return next((base for base in self._bases if (base / uri).exists()), self._bases[0])
