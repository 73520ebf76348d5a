"""When tensors count as drifted."""

from __future__ import annotations

from dataclasses import dataclass

from millwright.core.errors import InvalidInputError


@dataclass(frozen=True, kw_only=True, slots=True)
class EmbeddingSettings:
    """When tensors count as drifted.

    Attributes:
        enabled: Whether they are compared.
        max_shift: Tolerated distance of the means, in root mean square distances of the reference's rows from their
            own mean, > 0: 0.1 is what a tenth of a standard deviation is for numbers. Where chunks of the reference
            that are as large as the window differ by more, three deviations above their mean are tolerated.
        max_auc: Tolerated area under the domain classifier's ROC curve, 0.5 to 1, as for all features together.
        classify: Whether there is a domain classifier: it sees changes that leave the mean where it is, and takes a
            second of a processor.
        false_discovery_rate: Of the permutation tests over all tensor columns, 0 to 1; stricter than for numbers, for
            in many dimensions chance alone has size.
        min_rows: With fewer rows on a side nothing is decided.
        sample: At most so many rows of each side are looked at, drawn.

    Raises:
        InvalidInputError: A number outside its range.
    """

    enabled: bool = True
    max_shift: float = 0.1
    max_auc: float = 0.6
    classify: bool = True
    false_discovery_rate: float = 0.01
    min_rows: int = 50
    sample: int = 1_000

    def __post_init__(self) -> None:
        if not self.max_shift > 0:
            raise InvalidInputError(f"Expected a tolerated shift above 0, found {self.max_shift}.")
        if not 0.5 <= self.max_auc <= 1:
            raise InvalidInputError(f"Expected a tolerated area between 0.5 and 1, found {self.max_auc}.")
        if not 0 < self.false_discovery_rate < 1:
            raise InvalidInputError(f"Expected a false discovery rate in (0, 1), found {self.false_discovery_rate}.")
        if not 10 <= self.min_rows <= self.sample:
            raise InvalidInputError(
                f"Expected at least 10 rows, and a sample of at least as many, found {self.min_rows} and {self.sample}."
            )
