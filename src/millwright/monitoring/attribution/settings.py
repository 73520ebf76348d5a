"""How much is looked at."""

from __future__ import annotations

from dataclasses import dataclass

from millwright.core.errors import InvalidInputError


@dataclass(frozen=True, kw_only=True, slots=True)
class AttributionSettings:
    """How much is looked at to explain drift and a loss.

    Attributes:
        enabled: Whether anything is.
        features: At most so many features are named, ≥ 1.
        examples: At most so many rows are named for each, ≥ 0.
        min_rows: Parts of a feature with fewer labelled rows on a side are not judged, ≥ 2.
        permute: Whether importances are measured on the reference where the version's evaluation has none: the model
            is loaded, and asked for up to 20,000 rows.
        novelty: Whether rows that are new to the model are held against those that it errs on.
        false_discovery_rate: Over all parts of all features, between 0 and 1.

    Raises:
        InvalidInputError: A number outside its range.
    """

    enabled: bool = True
    features: int = 5
    examples: int = 5
    min_rows: int = 30
    permute: bool = True
    novelty: bool = True
    false_discovery_rate: float = 0.05

    def __post_init__(self) -> None:
        if self.features < 1 or self.examples < 0 or self.min_rows < 2:
            raise InvalidInputError(
                "Expected at least 1 feature, 0 examples and 2 rows, "
                f"found {self.features}, {self.examples} and {self.min_rows}."
            )
        if not 0 < self.false_discovery_rate < 1:
            raise InvalidInputError(f"Expected a false discovery rate in (0, 1), found {self.false_discovery_rate}.")
