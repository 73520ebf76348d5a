from __future__ import annotations

import msgspec
import pytest

from millwright.governance.openlineage import facet as ours
from tiny.lineage_specification import FACETS

NAMES = {
    "ParentFacet": ("run", "parent"),
    "NominalTimeFacet": ("run", "nominalTime"),
    "ErrorMessageFacet": ("run", "errorMessage"),
    "ProcessingEngineFacet": ("run", "processing_engine"),
    "TagsFacet": ("run", "tags"),
    "JobTypeFacet": ("job", "jobType"),
    "SourceCodeLocationFacet": ("job", "sourceCodeLocation"),
    "SourceCodeFacet": ("job", "sourceCode"),
    "SchemaFacet": ("dataset", "schema"),
    "VersionFacet": ("dataset", "version"),
    "DataSourceFacet": ("dataset", "dataSource"),
    "TypeFacet": ("dataset", "datasetType"),
    "SymlinksFacet": ("dataset", "symlinks"),
    "ColumnLineageFacet": ("dataset", "columnLineage"),
    "OutputStatisticsFacet": ("output", "outputStatistics"),
}


def test_every_facet_is_compared() -> None:
    kinds = {name for name, kind in vars(ours).items() if isinstance(kind, type) and issubclass(kind, ours.Facet)}
    assert kinds - {"Facet"} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_facet_names_the_schema_and_the_fields_of_the_standard(name: str) -> None:
    of, key = NAMES[name]
    standard = FACETS[of][key]
    fields = {field.encode_name: field for field in msgspec.structs.fields(getattr(ours, name))}
    assert fields["_schemaURL"].default == standard._get_schema()
    assert set(fields) <= {field.name for field in standard.__attrs_attrs__}


def test_field_that_is_not_known_is_left_out() -> None:
    text = msgspec.json.encode(ours.OutputStatisticsFacet(row_count=3)).decode()
    assert '"rowCount":3' in text
    assert "size" not in text
