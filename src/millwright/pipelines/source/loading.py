"""Finds the pipeline in a user's file."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, MillwrightError, NotFoundError, PipelineDefinitionError, closest
from millwright.core.ids import new_id
from millwright.pipelines.pipeline import Pipeline
from millwright.pipelines.source.scope import ImportScope

if TYPE_CHECKING:
    from collections.abc import Callable

_DEFAULT_FILE = "pipeline.py"


def load_pipeline(path: str | Path, name: str | None = None) -> Pipeline:
    """Load a pipeline from a file (or an installed module), fresh each time.

    The file's folder is where its helper modules are imported from, as if Python ran the file. Nothing of it stays in
    `sys.modules`; the pipeline carries its modules with it.

    Args:
        path: `file.py`, `file.py:name`, a folder with a `pipeline.py`, or `package.module:name`.
        name: Which pipeline, by its variable or its name; needed when the file has several.

    Raises:
        NotFoundError: There is no such file, module or pipeline.
        InvalidInputError: The file is no Python, holds no pipeline, or several and none is named.
        PipelineDefinitionError: The file raises when it is loaded; the message says in which line.
    """
    place, name = _parse(str(path), name)
    file = _file(place)
    scope = ImportScope(_import_root(file) if file else Path.cwd())
    with scope.active():
        module = _load(scope, file) if file else _guarded(lambda: _import(place), place, scope.root)
        chosen = _choose(module, place, name)
        return replace(chosen, scope=scope, origin=f"{file or place}:{chosen.name}")


def load_module(path: str | Path) -> tuple[ModuleType, Path]:
    """Run a Python file, fresh each time; see `load_pipeline`.

    Args:
        path: The file.

    Returns:
        Its module, and the file's whole path. Imports inside its functions work only while it is loaded.

    Raises:
        NotFoundError: There is no such file.
        InvalidInputError: It is no Python.
        PipelineDefinitionError: It raises when it is loaded; the message says in which line.
    """
    file = _file(str(path))
    if file is None:
        raise NotFoundError(f"There is no file '{path}'.", hint="Name a .py file.")
    scope = ImportScope(_import_root(file))
    with scope.active():
        return _load(scope, file), file


def _parse(path: str, name: str | None) -> tuple[str, str | None]:
    head, colon, tail = path.rpartition(":")
    if colon and name is None and tail and not {"/", "\\"} & set(tail) and head:
        return head, tail
    return path, name


def _file(place: str) -> Path | None:
    path = Path(place).expanduser()
    if path.is_dir():
        path /= _DEFAULT_FILE
    if path.is_file():
        if path.suffix != ".py":
            raise InvalidInputError(
                f"Expected a Python file, found '{path.name}'.", hint="Name the .py file that holds the pipeline."
            )
        return path.resolve()
    if path.suffix == ".py" or "/" in place or "\\" in place:
        near = [entry.name for entry in path.parent.glob("*.py")] if path.parent.is_dir() else []
        hint = closest(path.name, near) or f"Look where you are: {Path.cwd()}"
        raise NotFoundError(f"There is no file '{place}'.", hint=hint)
    return None


def _import_root(file: Path) -> Path:
    folder = file.parent
    while (folder / "__init__.py").is_file():
        folder = folder.parent
    return folder


def _load(scope: ImportScope, file: Path) -> ModuleType:
    """The module of a file: inside a package by its dotted name, otherwise compiled from its text."""
    if scope.root != file.parent:
        dotted = ".".join(file.relative_to(scope.root).with_suffix("").parts)
        return _guarded(lambda: importlib.import_module(dotted), str(file), scope.root)
    module = ModuleType(f"_millwright_{new_id()[-12:]}_{file.stem}")
    module.__file__ = str(file)
    module.__package__ = ""
    scope.add(module.__name__, module)
    if file.stem.isidentifier() and file.stem not in sys.stdlib_module_names:
        scope.add(file.stem, module)  # for helpers that import the pipeline's file

    def run() -> ModuleType:
        exec(compile(file.read_bytes(), str(file), "exec", dont_inherit=True), vars(module))  # noqa: S102 - the user's
        return module

    return _guarded(run, str(file), scope.root)


def _import(dotted: str) -> ModuleType:
    if importlib.util.find_spec(dotted.partition(".")[0]) is None:
        raise NotFoundError(
            f"There is no file or module '{dotted}'.", hint="Name a file (pipeline.py) or an installed module."
        )
    return importlib.import_module(dotted)


def _guarded(load: Callable[[], ModuleType], place: str, root: Path) -> ModuleType:
    """Run a user's module; what it raises is told with its line."""
    try:
        return load()
    except MillwrightError as error:
        error.details.setdefault("at", _line(error, root, place))
        raise
    except SyntaxError as error:
        where = f"{Path(error.filename or place).name}:{error.lineno}"
        raise InvalidInputError(f"{where}: {error.msg}.", hint="The file is not valid Python.") from error
    except (Exception, SystemExit) as error:
        hint = "Install it, or put it next to the file." if isinstance(error, ModuleNotFoundError) else ""
        text = str(error).rstrip(".")
        raise PipelineDefinitionError(
            f"{_line(error, root, place)}: {type(error).__name__}{': ' if text else ''}{text}.", hint=hint
        ) from error


def _line(error: BaseException, root: Path, place: str) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [
        frame for frame in frames if Path(frame.filename).is_relative_to(root) and "site-packages" not in frame.filename
    ]
    return f"{Path(theirs[-1].filename).name}:{theirs[-1].lineno}" if theirs else Path(place).name


def _choose(module: ModuleType, place: str, name: str | None) -> Pipeline:
    file = Path(place).name
    found = {key: value for key, value in vars(module).items() if isinstance(value, Pipeline)}
    if not found:
        raise InvalidInputError(
            f"'{file}' holds no pipeline.", hint="Write one: a function decorated with @mw.pipeline that calls steps."
        )
    if name is not None:
        chosen = next((value for key, value in found.items() if name in {key, value.name}), None)
        if chosen is None:
            raise NotFoundError(f"'{file}' has no pipeline '{name}'.", hint=closest(name, found))
        return chosen
    # Imported ones count only in a file that has none of its own.
    own = {key: value for key, value in found.items() if value.function.__module__ == module.__name__} or found
    distinct = {id(value): key for key, value in own.items()}
    if len(distinct) > 1:
        names = sorted(distinct.values())
        raise InvalidInputError(
            f"'{file}' holds {len(names)} pipelines: {', '.join(names)}.", hint=f"Say which: {file}:{names[0]}"
        )
    return next(iter(own.values()))
