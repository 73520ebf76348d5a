from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConfigurationError, NotFoundError
from millwright.pipelines.secrets import SecretSource, open_provider

if TYPE_CHECKING:
    from pathlib import Path


def test_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", "k")
    provider = open_provider(SecretSource())
    assert provider.find("API_KEY") == "k"
    assert provider.find("API_KEY_2") is None
    assert "API_KEY" in provider.names()


def test_folder_has_a_file_for_each_secret(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("two words \n")
    (tmp_path / "..data").mkdir()
    provider = open_provider(SecretSource(provider="file", path=str(tmp_path)))
    assert provider.find("token") == "two words "
    assert provider.find("gone") is None
    assert provider.names() == ["token"]


def test_file_has_lines_of_names_and_values(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    file.write_text("# comment\n\nexport A=1=2\nB = 'b c'\nC=\"\n")
    provider = open_provider(SecretSource(provider="file", path=str(file)))
    assert [provider.find(name) for name in "ABCD"] == ["1=2", "b c", '"', None]
    assert provider.names() == ["A", "B", "C"]


def test_line_without_a_name_is_refused_and_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    file.write_text("A=1\nhunter2\n")
    with pytest.raises(ConfigurationError, match="line 2: expected NAME=value") as caught:
        open_provider(SecretSource(provider="file", path=str(file))).find("A")
    assert "hunter2" not in str(caught.value)


def test_files_need_a_path_that_is_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="expected the path"):
        open_provider(SecretSource(provider="file"))
    with pytest.raises(NotFoundError, match=r"gone\.env"):
        open_provider(SecretSource(provider="file", path=str(tmp_path / "gone.env"))).find("A")


def test_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="it is not UTF-8 text"):
        open_provider(SecretSource(provider="file", path=str(tmp_path))).find("token")


def test_unknown_provider_names_the_closest() -> None:
    with pytest.raises(ConfigurationError, match="no provider of secrets 'flie'") as caught:
        open_provider(SecretSource(provider="flie"))
    assert caught.value.hint == "Did you mean 'file'?"


def test_package_registers_a_provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "vault_plugin.py").write_text(
        "class Vault:\n"
        "    def __init__(self, source): self.url = source.options['url']\n"
        "    def find(self, name): return f'{name} of {self.url}'\n"
        "    def names(self): return []\n"
    )
    info = tmp_path / "vault_plugin-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: vault-plugin\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[millwright.secrets]\nvault = vault_plugin:Vault\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    provider = open_provider(SecretSource(provider="vault", options={"url": "v://1"}))
    assert provider.find("a") == "a of v://1"
