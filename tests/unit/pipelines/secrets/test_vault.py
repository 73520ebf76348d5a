from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.pipelines.runner.watch import Watch
from millwright.pipelines.secrets import Secrets, SecretSource, open_provider

if TYPE_CHECKING:
    from pathlib import Path


def test_secret_is_given_and_masked_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", "hunter2")
    secrets = Secrets()
    assert secrets.masks.mask("hunter2") == "hunter2"
    assert secrets.get("API_KEY") == "hunter2"
    assert secrets.masks.mask("hunter2") == "***"


def test_missing_secret_is_an_error_that_names_the_closest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_API_KEY", "x")
    with pytest.raises(NotFoundError, match="The secret 'MODEL_API_KEYS' is not there") as caught:
        Secrets().get("MODEL_API_KEYS")
    assert "Did you mean 'MODEL_API_KEY'?" in caught.value.hint
    assert "[secrets]" in caught.value.hint


def test_missing_secret_does_not_list_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNRELATED_THING", "x")
    monkeypatch.setenv("_", "/bin/mw")
    with pytest.raises(NotFoundError) as caught:
        Secrets().get("zzz_gone")
    assert "UNRELATED" not in str(caught.value)
    assert "Known" not in caught.value.hint


def test_empty_secret_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", "")
    with pytest.raises(NotFoundError, match="is empty"):
        Secrets().get("API_KEY")


@pytest.mark.parametrize("name", ["", "../etc/passwd", "a/b", ".hidden", "a b", "a" * 300, None, 3])
def test_what_is_no_name_is_refused(name: Any) -> None:
    with pytest.raises(InvalidInputError, match="Expected a secret's name"):
        Secrets().get(name)


@pytest.mark.parametrize("path", ["secrets", "secrets/TOKEN"])
def test_file_of_secrets_is_no_input_that_a_step_should_declare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "TOKEN").write_text("TOKEN=hunter2")
    os.utime(tmp_path / "secrets" / "TOKEN", (1, 1))
    secrets = Secrets(open_provider(SecretSource(provider="file", path=path)))
    with Watch("use", project_dir=tmp_path, strict=True) as watch:
        assert "hunter2" in secrets.get("TOKEN")
        with pytest.raises(NotFoundError):
            secrets.get("TOKENS")
    assert watch.findings == ()
    with Watch("use", project_dir=tmp_path) as watch:  # what the step reads of it itself is an input
        (tmp_path / "secrets" / "TOKEN").read_text()
    assert watch.unseen == ("read secrets/TOKEN",)
