"""All candidates by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, closest
from millwright.training.candidate import (
    decision_tree,
    dummy,
    elastic_net,
    hist_gradient_boosting,
    k_nearest_neighbors,
    logistic_regression,
    naive_bayes,
    random_forest,
    ridge,
    support_vector_machine,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.models.task import Task
    from millwright.training.candidate.candidate import Candidate


def classifiers() -> tuple[Candidate, ...]:
    """The candidates for classes, quick ones first."""
    return (
        logistic_regression.CLASSIFIER,
        decision_tree.CLASSIFIER,
        naive_bayes.CLASSIFIER,
        k_nearest_neighbors.CLASSIFIER,
        hist_gradient_boosting.CLASSIFIER,
        random_forest.CLASSIFIER,
        support_vector_machine.CLASSIFIER,
    )


def regressors() -> tuple[Candidate, ...]:
    """The candidates for numbers, quick ones first."""
    return (
        ridge.REGRESSOR,
        elastic_net.REGRESSOR,
        decision_tree.REGRESSOR,
        k_nearest_neighbors.REGRESSOR,
        hist_gradient_boosting.REGRESSOR,
        random_forest.REGRESSOR,
        support_vector_machine.REGRESSOR,
    )


def baseline(task: Task) -> Candidate:
    """What every candidate has to beat."""
    return dummy.CLASSIFIER if task.is_classification else dummy.REGRESSOR


def select(task: Task, chosen: Iterable[str | Candidate] = ()) -> tuple[Candidate, ...]:
    """The candidates to try.

    Args:
        task: What is learned.
        chosen: Names or candidates; none means all of the task. Doubled ones count once.

    Raises:
        InvalidInputError: A name is unknown (the closest is named), or is not for this task.
    """
    known = {candidate.name: candidate for candidate in (classifiers() if task.is_classification else regressors())}
    picked: dict[str, Candidate] = {}
    for choice in chosen:
        name = choice if isinstance(choice, str) else choice.name
        if isinstance(choice, str) and name not in known:
            raise _unknown(name, task, known)
        picked[name] = known[name] if isinstance(choice, str) else choice
    return tuple(picked.values()) or tuple(known.values())


def _unknown(name: str, task: Task, known: Iterable[str]) -> InvalidInputError:
    others = {candidate.name for candidate in (*classifiers(), *regressors())}
    if name in others:
        return InvalidInputError(
            f"The candidate '{name}' is not for {task} targets.", hint=f"Known: {', '.join(sorted(known))}."
        )
    return InvalidInputError(f"There is no candidate '{name}'.", hint=closest(name, known))
