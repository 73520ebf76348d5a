from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConfigurationError
from millwright.workspace.settings import known_keys, load_settings

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, text: str, name: str = "millwright.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_settings_have_defaults_when_there_is_no_file(tmp_path):
    settings = load_settings(tmp_path)
    assert settings.serve.port == 8080
    assert settings.store == ""


def test_file_sets_values_and_leaves_the_others(tmp_path):
    settings = load_settings(write(tmp_path, "[serve]\nport = 9000\n"))
    assert (settings.serve.port, settings.serve.host) == (9000, "127.0.0.1")


def test_pyproject_section_is_read_when_there_is_no_file_of_ours(tmp_path):
    settings = load_settings(write(tmp_path, "[tool.millwright]\nactor = 'ann'\n", "pyproject.toml"))
    assert settings.actor == "ann"


def test_profile_wins_over_the_file(tmp_path):
    write(tmp_path, "store = 'sqlite:///a.db'\n[serve]\nport = 1\n[profile.team]\nstore = 'postgresql://h/db'\n")
    settings = load_settings(tmp_path, profile="team")
    assert (settings.store, settings.serve.port) == ("postgresql://h/db", 1)


def test_unknown_profile_names_the_closest(tmp_path):
    with pytest.raises(ConfigurationError, match=r"no profile 'taem'.*Did you mean 'team'"):
        load_settings(write(tmp_path, "[profile.team]\n"), profile="taem")


def test_environment_wins_over_the_file_without_hiding_its_neighbours(tmp_path, monkeypatch):
    monkeypatch.setenv("MILLWRIGHT_SERVE__PORT", "7000")
    settings = load_settings(write(tmp_path, "[serve]\nport = 9000\nhost = '0.0.0.0'\n"))
    assert (settings.serve.port, settings.serve.host) == (7000, "0.0.0.0")  # noqa: S104


def test_override_wins_over_everything(tmp_path, monkeypatch):
    monkeypatch.setenv("MILLWRIGHT_ACTOR", "env")
    assert load_settings(tmp_path, overrides={"actor": "flag"}).actor == "flag"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stroe = 'x'\n", "Unknown setting 'stroe'.*Did you mean 'store'"),
        ("[serv]\nport = 1\n", "Unknown setting 'serv'.*Did you mean 'serve'"),
        ("serve = 3\n", r"Setting 'serve'.*expected a table \[serve\]; found 3"),
        ("[serve]\nprot = 1\n", "Unknown setting 'serve.prot'.*Did you mean 'serve.port'"),
        ("[serve]\nport = 'eighty'\n", r"Setting 'serve.port'.*found 'eighty'"),
        ("[serve]\nport = 70000\n", "Setting 'serve.port'.*65535"),
        ("serve = ]", "not valid TOML"),
    ],
)
def test_wrong_file_is_refused_saying_what_and_where(tmp_path, text, message):
    with pytest.raises(ConfigurationError, match=message):
        load_settings(write(tmp_path, text))


def test_unknown_environment_variable_names_the_closest(tmp_path, monkeypatch):
    monkeypatch.setenv("MILLWRIGHT_STROE", "x")
    with pytest.raises(ConfigurationError, match=r"MILLWRIGHT_STROE.*Did you mean 'MILLWRIGHT_STORE'"):
        load_settings(tmp_path)


def test_every_setting_has_a_description():
    assert all(description for _, description in known_keys().values())
