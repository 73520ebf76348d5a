"""Recorded definitions as objects."""

from __future__ import annotations

from dataclasses import replace

import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.records.feature import FeatureKind
from millwright.data.features.definition import FeatureService, definition_digest
from millwright.data.features.definition_lookup import DefinitionLookup


class Files:
    """Stands for the files that definitions came from."""

    def __init__(self, *definitions: object) -> None:
        self.definitions = list(definitions)

    def load(self, record: object) -> list:
        del record
        return self.definitions


def python_view(history) -> object:
    return replace(history, transform=lambda phases: phases)


@pytest.mark.usefixtures("phases")
class TestDefinitionLookup:
    def test_definition_is_made_of_its_record(self, features, history) -> None:
        features.apply([FeatureService("delay", [history[["late"]]])])
        lookup = DefinitionLookup(features.stores.features)
        service = lookup.definition(FeatureKind.SERVICE, "delay")
        assert service.outputs == ("late",)
        assert definition_digest(service.features[0].view) == definition_digest(history)
        assert lookup.definition(FeatureKind.SERVICE, "delay") is service

    def test_older_version_is_found(self, features, history) -> None:
        features.apply([history])
        features.apply([replace(history, ttl=None)])
        lookup = DefinitionLookup(features.stores.features)
        assert lookup.definition(FeatureKind.VIEW, "history").ttl is None
        assert lookup.definition(FeatureKind.VIEW, "history", 1).ttl == history.ttl

    def test_python_function_is_loaded_from_its_file(self, features, history) -> None:
        view = python_view(history)
        features.apply([view], origin={"snapshot": "0" * 64, "entrypoint": "features.py"})
        assert features.lookup.definition(FeatureKind.VIEW, "history") is view
        again = python_view(history)
        assert DefinitionLookup(features.stores.features, Files(again)).definition(FeatureKind.VIEW, "history") is again
        with pytest.raises(NotFoundError, match="does not define it any more"):
            DefinitionLookup(features.stores.features, Files(history)).definition(FeatureKind.VIEW, "history")
        with pytest.raises(NotFoundError, match="recorded without its file"):
            DefinitionLookup(features.stores.features).definition(FeatureKind.VIEW, "history")

    def test_references_in_a_row_of_one_view_are_one_selection(self, features, history) -> None:
        features.apply([history])
        chosen = features.lookup.selections(["history:cost", "history:late"])
        assert [one.outputs for one in chosen] == [("cost", "late")]
        assert [one.outputs for one in features.lookup.selections("history:cost")] == [("cost",)]
        assert [one.outputs for one in features.lookup.selections(["history"])] == [("late", "cost")]
        assert [one.outputs for one in features.lookup.selections(history)] == [("late", "cost")]
        with pytest.raises(InvalidInputError, match="Expected a feature as view:feature"):
            features.lookup.selections([3])
        with pytest.raises(NotFoundError, match="no service 'delay'"):
            features.lookup.selections("delay")
