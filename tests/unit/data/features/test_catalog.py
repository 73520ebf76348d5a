"""The catalogue of features: what is recorded, refused, retired, and made of it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.records.audit import NodeKind
from millwright.core.records.feature import FeatureKind
from millwright.data.features.entity import Feature
from millwright.data.features.on_demand_view import OnDemandFeatureView
from millwright.data.features.service import FeatureService


def told(changes) -> list[str]:
    return [f"{change.kind} {change.record.kind}/{change.record.ref}" for change in changes]


@pytest.mark.usefixtures("phases")
class TestFeatureCatalog:
    def test_definitions_are_recorded_with_what_they_are_made_of(self, features, history) -> None:
        changes = features.apply([FeatureService("delay", [history])])
        assert told(changes) == ["new entity/building@1", "new view/history@1", "new service/delay@1"]
        view = features.stores.features.get(FeatureKind.VIEW, "history")
        assert (view.owner, view.actor, view.sources) == ("site-team", "ada", ("dataset/phases", "entity/building"))
        audited = [one.subject for one in features.stores.audit.list() if one.action == "feature.apply"]
        assert sorted(audited) == ["entity/building@1", "service/delay@1", "view/history@1"]
        upstream = features.stores.lineage.upstream(NodeKind.FEATURE, "view/history@1")
        assert [(edge.source_kind, edge.source_id) for edge in upstream] == [
            (NodeKind.DATASET, "phases@1"),
            (NodeKind.FEATURE, "entity/building@1"),
        ]

    def test_second_time_changes_nothing(self, features, history) -> None:
        features.apply([history])
        before = len(features.stores.audit.list())
        assert told(features.apply([history])) == ["unchanged entity/building@1", "unchanged view/history@1"]
        assert len(features.stores.audit.list()) == before

    def test_version_is_new_only_when_values_may_differ(self, features, history) -> None:
        features.apply([history])
        described = replace_view(history, description="Of a building")
        assert told(features.apply([described]))[1] == "described view/history@1"
        assert features.lookup.find("history").description == "Of a building"
        assert told(features.apply([replace_view(history, ttl=None)]))[1] == "changed view/history@2"
        assert told(features.apply([history]))[1] == "changed view/history@3"

    def test_dry_run_records_nothing(self, features, history) -> None:
        assert told(features.apply([history], dry_run=True)) == ["new entity/building@1", "new view/history@1"]
        assert features.search() == []

    def test_what_is_not_given_any_more_stays_unless_pruned(self, features, history) -> None:
        features.apply([FeatureService("delay", [history])])
        assert told(features.apply([history]))[-1] == "absent service/delay@1"
        assert told(features.apply([history], prune=True))[-1] == "retired service/delay@1"
        assert [one.name for one in features.search()] == ["building", "history"]
        assert told(features.apply([FeatureService("delay", [history])]))[-1] == "described service/delay@1"

    def test_everything_that_contradicts_is_told_at_once(self, features, history) -> None:
        wrong = [
            replace_view(history, name="one", source="nothing"),
            replace_view(history, name="two", timestamp="late", features=[Feature("cost", "Int64")]),
            replace_view(history, name="three", features=[Feature("costs", "Float64")]),
        ]
        with pytest.raises(InvalidInputError) as error:
            features.apply(wrong)
        found = error.value.details["problems"]
        assert len(found) == 4
        for said in ("'one' reads a dataset that is not there", "'two' needs dates or moments in 'late'",
                     "'two:cost' is declared as Int64, but 'phases' has Float64",
                     "'three' needs a column 'costs', which 'phases' has not. Did you mean 'cost'?"):  # fmt: skip
            assert any(said in one for one in found)
        assert features.search() == []

    def test_two_that_differ_under_one_name_are_refused(self, features, history) -> None:
        with pytest.raises(InvalidInputError, match="two that differ of the view 'history'"):
            features.apply([history, replace_view(history, ttl=None)])

    def test_view_and_on_demand_view_share_their_names(self, features, history) -> None:
        features.apply([history])
        other = OnDemandFeatureView(
            "history", request=[Feature("x", "Int64")], features=[Feature("y", "Int64")], transform=lambda f: f
        )
        with pytest.raises(InvalidInputError, match="'history' is a on_demand_view and a view"):
            features.apply([other])

    def test_feature_that_a_recorded_service_uses_cannot_go(self, features, history) -> None:
        features.apply([FeatureService("delay", [history[["cost"]]])])
        smaller = replace_view(history, features=[Feature("late", "Int64")])
        with pytest.raises(InvalidInputError, match="'delay@1' uses history:cost, which would be gone"):
            features.apply([smaller])
        assert told(features.apply([smaller], prune=True))[1] == "changed view/history@2"

    def test_used_definition_is_not_retired(self, features, history) -> None:
        features.apply([FeatureService("delay", [history])])
        with pytest.raises(InvalidInputError, match="'history' is used by service/delay"):
            features.retire(FeatureKind.VIEW, "history")
        assert features.retire(FeatureKind.SERVICE, "delay").retired
        assert features.retire(FeatureKind.VIEW, "history").retired
        assert [one.action for one in features.stores.audit.list()].count("feature.retire") == 2

    def test_definitions_are_found_by_name_and_by_kind(self, features, history) -> None:
        features.apply([history])
        assert features.lookup.find("history").kind is FeatureKind.VIEW
        assert features.lookup.find("entity/building").kind is FeatureKind.ENTITY
        with pytest.raises(NotFoundError, match=r"no definition 'histori'\. Did you mean 'history'"):
            features.lookup.find("histori")

    def test_search_looks_at_all_words(self, features, history) -> None:
        features.apply([history])
        assert [one.name for one in features.search("COST site-team")] == ["history"]
        assert features.search("cost nobody") == []

    def test_view_with_keys_of_several_types_is_refused(self, features, history, datasets, phases) -> None:
        numbered = phases.with_columns(building=pl.lit(1))
        datasets.write(numbered, "visits", kind=datasets.get("phases").record.kind)
        with pytest.raises(InvalidInputError, match="keys of the entity 'building' have several types"):
            features.apply([history, replace_view(history, name="visits", source="visits")])


def replace_view(view, **changes) -> object:
    return replace(view, **changes)
