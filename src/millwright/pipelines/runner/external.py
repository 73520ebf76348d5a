"""Files outside the stores that steps read: found, and known by their content."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from millwright.core.digest import digest_file, digest_json
from millwright.core.errors import InvalidInputError, NotFoundError, closest
from millwright.core.ids import Digest


@dataclass(frozen=True, slots=True)
class ExternalFile:
    """A file (or folder) as a parameter named it.

    Attributes:
        uri: As the user wrote it.
        path: Where it is; None for a URL.
        digest: Over its content; None for a URL, whose content is not known beforehand.
    """

    uri: str
    path: Path | None
    digest: Digest | None

    @property
    def key(self) -> list[str | None]:
        """What of it belongs into a cache key: content and suffix, since readers go by the suffix."""
        return [self.digest, self.path.suffix.lower() if self.path else ""]


def find_external(value: Any, project_dir: Path, *, step: str, parameter: str) -> ExternalFile:
    """The file that a parameter's value names.

    Args:
        value: A path or URL, as text or `Path`.
        project_dir: Where relative paths are looked for first; the present folder comes second.
        step: For messages.
        parameter: For messages.

    Raises:
        NotFoundError: There is no such file; the message names the closest in its folder.
        InvalidInputError: The value is no path, or the file cannot be read.
    """
    if not isinstance(value, str | os.PathLike) or not str(value):
        raise InvalidInputError(f"Step '{step}' expects a path for '{parameter}', found {value!r}.")
    uri = str(value)
    scheme, separator, rest = uri.partition("://")
    if separator and scheme != "file":
        return ExternalFile(uri, None, None)
    named = Path(rest if separator else uri).expanduser()
    places = [named] if named.is_absolute() else [project_dir / named, Path.cwd() / named]
    path = next((place.resolve() for place in places if place.exists()), None)
    if path is None:
        near = (entry.name for place in places if place.parent.is_dir() for entry in place.parent.iterdir())
        looked = " or ".join(dict.fromkeys(str(place.parent.resolve()) for place in places))
        raise NotFoundError(
            f"Step '{step}' reads '{uri}' ({parameter}), and there is no such file in {looked}.",
            hint=closest(named.name, near) if named.name else "",
            details={"step": step, "parameter": parameter, "path": uri},
        )
    try:
        return ExternalFile(uri, path, _digest_folder(path) if path.is_dir() else digest_file(path))
    except OSError as error:
        raise InvalidInputError(
            f"Step '{step}' cannot read '{uri}' ({parameter}): {error.strerror}.", hint="Check its permissions."
        ) from error


def _digest_folder(folder: Path) -> Digest:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return digest_json([[path.relative_to(folder).as_posix(), digest_file(path)] for path in files])
