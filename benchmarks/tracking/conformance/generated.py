"""Requests made from a seed: runs with random metrics, parameters and tags, and random questions about them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from benchmarks.tracking.conformance.replay import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEYS = ("alpha", "beta", "gamma/x", "delta y")
_OPERATORS = ("=", "!=", "<", "<=", ">", ">=")
_TEXT_OPERATORS = ("=", "!=", "LIKE", "ILIKE")


def generated(seed: int, runs: int = 30, questions: int = 200) -> Iterator[Request]:
    """Requests; the same for the same seed.

    Args:
        seed: Of the random numbers.
        runs: How many runs are made.
        questions: How many searches and histories are asked for.
    """
    chance = random.Random(seed)
    yield _post("experiments/create", {"name": f"generated {seed}"}, {"e": "experiment_id"})
    for number in range(runs):
        body = {"experiment_id": "${e}", "start_time": 1000 + number, "run_name": f"run {number}"}
        yield _post("runs/create", body, {f"g{number}": "run.info.run_id"})
        yield _post("runs/log-batch", {"run_id": f"${{g{number}}}", **_batch(chance)})
        status = chance.choice(("FINISHED", "FAILED", "KILLED", "RUNNING"))
        yield _post("runs/update", {"run_id": f"${{g{number}}}", "status": status})
    for _ in range(questions):
        yield _question(chance, runs)


def _batch(chance: random.Random) -> dict[str, Any]:
    points = [
        {
            "key": chance.choice(_KEYS),
            "value": chance.choice((chance.randrange(10), chance.uniform(-3, 3), "NaN", "Infinity")),
            "timestamp": chance.randrange(1000),
            "step": chance.randrange(-2, 6),
        }
        for _ in range(chance.randrange(12))
    ]
    params = [{"key": key, "value": _word(chance)} for key in _KEYS if chance.random() < 0.6]
    tags = [{"key": key, "value": _word(chance)} for key in _KEYS if chance.random() < 0.6]
    return {"metrics": points, "params": params, "tags": tags}


def _word(chance: random.Random) -> str:
    return "".join(chance.choice("abAB_%1") for _ in range(chance.randrange(1, 4)))


def _question(chance: random.Random, runs: int) -> Request:
    if chance.random() < 0.2:
        query = {"run_id": f"${{g{chance.randrange(runs)}}}", "metric_key": chance.choice(_KEYS)}
        return Request(
            method="GET",
            path="metrics/get-history-bulk-interval",
            body={
                "run_ids": [query["run_id"]],
                "metric_key": query["metric_key"],
                "max_results": chance.randrange(1, 9),
            },
        )
    parts = [_comparison(chance) for _ in range(chance.randrange(3))]
    # Each field once: stock answers 500 to an order that names one twice.
    ordered = dict.fromkeys(_field(chance) for _ in range(chance.randrange(3)))
    order = [f"{each} {chance.choice(('ASC', 'DESC'))}" for each in ordered]
    body = {"experiment_ids": ["${e}"], "filter": " AND ".join(parts), "order_by": order}
    return _post("runs/search", {**body, "max_results": chance.choice((5, 1000))})


def _field(chance: random.Random) -> str:
    return f"{chance.choice(('metrics', 'params', 'tags'))}.`{chance.choice(_KEYS)}`"


def _comparison(chance: random.Random) -> str:
    kind, key = chance.choice(("metrics", "params", "tags", "start_time", "status")), chance.choice(_KEYS)
    if kind == "metrics":
        return f"metrics.`{key}` {chance.choice(_OPERATORS)} {chance.randrange(-2, 9)}"
    if kind == "start_time":
        return f"start_time {chance.choice(_OPERATORS)} {chance.randrange(995, 1035)}"
    if kind == "status":
        return f"status {chance.choice(('=', '!='))} 'FINISHED'"
    return f"{kind}.`{key}` {chance.choice(_TEXT_OPERATORS)} '{_word(chance)}'"


def _post(path: str, body: dict[str, Any], save: dict[str, str] | None = None) -> Request:
    return Request(method="POST", path=path, body=body, save=save or {})
