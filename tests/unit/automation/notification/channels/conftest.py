from __future__ import annotations

import pytest

from millwright.automation.delivery.options import DeliveryOptions
from millwright.automation.notification.channels.channel import Sending
from millwright.testing import sample


@pytest.fixture
def sending() -> Sending:
    options = DeliveryOptions(allow_private=True, timeout_s=2.0)
    return Sending(delivery_id="0" * 32, now=sample.NOON, options=options)
