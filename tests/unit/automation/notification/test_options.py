from __future__ import annotations

from millwright.automation.notification import NotificationOptions


def test_channels_may_lead_to_private_addresses():
    assert NotificationOptions().delivery.allow_private
