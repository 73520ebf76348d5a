from __future__ import annotations

from datetime import timedelta

from millwright.automation.delivery import DeliveryOptions


def test_rest_doubles_up_to_its_limit_and_varies_by_half():
    options = DeliveryOptions(backoff_s=4, longest_backoff_s=60)
    for attempts, longest in ((1, 4), (2, 8), (3, 16), (5, 60), (100, 60), (10_000, 60)):
        rests = {options.rest(attempts) for _ in range(50)}
        assert len(rests) > 1
        assert timedelta(seconds=longest / 2) <= min(rests)
        assert max(rests) <= timedelta(seconds=longest)
