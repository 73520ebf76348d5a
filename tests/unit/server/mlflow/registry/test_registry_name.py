from __future__ import annotations

import pytest

from millwright.core.records.model import ModelStage
from millwright.server.mlflow.failure import WireError
from millwright.server.mlflow.registry.registry_name import (
    alias_name,
    model_name,
    stage_of,
    tag,
    tag_key,
    version_number,
)


def test_names_of_all_languages_are_fine():
    for name in ("größe", "a b", "a.b", "a%2Fb"):
        assert model_name(name) == name
    assert alias_name("größe_1-a") == "größe_1-a"
    assert alias_name("latest", reserved=False) == "latest"


@pytest.mark.parametrize("key", ["../x", "/x", "a//b", "x$", "\n", "."])
def test_keys_that_read_like_other_paths_are_refused(key):
    with pytest.raises(WireError, match="Invalid value"):
        tag_key(key)


def test_tags_have_limits():
    assert tag("k" * 250, "v" * 100_000)[0] == "k" * 250
    for key, value in (("k" * 251, ""), ("k", "v" * 100_001), ("mlflow.prompt.text", "v" * 100_001)):
        with pytest.raises(WireError, match="exceeds"):
            tag(key, value)
    with pytest.raises(WireError, match="NUL"):
        tag("k", "\0")


def test_versions_are_integers():
    assert [version_number(text) for text in ("1", " 2 ", "-3")] == [1, 2, -3]
    for text in ("x", "1.5", "", "9" * 40, "1_0"):
        with pytest.raises(WireError, match="must be an integer"):
            version_number(text)


def test_stages_are_known_by_any_case():
    assert stage_of("pRODUCTION") is ModelStage.PRODUCTION
    with pytest.raises(WireError, match="Invalid Model Version stage: x"):
        stage_of("x")
