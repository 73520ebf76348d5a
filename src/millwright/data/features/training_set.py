"""Training sets: entity rows with the features that were known at their moments, and what they were made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingSetRecord:
    """What a training set was made of.

    Attributes:
        service: The feature service, as `delay@2`; empty when features were named one by one.
        features: The columns that were added, in their order.
        definitions: Every view that took part and the service, as `view/history@3`; those that are not recorded
            without a version.
        datasets: The dataset versions that were read, as `phases@4`; the entity rows' own first.
        timestamp: The column with the moments.
        rows: How many there are.
        matched: View → for how many of them it had a value that counts.
        keys: Column of the entity rows that holds a key → its Polars type.
        request: Column that on-demand views wanted of the entity rows → its Polars type.
        columns: Column that was added → the feature that it is, as `history:late`.
    """

    service: str
    features: tuple[str, ...]
    definitions: tuple[str, ...]
    datasets: tuple[str, ...]
    timestamp: str
    rows: int
    matched: Mapping[str, int] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    request: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class TrainingSet:
    """Entity rows with features.

    Attributes:
        frame: Every entity row, in the order given, with the features behind its own columns; null where nothing was
            known.
        record: What it was made of.
    """

    frame: pl.DataFrame
    record: TrainingSetRecord
