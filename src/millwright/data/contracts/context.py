"""What a contract is judged by beside the table itself: the time, the former version, other datasets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from millwright.core.clock import SystemClock
from millwright.core.errors import InvalidInputError


@dataclass(frozen=True, kw_only=True, slots=True)
class ValidationContext:
    """What a validation may look at.

    Attributes:
        now: The moment of validation, aware; the machine's time when None.
        resolve: The rows of a dataset by its reference, such as `buildings@3`; None where there are no datasets.
        former: The rows of the version before this one; None when there is none.
    """

    now: datetime | None = None
    resolve: Callable[[str], pl.LazyFrame] | None = None
    former: pl.LazyFrame | None = None

    @property
    def moment(self) -> datetime:
        """The moment of validation."""
        return self.now or SystemClock().now()

    def rows_of(self, dataset: str, *, needed_by: str) -> pl.LazyFrame:
        """The rows of another dataset.

        Args:
            dataset: Its reference.
            needed_by: What in the contract asks for it, for the message.

        Raises:
            InvalidInputError: There is nothing to look it up in.
            NotFoundError: There is no such dataset.
        """
        if self.resolve is None:
            raise InvalidInputError(
                f"The contract looks into the dataset '{dataset}' ({needed_by}), and no datasets were given.",
                hint="Validate in a workspace, or give a ValidationContext with resolve.",
            )
        return self.resolve(dataset)
