"""Conformance of `EvaluationStore`: scorers and their versions."""
# ruff: noqa: S101

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import NotFoundError
from millwright.core.ids import ExperimentId
from millwright.core.records.evaluation import ScorerRecord
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores

_DEFAULT = ExperimentId("0")


class ScorerConformance(StoreConformance):
    """Scorers and their versions; the store under test is all stores."""

    def test_versions_are_counted_by_experiment_and_name(self, store: Stores) -> None:
        """They share an id, and come back as they were registered."""
        other = store.experiments.create(sample.experiment()).id
        register = store.evaluations.register_scorer
        first = register(_DEFAULT, "größe", '{"a": "ü"}', sample.NOON)
        assert first == ScorerRecord(
            id=first.id, experiment_id=_DEFAULT, name="größe", version=1, serialized='{"a": "ü"}',
            created_at=sample.NOON,
        )  # fmt: skip
        second = register(_DEFAULT, "größe", "{}", sample.moment(1))
        assert second == replace(first, version=2, serialized="{}", created_at=sample.moment(1))
        for name in ("größe", "x"):
            assert register(other, name, "{}", sample.NOON).version == 1
        assert store.evaluations.list_scorer_versions(_DEFAULT, "größe") == [first, second]
        assert store.evaluations.get_scorer(_DEFAULT, "größe") == second
        assert store.evaluations.get_scorer(_DEFAULT, "größe", 1) == first

    def test_list_has_the_latest_of_each(self, store: Stores) -> None:
        """By experiment, then name; of all experiments, of some, or of visible projects."""
        other = store.experiments.create(replace(sample.experiment(), project="other")).id
        for experiment_id, name in ((other, "a"), (_DEFAULT, "b"), (_DEFAULT, "a"), (_DEFAULT, "b")):
            store.evaluations.register_scorer(experiment_id, name, "{}", sample.NOON)

        def found(*ids: ExperimentId) -> list[tuple[str, str, int]]:
            records = store.evaluations.list_scorers(ids or None)
            return [(record.experiment_id, record.name, record.version) for record in records]

        of_default = [("0", "a", 1), ("0", "b", 2)]
        assert found() == found(other, _DEFAULT, _DEFAULT) == [*of_default, (other, "a", 1)]
        assert found(_DEFAULT) == of_default
        assert found(ExperimentId("nope")) == []
        assert store.evaluations.list_scorers([]) == []
        visible = store.evaluations.list_scorers(projects=["other"])
        assert [record.experiment_id for record in visible] == [other]
        assert store.evaluations.list_scorers([_DEFAULT], projects=["other"]) == []
        assert store.evaluations.list_scorers(projects=[]) == []

    def test_version_is_removed_alone_and_a_scorer_as_a_whole(self, store: Stores) -> None:
        """After that it begins anew."""
        made = [store.evaluations.register_scorer(_DEFAULT, "s", str(n), sample.NOON) for n in range(3)]
        store.evaluations.delete_scorer(_DEFAULT, "s", 2)
        assert store.evaluations.list_scorer_versions(_DEFAULT, "s") == [made[0], made[2]]
        with pytest.raises(NotFoundError, match="Scorer with name 's' and version 2 not found for experiment 0"):
            store.evaluations.delete_scorer(_DEFAULT, "s", 2)
        store.evaluations.delete_scorer(_DEFAULT, "s")
        anew = store.evaluations.register_scorer(_DEFAULT, "s", "{}", sample.NOON)
        assert anew.version == 1
        assert anew.id != made[0].id

    def test_scorer_without_versions_is_none(self, store: Stores) -> None:
        """Until it gets one again, under its id."""
        made = store.evaluations.register_scorer(_DEFAULT, "s", "{}", sample.NOON)
        store.evaluations.delete_scorer(_DEFAULT, "s", 1)
        assert store.evaluations.list_scorers() == []
        with pytest.raises(NotFoundError, match="Scorer with name 's' not found for experiment 0"):
            store.evaluations.list_scorer_versions(_DEFAULT, "s")
        assert store.evaluations.register_scorer(_DEFAULT, "s", "{}", sample.NOON) == made

    def test_unknown_scorer_and_version_are_errors(self, store: Stores) -> None:
        """That say which."""
        no_scorer = "Scorer with name 'no' not found for experiment 0"
        for ask in (
            lambda: store.evaluations.get_scorer(_DEFAULT, "no"),
            lambda: store.evaluations.get_scorer(_DEFAULT, "no", 1),
            lambda: store.evaluations.list_scorer_versions(_DEFAULT, "no"),
            lambda: store.evaluations.delete_scorer(_DEFAULT, "no"),
            lambda: store.evaluations.delete_scorer(_DEFAULT, "no", 1),
        ):
            with pytest.raises(NotFoundError, match=no_scorer):
                ask()
        store.evaluations.register_scorer(_DEFAULT, "s", "{}", sample.NOON)
        with pytest.raises(NotFoundError, match="Scorer with name 's' and version 9 not found for experiment 0"):
            store.evaluations.get_scorer(_DEFAULT, "s", 9)
        with pytest.raises(NotFoundError, match="No Experiment with id=nope exists"):
            store.evaluations.register_scorer(ExperimentId("nope"), "s", "{}", sample.NOON)

    def test_no_version_is_given_twice(self, store: Stores) -> None:
        """Whoever registers at the same time."""

        def register(at: int) -> int:
            return store.evaluations.register_scorer(_DEFAULT, "s", str(at), sample.NOON).version

        with ThreadPoolExecutor(4) as threads:
            given = list(threads.map(register, range(12)))
        assert sorted(given) == list(range(1, 13))
