from __future__ import annotations

from dataclasses import replace

from millwright.governance.comparison import compare_versions
from millwright.testing import sample


def test_version_is_the_same_as_itself(house, stores):
    version = house.register()
    found = compare_versions(version, version, stores=stores)
    assert found.same_package
    assert found.rows > 0
    assert found.changed_predictions == 0
    assert (found.params, found.metrics, found.datasets, found.features, found.code) == ((), (), (), (), ())
    assert "the same package" in next(found.to_text())


def test_differences_are_named_by_what_they_are_in(house, stores):
    first = house.register()
    second = replace(
        first,
        package=sample.digest(),
        metrics={**first.metrics, "new": 1.0},
        datasets=("other@7",),
        signature={},
        code=None,
    )
    found = compare_versions(first, second, stores=stores)
    assert not found.same_package
    assert [difference.what for difference in found.metrics] == ["new"]
    assert {difference.what for difference in found.datasets} >= {"other"}
    assert found.features
    assert found.code
    assert any("Predictions could not be compared" in note for note in found.notes)


def test_versions_by_source_are_compared_without_predictions(house, stores):
    first = replace(house.register(), package=None, source="s3://x")
    found = compare_versions(first, first, stores=stores)
    assert not found.same_package
    assert found.notes == ("Predictions were not compared: that needs two packages and a recorded sample.",)
