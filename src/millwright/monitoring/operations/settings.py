"""What an endpoint may take, and what its machine costs."""

from __future__ import annotations

from dataclasses import dataclass, field

from millwright.core.errors import InvalidInputError
from millwright.pipelines.annotations import Resources
from millwright.pipelines.runner.observation.price import Prices


@dataclass(frozen=True, kw_only=True, slots=True)
class OperationsSettings:
    """Limits; None does not judge. What is too slow or too dear is for people to say, so that nothing is by default.

    Attributes:
        p50_ms: Most milliseconds of half of the requests.
        p95_ms: Of 95 in 100.
        p99_ms: Of 99 in 100.
        error_share: Largest share of requests that failed, 0 to 1.
        refused_share: Largest share of requests that were refused for what they asked (status 400 to 499), 0 to 1.
        min_rows_per_second: Least throughput over the window.
        cost_per_thousand: Largest cost of a thousand predictions, in the currency of the prices.
        min_requests: With fewer requests no limit of latency, errors or refusals is judged: of 20 requests the 95th
            percentile is the slowest but one.
        resources: What answers: cores, memory and devices that are held all the time.
        prices: What they cost an hour.

    Raises:
        InvalidInputError: A limit outside its range.
    """

    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    error_share: float | None = None
    refused_share: float | None = None
    min_rows_per_second: float | None = None
    cost_per_thousand: float | None = None
    min_requests: int = 100
    resources: Resources = field(default_factory=Resources)
    prices: Prices = field(default_factory=Prices)

    def __post_init__(self) -> None:
        limits = (self.p50_ms, self.p95_ms, self.p99_ms, self.min_rows_per_second, self.cost_per_thousand)
        if any(limit is not None and not limit > 0 for limit in limits) or self.min_requests < 1:
            raise InvalidInputError(f"Expected limits of operation above 0, found {limits} and {self.min_requests}.")
        for what, share in (("errors", self.error_share), ("refusals", self.refused_share)):
            if share is not None and not 0 <= share <= 1:
                raise InvalidInputError(f"Expected a share of {what} between 0 and 1, found {share}.")
