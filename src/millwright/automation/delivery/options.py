"""How deliveries are made."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryOptions:
    """Limits of deliveries.

    Attributes:
        allow_private: Whether webhooks may lead to loopback and private addresses, and use plain HTTP.
        timeout_s: Longest time that one attempt may take, from the look-up of the name to the end of the answer.
        max_attempts: After so many failed ones a delivery is dead, ≥ 1.
        backoff_s: Rest after the first failed attempt; doubled after each further one.
        longest_backoff_s: The rest grows no further than this.
        max_response_bytes: So much of an answer is read.
        lease_s: So long after its death a delivering process holds up the others.
        poll_s: How often the worker looks for what is due.
        threads: How many webhooks are called at once.
    """

    allow_private: bool = False
    timeout_s: float = 10.0
    max_attempts: int = 12
    backoff_s: float = 5.0
    longest_backoff_s: float = 3600.0
    max_response_bytes: int = 64 << 10
    lease_s: float = 30.0
    poll_s: float = 0.5
    threads: int = 8

    def rest(self, attempts: int) -> timedelta:
        """The rest before the next attempt: it doubles each time, and varies by half so that nobody is stormed.

        Args:
            attempts: Made so far, ≥ 1.
        """
        longest = min(self.longest_backoff_s, self.backoff_s * 2.0 ** min(attempts - 1, 60))
        return timedelta(seconds=longest * random.uniform(0.5, 1.0))  # noqa: S311 - it only spreads the load
