"""The demonstration's projects: their files, copied into the workspace so that the user can read and change them."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from types import ModuleType

    import polars as pl

MODEL = "schedule-delay"
MARKER = ".millwright-demo"


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoProject:
    """One project that the loop can be run on.

    Attributes:
        name: Its folder's name.
        module: The file that says what arrives between two snapshots.
    """

    name: str
    module: str

    def files(self) -> Path:
        """Where its files are: in the package, or (the example of the documentation) in the source tree.

        Raises:
            NotFoundError: The installation lacks them.
        """
        package = Path(__file__).parent / "projects" / self.name
        source_tree = Path(__file__).parents[3] / "examples" / self.name
        for folder in (package, source_tree):
            if (folder / "pipeline.py").is_file():
                return folder
        raise NotFoundError(f"The files of the project '{self.name}' are not installed.", hint="Reinstall millwright.")

    def copy(self, folder: Path) -> None:
        """Copy the files into a folder."""
        for file in sorted(self.files().iterdir()):
            if file.is_file() and file.suffix in {".py", ".yaml", ".toml", ".md"}:
                shutil.copyfile(file, folder / file.name)

    def arrivals(self, folder: Path, tables: tuple[pl.DataFrame, pl.DataFrame], sources: tuple[str, str]) -> Any:
        """What a model of the first snapshot had to predict afterwards, with the outcome where it is known.

        Returns:
            A table: the key, the features, the target; and the names of key and target.
        """
        module = _load(folder / f"{self.module}.py")
        return module.arrivals(*tables, sources), module.KEY, module.TARGET


PROGRAMME = DemoProject(name="programme", module="activities")
CONSTRUCTION_SCHEDULE = DemoProject(name="construction_schedule", module="arrivals")


def prepare_folder(folder: Path) -> None:
    """An empty folder for the demonstration; an earlier demonstration's is emptied.

    Raises:
        InvalidInputError: The folder holds something else, which is left alone, or cannot be written.
    """
    hint = "Name another with --folder."
    try:
        folder.mkdir(parents=True, exist_ok=True)
        present = list(folder.iterdir())
        if present and not (folder / MARKER).is_file():
            raise InvalidInputError(f"The folder {folder} holds files that are not a demonstration's.", hint=hint)
        # The folder itself stays: it may be the one that the user stands in.
        for path in present:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name != MARKER:
                path.unlink()
        (folder / MARKER).write_text("Made by `mw demo`, which may empty this folder again.\n", encoding="utf-8")
    except OSError as error:
        raise InvalidInputError(f"Cannot make the folder {folder} ready: {error.strerror}.", hint=hint) from error


def _load(path: Path) -> ModuleType:
    # The module's neighbours are imported by plain names, as when the user runs the pipeline from this folder.
    sys.path.insert(0, str(path.parent))
    try:
        spec = importlib.util.spec_from_file_location(f"millwright_demo_{path.stem}", path)
        if spec is None or spec.loader is None:
            raise NotFoundError(f"{path} is not there.")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module
