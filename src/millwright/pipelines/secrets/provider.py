"""Where secrets come from: the environment, files, or a package that registers another place."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Protocol

from millwright.core.errors import ConfigurationError, NotFoundError, closest
from millwright.core.extension import entry_points

GROUP = "millwright.secrets"
_BUILT_IN: Mapping[str, str] = {"env": f"{__name__}:EnvironmentSecrets", "file": f"{__name__}:FileSecrets"}


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretSource:
    """Which place, as the settings name it.

    Attributes:
        provider: `env`, `file`, or the name of an entry point in the group `millwright.secrets`.
        path: For `file`: a folder with a file for each secret, or a file of `NAME=value` lines.
        options: For other providers: whatever they read.
    """

    provider: str = "env"
    path: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


class SecretProvider(Protocol):
    """A place that secrets come from. An entry point gives a callable: `SecretSource` → this."""

    def find(self, name: str) -> str | None:
        """The value of a name; None when there is none."""
        ...

    def names(self) -> list[str]:
        """The names that it has, for messages; empty when it does not say."""
        ...


class EnvironmentSecrets:
    """Environment variables."""

    def __init__(self, source: SecretSource) -> None:
        del source

    def find(self, name: str) -> str | None:
        """See `SecretProvider.find`."""
        return os.environ.get(name)

    def names(self) -> list[str]:
        """See `SecretProvider.names`."""
        return list(os.environ)


class FileSecrets:
    """A folder with one file for each secret (as Docker and Kubernetes mount them), or a file of `NAME=value` lines.

    Read when asked, so that a secret that was replaced is taken anew. The end of the last line is no part of a secret
    in a folder. In a file, empty lines, lines that begin with `#` and the word `export` are passed over, and quotes
    around a value are taken off.
    """

    def __init__(self, source: SecretSource) -> None:
        if not source.path:
            raise ConfigurationError(
                "Secrets from files: expected the path of a folder or file, found none.",
                hint="Set path in [secrets], such as path = '/run/secrets'.",
            )
        self._path = Path(source.path)

    def find(self, name: str) -> str | None:
        """See `SecretProvider.find`."""
        if not self._path.is_dir():
            return self._lines().get(name)
        file = self._path / name
        return _read(file).rstrip("\r\n") if file.is_file() else None

    def names(self) -> list[str]:
        """See `SecretProvider.names`."""
        if self._path.is_dir():
            return [file.name for file in self._path.iterdir() if file.is_file()]
        return list(self._lines())

    def _lines(self) -> dict[str, str]:
        if not self._path.is_file():
            raise NotFoundError(f"There is no file or folder of secrets '{self._path}'.", hint="Set path in [secrets].")
        found: dict[str, str] = {}
        for number, line in enumerate(_read(self._path).splitlines(), start=1):
            text = line.strip().removeprefix("export ")
            if not text or text.startswith("#"):
                continue
            name, has_value, value = text.partition("=")
            if not has_value:
                # The line itself is not shown: it may be a secret.
                raise ConfigurationError(f"{self._path}, line {number}: expected NAME=value, found no '='.")
            found[name.strip()] = _unquoted(value.strip())
        return found


def open_provider(source: SecretSource) -> SecretProvider:
    """The place that the settings name.

    Raises:
        ConfigurationError: There is none of that name, or it lacks a setting.
    """
    make: Callable[[SecretSource], SecretProvider]
    built_in = _BUILT_IN.get(source.provider)
    if built_in is not None:
        module, _, name = built_in.partition(":")
        make = getattr(import_module(module), name)
        return make(source)
    plugins = {point.name: point for point in entry_points(GROUP)}
    plugin = plugins.get(source.provider)
    if plugin is None:
        raise ConfigurationError(
            f"There is no provider of secrets '{source.provider}'.",
            hint=closest(source.provider, [*_BUILT_IN, *plugins]),
        )
    make = plugin.load()
    return make(source)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else (error.strerror or "it fails")
        raise ConfigurationError(f"The secrets in '{path}' cannot be read: {reason}.") from None


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value
