"""A packaged function, loaded: its code was run, and answers."""

from __future__ import annotations

import shutil
import traceback
import weakref
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.core.errors import ConfigurationError, ModelFailedError
from millwright.core.temporary_folder import new_temporary_folder
from millwright.models.function.content import FunctionContent
from millwright.models.function.isolation import IsolatedModules
from millwright.models.function.python_model import ModelContext, PythonModel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray


class LoadedFunction:
    """An instance of the packaged class, with a folder of its artifacts; both go with this object.

    Args:
        data: What `FunctionContent.to_bytes` gave. Its code is run: whoever calls this trusts it.

    Attributes:
        data: The same bytes.
        content: What they hold.

    Raises:
        UnsafeArtifactError, IntegrityError: The archive is damaged or crafted.
        ConfigurationError: A package that the code needs is not installed.
        ModelFailedError: The code raises when it is loaded.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.content = FunctionContent.from_bytes(data)
        _check_packages(self.content.packages)
        folder = new_temporary_folder("model")
        modules = IsolatedModules(self.content.code)
        self._finish = weakref.finalize(self, _clean, modules, folder)
        try:
            _write(self.content.artifacts, folder)
            self._model = _made(self.content, modules, folder)
        except BaseException:
            self._finish()
            raise

    def answer(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        """What the function answers for some rows, as an array of numbers.

        Args:
            frame: n ≥ 1 rows, as `PythonModel.predict` is promised them.

        Returns:
            float64 of whatever shape it answers.

        Raises:
            ModelFailedError: It raises, or answers something else than numbers.
        """
        try:
            found = self._model.predict(frame, self.content.params)
        except Exception as error:
            raise _failed(self.content, "predicts", error) from error
        if isinstance(found, (pl.Series, pl.DataFrame)):
            found = found.to_numpy()
        try:
            return np.asarray(found, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ModelFailedError(
                f"Expected numbers from {self.content.name}.predict, found {type(found).__name__}: {error}."
            ) from error


def _check_packages(packages: Mapping[str, str]) -> None:
    missing = []
    for name, wanted in packages.items():
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(f"{name}=={wanted}")
    if missing:
        raise ConfigurationError(
            f"The model's code needs packages that are not installed: {', '.join(missing)}.",
            hint=f"Install them with: pip install {' '.join(missing)}",
        )


def _made(content: FunctionContent, modules: IsolatedModules, folder: Path) -> PythonModel:
    try:
        found: Any = modules.get(content.module)
        for part in content.name.split("."):
            found = getattr(found, part)
        made = found()
        made.load(ModelContext(artifacts=folder, params=content.params))
    except Exception as error:
        raise _failed(content, "is loaded", error) from error
    if not isinstance(made, PythonModel):
        raise ModelFailedError(f"Expected {content.name} to be a PythonModel, found a {type(made).__name__}.")
    return made


def _write(artifacts: Mapping[str, bytes], folder: Path) -> None:
    for path, data in artifacts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def _clean(modules: IsolatedModules, folder: Path) -> None:
    modules.close()
    shutil.rmtree(folder, ignore_errors=True)


def _failed(content: FunctionContent, when: str, error: Exception) -> ModelFailedError:
    inside = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith("<model>/")]
    where = f" ({inside[-1].filename.removeprefix('<model>/')}, line {inside[-1].lineno})" if inside else ""
    return ModelFailedError(f"The code of {content.name} fails when it {when}: {type(error).__name__}: {error}{where}.")
