from __future__ import annotations


def test_datasets_are_listed(control):
    assert "visits@1 source 300" in control.page("/datasets")


def test_dataset_lists_its_versions(control):
    assert "visits@1" in control.page("/datasets/visits")


def test_version_shows_schema_source_and_what_came_of_it(control):
    page = control.page("/datasets/visits/1")
    assert "crew String" in page
    assert "visits.csv" in page
    assert "Models late-visit@1" in page


def test_quarantine_shows_its_reasons(control):
    from datetime import UTC, datetime

    from millwright.core.ids import Digest
    from millwright.core.records.dataset import ColumnSchema, DatasetKind, DatasetVersionRecord
    from millwright.server.pages.dataset import _reasons

    record = DatasetVersionRecord(
        dataset="visits.quarantine",
        version=1,
        kind=DatasetKind.QUARANTINE,
        digest=Digest("0" * 64),
        table_uri="x",
        table_version=0,
        rows=10,
        columns=(ColumnSchema(name="x", dtype="String"),),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        details={"of": "visits@1", "reasons": {"crew: unknown": 3, "days: below 0": 7}},
    )
    rows = _reasons(record).tables[0].rows
    assert [(row[0], row[1].share, row[1].text) for row in rows] == [
        ("days: below 0", 0.7, "7"),
        ("crew: unknown", 0.3, "3"),
    ]


def test_profile_of_a_version_hides_suspected_personal_data(tmp_path):
    from datetime import UTC, datetime

    import polars as pl

    from millwright.core.ids import Digest
    from millwright.core.records.dataset import DatasetKind, DatasetVersionRecord
    from millwright.data.profiles import store_profile
    from millwright.server.pages.dataset import _profile
    from millwright.storage.catalog import open_stores

    stores = open_stores(
        records_url=f"sqlite:///{tmp_path / 'records.db'}",
        artifacts_url=str(tmp_path / "artifacts"),
        predictions_url=str(tmp_path / "predictions"),
    )
    frame = pl.DataFrame({"size": [1.0, None, 3.0], "mail": ["a@example.org", "b@example.org", "c@example.org"]})
    record = DatasetVersionRecord(
        dataset="visits",
        version=1,
        kind=DatasetKind.TABLE,
        digest=Digest("0" * 64),
        table_uri="x",
        table_version=0,
        rows=3,
        columns=(),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        profile=store_profile(frame, stores.artifacts),
    )
    (section,) = _profile(stores, record)
    rows = section.tables[0].rows
    assert (rows[0][0], rows[0][3].text, rows[0][5]) == ("size", "1", "1 to 3, mean 2")
    assert rows[1][5].text == "hidden: personal data?"
    assert "example.org" not in repr(section)
    stores.close()
