from __future__ import annotations

import numpy as np

from millwright.training.candidate.candidate import Candidate, Suggester
from millwright.training.candidate.catalog import classifiers
from millwright.training.search import Search


def _candidate(name: str) -> Candidate:
    def suggest(trial: Suggester) -> dict[str, float]:
        return {"x": trial.suggest_float("x", -1.0, 1.0)}

    return Candidate(name=name, build=lambda *_: None, suggest=suggest, defaults={"x": 0.5})


def test_every_candidate_is_tried_with_its_defaults_first() -> None:
    candidates = classifiers()
    search = Search(candidates, seed=0, greater_is_better=True)
    for candidate in candidates:
        proposal = search.propose()
        search.tell(proposal, 0.5)

        assert proposal.candidate is candidate
        assert proposal.params == candidate.defaults


def test_same_seed_and_scores_give_the_same_proposals() -> None:
    def run(seed: int) -> list[tuple[str, float]]:
        search = Search([_candidate("a"), _candidate("b")], seed=seed, greater_is_better=True)
        found = []
        for number in range(15):
            proposal = search.propose()
            search.tell(proposal, None if number == 4 else proposal.params["x"])
            found.append((proposal.candidate.name, proposal.params["x"]))
        return found

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_search_concentrates_on_the_better_candidate_and_value() -> None:
    search = Search([_candidate("good"), _candidate("bad")], seed=0, greater_is_better=False)
    tried = []
    for _ in range(60):
        proposal = search.propose()
        penalty = 0.0 if proposal.candidate.name == "good" else 10.0
        search.tell(proposal, penalty + abs(proposal.params["x"] + 0.7))
        tried.append(proposal)

    late = tried[30:]
    assert sum(proposal.candidate.name == "good" for proposal in late) > 24
    assert np.median([abs(p.params["x"] + 0.7) for p in late if p.candidate.name == "good"]) < 0.2


def test_candidate_begins_with_what_an_earlier_model_had() -> None:
    candidates = [_candidate("a"), _candidate("b")]
    search = Search(candidates, seed=0, greater_is_better=True, start=("b", {"x": -0.25, "unknown": 1}))
    found = []
    for _ in candidates:
        proposal = search.propose()
        search.tell(proposal, 0.5)
        found.append((proposal.candidate.name, dict(proposal.params)))
    assert found == [("a", {"x": 0.5}), ("b", {"x": -0.25})]
