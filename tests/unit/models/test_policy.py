from __future__ import annotations

from millwright.models.policy import NanPolicy, UnseenPolicy


def test_policies_are_written_as_people_write_them() -> None:
    assert [each.value for each in NanPolicy] == ["columns", "refuse", "allow", "default"]
    assert [each.value for each in UnseenPolicy] == ["allow", "refuse", "default"]
