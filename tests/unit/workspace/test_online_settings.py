from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from millwright.workspace.online_settings import OnlineSettings


def test_declaration_has_what_the_project_file_says():
    settings = OnlineSettings.model_validate(
        {"endpoint": "site", "model": "delay", "snapshot_after": "10m", "limit": 0.7, "window": 100}
    )

    declared = settings.declaration("delays")

    assert (declared.name, declared.subject, declared.alias) == ("delays", "online:delays", "online")
    assert (declared.snapshot_after, declared.limit, declared.window) == (timedelta(minutes=10), 0.7, 100)


@pytest.mark.parametrize("wrong", [{"window": 3}, {"snapshot_after": "soon"}, {"metrik": "mae"}])
def test_wrong_declaration_is_refused(wrong: dict[str, object]):
    with pytest.raises(ValidationError):
        OnlineSettings.model_validate({"endpoint": "site", "model": "delay", **wrong})
