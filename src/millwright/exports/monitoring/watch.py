"""What is to be watched, and from which limits on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from millwright.core.errors import InvalidInputError

_TARGET = re.compile(r"[A-Za-z0-9._\[\]:-]+")
_DURATION = re.compile(r"[1-9]\d*[smhd]")


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchPlan:
    """Whose metrics are scraped, and what is worth an alert there.

    Attributes:
        servers: `host:port` of `mw server`, which tells what monitoring found.
        endpoints: `host:port` of `mw serve`, which tell of requests.
        scrape: How often they are asked, as Prometheus writes it.
        hold: How long something must hold before it is an alert.
        p99_s: Slowest request of a hundred, in seconds.
        error_share: Share of requests that fail, 0 to 1.
        unchecked: How old the newest report may be.
        lag_s: How long predictions may wait to be counted, in seconds.

    Raises:
        InvalidInputError: An address, a duration or a share is not of its form.
    """

    servers: tuple[str, ...] = ("localhost:8000",)
    endpoints: tuple[str, ...] = ("localhost:8080",)
    scrape: str = "15s"
    hold: str = "5m"
    p99_s: float = 0.5
    error_share: float = 0.01
    unchecked: str = "2d"
    lag_s: float = 900.0

    def __post_init__(self) -> None:
        for address in (*self.servers, *self.endpoints):
            if not _TARGET.fullmatch(address):
                raise InvalidInputError(f"Expected an address as HOST:PORT, found '{address}'.", hint="ml.example:8000")
        for duration in (self.scrape, self.hold, self.unchecked):
            if not _DURATION.fullmatch(duration):
                raise InvalidInputError(
                    f"Expected a duration as Prometheus writes it, found '{duration}'.", hint="30s, 5m, 12h or 2d"
                )
        if not (0 < self.error_share < 1 and self.p99_s > 0 and self.lag_s > 0):
            raise InvalidInputError(
                f"Expected a share of errors between 0 and 1, and limits above 0, found {self.error_share}, "
                f"{self.p99_s} and {self.lag_s}."
            )
