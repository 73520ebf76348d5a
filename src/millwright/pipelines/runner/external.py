"""Files outside the stores that steps read: found, and known by their content."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, get_args

from millwright.core.credential import without_credentials
from millwright.core.digest import digest_file, digest_json
from millwright.core.errors import InvalidInputError, NotFoundError, closest
from millwright.core.ids import Digest
from millwright.pipelines.annotations import ExternalValue
from millwright.pipelines.hint import alternatives, strip
from millwright.pipelines.runner.address import identify

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class ExternalFile:
    """A file (or folder) as a parameter named it.

    Attributes:
        uri: As the user wrote it.
        path: Where it is; None for a URL.
        digest: Over its content; of a URL over what tells that its content changed. None when nothing does.
        why: Why there is no digest, in words.
    """

    uri: str
    path: Path | None
    digest: Digest | None
    why: str = ""

    @property
    def key(self) -> list[str | None]:
        """What of it belongs into a cache key: content and suffix, since readers go by the suffix."""
        return [self.digest, self.path.suffix.lower() if self.path else ""]

    @property
    def shown(self) -> str:
        """What it is called in records and messages."""
        return without_credentials(self.uri)


def find_external(value: Any, project_dir: Path, *, step: str, parameter: str) -> ExternalFile:
    """The file that a parameter's value names.

    Args:
        value: A path or URL: text, a `Path`, or what `mw.external` gave.
        project_dir: Where relative paths are looked for first; the present folder comes second.
        step: For messages.
        parameter: For messages.

    Raises:
        NotFoundError: There is no such file; the message names the closest in its folder.
        InvalidInputError: The value is no path, or the file cannot be read.
    """
    if not isinstance(value, str | os.PathLike | ExternalValue) or not str(value):
        raise InvalidInputError(f"Step '{step}' expects a path for '{parameter}', found {value!r}.")
    uri = str(value)
    scheme, separator, rest = uri.partition("://")
    if separator and scheme != "file":
        return ExternalFile(uri, None, *identify(uri))
    named = Path(rest if separator else uri).expanduser()
    places = [named] if named.is_absolute() else [project_dir / named, Path.cwd() / named]
    path = next((place.resolve() for place in places if place.exists()), None)
    if path is None:
        folders = [place.parent for place in places if place.parent.is_dir()]
        near = [
            entry.name for folder in folders for entry in folder.iterdir() if not entry.name.startswith((".", "__"))
        ]
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


def resolved(value: Any, files: Sequence[ExternalFile], hint: Any) -> Any:
    """What a step receives for a parameter that names files: absolute paths, and URLs as they are.

    Args:
        value: The argument: one name, or a list of them.
        files: What was found for it, in the same order.
        hint: The parameter's type; where it asks for a `Path` and not for text, paths are given as such.
    """
    if isinstance(value, list | tuple):
        wanted = next(iter(get_args(strip(hint))), Any)
        return type(value)(_as_asked(each, file, wanted) for each, file in zip(value, files, strict=True))
    return _as_asked(value, files[0], hint)


def _as_asked(value: Any, file: ExternalFile, hint: Any) -> Any:
    place = str(file.path or file.uri)
    if not isinstance(value, ExternalValue):
        return type(value)(place)
    kinds = alternatives(hint)
    asks_for_path = any(isinstance(kind, type) and issubclass(kind, PurePath) for kind in kinds)
    return Path(place) if asks_for_path and str not in kinds and file.path else place


def _digest_folder(folder: Path) -> Digest:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return digest_json([[path.relative_to(folder).as_posix(), digest_file(path)] for path in files])
