"""Cross-validation of one candidate with given parameters: all metrics at once, folds in parallel threads.

Each fold is fitted on one core (BLAS and OpenMP are held to one thread), so that the result doesn't depend on how many
run at once. Threads suit: the fitting is in compiled code that releases the interpreter, and processes would spend
seconds importing scikit-learn (measured on 3,000 rows, 2 cores: threads give 1.6 times the speed for forests and
support vector machines, 1.2 for boosting).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.evaluation.metrics.catalog import measure
from millwright.evaluation.metrics.sample import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from millwright.training.candidate.candidate import Candidate
    from millwright.training.folds import Folds
    from millwright.training.problem import Problem

_MAX_WARNINGS = 3
# scikit-learn says this of itself whenever one thread looks at the process's filters while another, in a forest's
# trees, has emptied them: it says nothing of the data, and differs from run to run, and with it a model's digest would.
_OF_THREADS = "`sklearn.utils.parallel.delayed` should be used with"


@dataclass(frozen=True, kw_only=True, slots=True)
class Scores:
    """What a cross-validation found.

    Attributes:
        mean: Mean over the folds of each metric that was defined in at least one.
        std: Standard deviation over the same folds.
        warnings: What the libraries warned of, at most three different texts.
    """

    mean: Mapping[str, float]
    std: Mapping[str, float]
    warnings: tuple[str, ...] = ()


class CrossValidator:
    """Scores candidates on one problem and one set of folds.

    Args:
        problem: What is learned.
        folds: The folds, the same for all.
        pool: Where folds run; its threads hold BLAS and OpenMP to one thread each (see `fold_pool`).
    """

    def __init__(self, problem: Problem, folds: Folds, pool: ThreadPoolExecutor) -> None:
        self._problem = problem
        self._folds = folds
        self._pool = pool

    def score(self, candidate: Candidate, params: Mapping[str, Any]) -> Scores:
        """Fits and judges once per fold.

        Raises:
            Exception: Whatever the estimator raises; ValueError when its answers are not finite.
        """
        with recorded_warnings() as texts:
            results = list(self._pool.map(lambda pair: self._fold(candidate, params, *pair), self._folds.pairs))
        names = {name: None for result in results for name in result}
        columns = {name: [result[name] for result in results if name in result] for name in names}
        return Scores(
            mean={name: float(np.mean(values)) for name, values in columns.items()},
            std={name: float(np.std(values)) for name, values in columns.items()},
            warnings=tuple(sorted(texts)[:_MAX_WARNINGS]),
        )

    def _fold(
        self, candidate: Candidate, params: Mapping[str, Any], fit: NDArray[np.int64], judge: NDArray[np.int64]
    ) -> dict[str, float]:
        problem = self._problem
        rows = problem.capped(fit, candidate.max_rows(params))
        estimator = candidate.build(params, problem.setting).fit(problem.matrix[rows], problem.goal[rows])
        return measure(_sample(problem, estimator, judge))


@contextmanager
def fold_pool(workers: int) -> Iterator[ThreadPoolExecutor]:
    """Threads for folds, each with BLAS and OpenMP held to one thread.

    OpenMP's limit belongs to the thread that sets it, hence the initializer. A library that is loaded after the limits
    were set escapes them, hence the imports.
    """
    import sklearn.ensemble
    import sklearn.linear_model
    import sklearn.svm  # noqa: F401 - loaded so that the limits below reach it
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with (
        threadpool_limits(1),
        ThreadPoolExecutor(workers, thread_name_prefix="fold", initializer=threadpool_limits, initargs=(1,)) as pool,
    ):
        yield pool


@contextmanager
def recorded_warnings() -> Iterator[set[str]]:
    """Catches warnings of all threads; fills the set it gives with their first lines when it ends."""
    texts: set[str] = set()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield texts
    told = ((warning.category.__name__, _first_line(warning.message)) for warning in caught)
    texts.update(f"{category}: {line}" for category, line in told if not line.startswith(_OF_THREADS))


def _first_line(message: Warning | str) -> str:
    return (str(message).strip().splitlines() or [""])[0][:200]


def _sample(problem: Problem, estimator: Any, judge: NDArray[np.int64]) -> Sample:
    truth, matrix = problem.goal[judge], problem.matrix[judge]
    if not problem.classes:
        found = np.asarray(estimator.predict(matrix), dtype=np.float64)
        _check_finite(found)
        return Sample(task=problem.task, y_true=truth, y_pred=found)
    shares = np.asarray(estimator.predict_proba(matrix), dtype=np.float64)
    _check_finite(shares)
    scores = np.zeros((len(judge), problem.classes))
    scores[:, estimator.classes_] = shares  # a class may be absent from the rows of one fold
    return Sample(
        task=problem.task,
        y_true=truth,
        y_pred=scores.argmax(axis=1),
        scores=scores,
        classes=tuple(range(problem.classes)),
    )


def _check_finite(values: NDArray[np.float64]) -> None:
    if not np.isfinite(values).all():
        msg = "it answers with numbers that are not finite"
        raise ValueError(msg)
