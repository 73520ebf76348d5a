"""The language of filters: `metrics.auc > 0.8 and params.model = 'rf'`.

It is MLflow's, token for token, so that one language serves its clients and our own commands: comparisons joined by
AND, keys behind `metrics.`, `params.`, `tags.` or `attributes.`, back-ticks or double quotes around keys with odd
characters. Our own API adds OR, NOT and parentheses (`disjunctions=True`).

Path: `parse_filter` → `token.tokens` → `grammar.Parser` → `schema.FilterSchema.comparison` (is there such a field, does
it take that comparison?) → a `Condition`, which stores compile.
"""

from __future__ import annotations

from millwright.core.filter.grammar import parse_filter, parse_order
from millwright.core.filter.schema import FilterSchema
from millwright.core.filter.schemas import (
    EVALUATION_DATASETS,
    EXPERIMENTS,
    LOGGED_MODELS,
    MODEL_VERSIONS,
    REGISTERED_MODELS,
    RUNS,
    TRACES,
)

__all__ = [
    "EVALUATION_DATASETS",
    "EXPERIMENTS",
    "LOGGED_MODELS",
    "MODEL_VERSIONS",
    "REGISTERED_MODELS",
    "RUNS",
    "TRACES",
    "FilterSchema",
    "parse_filter",
    "parse_order",
]
