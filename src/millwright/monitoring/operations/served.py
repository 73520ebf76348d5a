"""What a server has counted of its requests, those that it refused, too: the log holds answered ones only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from millwright.core.errors import InvalidInputError
from millwright.evaluation.wording import counted


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedValues:
    """Requests that were refused for one kind of value in one column.

    Attributes:
        column: Its name; empty for what concerns a whole row, and with empty texts for kinds beyond those told apart.
        expected: What the signature takes, in words.
        found: The kind of value that came.
        requests: How many had one.
    """

    column: str
    expected: str
    found: str
    requests: int

    @property
    def text(self) -> str:
        """For people: `amount: expected a finite number, found text (70 requests)`."""
        shown = f"{self.column or 'the row'}: expected {self.expected}, found {self.found}"
        return f"{shown if self.expected else 'other values'} ({counted(self.requests, 'request')})"


@dataclass(frozen=True, kw_only=True, slots=True)
class ServedCounts:
    """Requests of an endpoint over a time.

    Attributes:
        requests: All of them.
        errors: Those that failed in the server (status 500 and above), sheds included.
        refused: Those that were refused for what they asked (status 400 to 499).
        shed: Those that were refused because there were too many.
        refused_values: For which values, the most frequent first: columns whose type has changed stand here, since no
            such row reaches the log. A request with several counts for each.
        since: When counting began; None when the server did.
        totals: What the server has counted since it began, by name, for the next look.

    Raises:
        InvalidInputError: More of a part than of the whole, or a count below 0.
    """

    requests: int
    errors: int
    refused: int = 0
    shed: int = 0
    refused_values: tuple[RefusedValues, ...] = ()
    since: datetime | None = None
    totals: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if min(self.requests, self.errors, self.refused, self.shed) < 0 or self.errors + self.refused > self.requests:
            raise InvalidInputError(
                "Expected counts of 0 or more, no more errors and refusals than requests, "
                f"found {self.requests} requests, {self.errors} errors and {self.refused} refusals."
            )

    @property
    def error_share(self) -> float | None:
        """Errors among the requests, 0 to 1; None without a request."""
        return self.errors / self.requests if self.requests else None

    @property
    def refused_share(self) -> float | None:
        """Refused ones among the requests, 0 to 1; None without a request."""
        return self.refused / self.requests if self.requests else None
