from __future__ import annotations

import pytest
from pydantic import ValidationError

from millwright.workspace.model_settings import ModelSettings
from millwright.workspace.settings import load_settings


def test_code_is_not_loaded_unless_the_project_file_says_so(tmp_path):
    assert load_settings(tmp_path).models.allow_code is False
    (tmp_path / "millwright.toml").write_text("[models]\nallow_code = true\n", encoding="utf-8")
    assert load_settings(tmp_path).models.allow_code is True


def test_unknown_setting_is_refused():
    with pytest.raises(ValidationError):
        ModelSettings(allow_pickle=True)
