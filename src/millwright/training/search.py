"""The search for good parameters, over all candidates at once: Optuna's tree-structured Parzen estimator (TPE).

One study holds everything: which candidate to try is itself a categorical parameter, and each candidate's parameters
belong to its branch. Every candidate is tried once with its defaults first; then TPE weighs the branches by how they
did (Bergstra et al., "Algorithms for Hyper-Parameter Optimization", NeurIPS 2011).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from millwright.core.errors import MissingExtraError
from millwright.training.candidate.candidate import Candidate

if TYPE_CHECKING:
    from collections.abc import Sequence


_CHOICE = "candidate"
# Random trials before TPE decides, beyond one per candidate: enough to see more than the defaults of a few.
_EXTRA_RANDOM_TRIALS = 3


@dataclass(frozen=True, slots=True)
class Proposal:
    """What to try next."""

    candidate: Candidate
    params: Mapping[str, Any]
    number: int


class Search:
    """Proposes candidates and parameters, and learns from what they scored.

    Args:
        candidates: At least one, names unique.
        seed: The same seed and scores give the same proposals.
        greater_is_better: Which way scores improve.
        start: A candidate's name and the parameters with which it is tried first in place of its defaults; of a
            candidate that is not among them nothing is taken.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        *,
        seed: int,
        greater_is_better: bool,
        start: tuple[str, Mapping[str, Any]] | None = None,
    ) -> None:
        try:
            import optuna
        except ImportError as error:
            raise MissingExtraError("optuna", "sklearn") from error
        self._optuna = optuna
        self._candidates = {candidate.name: candidate for candidate in candidates}
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=len(candidates) + _EXTRA_RANDOM_TRIALS)
        verbosity = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        try:
            self._study = optuna.create_study(
                sampler=sampler, direction="maximize" if greater_is_better else "minimize"
            )
        finally:
            optuna.logging.set_verbosity(verbosity)
        for candidate in candidates:
            known = start[1] if start is not None and start[0] == candidate.name else {}
            first = {key: known.get(key, value) for key, value in candidate.defaults.items()}
            self._study.enqueue_trial(
                {_CHOICE: candidate.name, **{f"{candidate.name}.{key}": value for key, value in first.items()}}
            )
        self._trials: dict[int, Any] = {}

    def propose(self) -> Proposal:
        """What to try next; each proposal must be told its end before the next one."""
        trial = self._study.ask()
        name = trial.suggest_categorical(_CHOICE, list(self._candidates))
        candidate = self._candidates[name]
        params = candidate.suggest(_Branch(trial, name))
        self._trials[trial.number] = trial
        return Proposal(candidate, params, trial.number)

    def tell(self, proposal: Proposal, score: float | None) -> None:
        """How a proposal did; None when it failed."""
        trial = self._trials.pop(proposal.number)
        if score is None:
            self._study.tell(trial, state=self._optuna.trial.TrialState.FAIL)
        else:
            self._study.tell(trial, score)


class _Branch:
    """A trial seen from one candidate: parameter names carry the candidate's."""

    def __init__(self, trial: Any, name: str) -> None:
        self._trial = trial
        self._name = name

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """A number, to six digits: more would only lengthen records."""
        return float(f"{self._trial.suggest_float(f'{self._name}.{name}', low, high, log=log):.6g}")

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """An integer."""
        return int(self._trial.suggest_int(f"{self._name}.{name}", low, high, log=log))

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        """One of some choices."""
        return self._trial.suggest_categorical(f"{self._name}.{name}", choices)
