"""Evaluation datasets and scorers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from millwright.core.ids import ExperimentId
    from millwright.core.records.evaluation import (
        EvaluationDatasetRecord,
        ExampleDraft,
        ExampleRecord,
        Merged,
        ScorerRecord,
    )
    from millwright.core.records.search import Page, Query


class EvaluationStore(ABC):
    """Evaluation datasets with their examples, and scorers with their versions.

    What a method has written is durable when it returns. Two writers of one dataset or one scorer wait for each
    other: no example comes twice, and no version number is given twice.
    """

    @abstractmethod
    def create_dataset(self, record: EvaluationDatasetRecord) -> None:
        """Add a dataset with its tags and experiments; it has no examples and no schema yet.

        Raises:
            AlreadyExistsError: The id is taken.
        """

    @abstractmethod
    def get_dataset(self, dataset_id: str) -> EvaluationDatasetRecord:
        """A dataset.

        Raises:
            NotFoundError: There is none of that id.
        """

    @abstractmethod
    def delete_dataset(self, dataset_id: str) -> None:
        """Remove a dataset with its examples; nothing happens when it is not there."""

    @abstractmethod
    def search_datasets(
        self, query: Query, *, experiment_ids: Sequence[ExperimentId] = (), projects: Sequence[str] | None = None
    ) -> Page[EvaluationDatasetRecord]:
        """Datasets that fit, the newest first without an order; what is equal in it is sorted by id, descending.

        Args:
            query: Attributes are `name`, `created_by`, `last_updated_by`, `created_time` and `last_update_time`; the
                names and the two times can be sorted by.
            experiment_ids: Only those that one of these experiments uses; all without any.
            projects: Only those all of whose experiments belong to these projects, and of those without experiments
                the ones of these projects; None for all.

        Raises:
            InvalidInputError: The token is not of this query, or a field is not one that can be searched or sorted by.
        """

    @abstractmethod
    def put_tags(self, dataset_id: str, tags: Mapping[str, str]) -> None:
        """Set tags, replacing those of the same keys.

        Raises:
            NotFoundError: There is no such dataset.
        """

    @abstractmethod
    def delete_tag(self, dataset_id: str, key: str) -> None:
        """Remove a tag; nothing happens when there is none, or no such dataset."""

    @abstractmethod
    def link(self, dataset_id: str, experiment_ids: Sequence[ExperimentId], at: datetime) -> EvaluationDatasetRecord:
        """Say that experiments use a dataset; gives it as it is then.

        Raises:
            NotFoundError: There is no such dataset, or no such experiment.
        """

    @abstractmethod
    def unlink(self, dataset_id: str, experiment_ids: Sequence[ExperimentId], at: datetime) -> EvaluationDatasetRecord:
        """Say that experiments no longer use a dataset; those that did not are passed over.

        Raises:
            NotFoundError: There is no such dataset.
        """

    @abstractmethod
    def put_examples(self, dataset_id: str, drafts: Sequence[ExampleDraft], at: datetime) -> Merged:
        """Add examples, in order; one with the inputs of another is merged into it (see `ExampleDraft`).

        The dataset gets a new digest, the moment, the last draft's user that is known, and a schema that knows all
        fields.

        Raises:
            NotFoundError: There is no such dataset.
        """

    @abstractmethod
    def list_examples(self, dataset_id: str, *, limit: int, after: str | None = None) -> Page[ExampleRecord]:
        """A dataset's examples in the order in which they were added; none when there is no such dataset.

        Args:
            dataset_id: The dataset.
            limit: Most to give, ≥ 1.
            after: The token of the page before.

        Raises:
            InvalidInputError: The token is none of this dataset.
        """

    @abstractmethod
    def delete_examples(self, dataset_id: str, example_ids: Sequence[str]) -> int:
        """Remove examples; gives how many there were."""

    @abstractmethod
    def register_scorer(self, experiment_id: ExperimentId, name: str, serialized: str, at: datetime) -> ScorerRecord:
        """Add a version to a scorer, which is made with the first one.

        Raises:
            NotFoundError: There is no such experiment.
        """

    @abstractmethod
    def list_scorers(
        self, experiment_ids: Sequence[ExperimentId] | None = None, *, projects: Sequence[str] | None = None
    ) -> list[ScorerRecord]:
        """The latest version of every scorer of active experiments, by experiment, then name.

        Args:
            experiment_ids: Of these only; None for all.
            projects: Of experiments of these projects only; None for all.
        """

    @abstractmethod
    def list_scorer_versions(self, experiment_id: ExperimentId, name: str) -> list[ScorerRecord]:
        """Every version of a scorer, the oldest first.

        Raises:
            NotFoundError: There is none.
        """

    @abstractmethod
    def get_scorer(self, experiment_id: ExperimentId, name: str, version: int | None = None) -> ScorerRecord:
        """A version of a scorer; the latest when None.

        Raises:
            NotFoundError: There is no such scorer, or no such version.
        """

    @abstractmethod
    def delete_scorer(self, experiment_id: ExperimentId, name: str, version: int | None = None) -> None:
        """Remove a version of a scorer; all of them with None, and then a new one begins with 1 and another id.

        Raises:
            NotFoundError: There is no such scorer, or no such version.
        """
