"""Write a project for a table: pipeline, contract, gates, README."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError, closest
from millwright.models.task import Task
from millwright.workspace.naming import identifier, slug

if TYPE_CHECKING:
    import polars as pl

PIPELINE_FILE = "pipeline.py"
_TARGET = re.compile(r"""\btarget=("[^"\\\n]*"|'[^'\\\n]*')""")  # as the template writes it; a user may do otherwise


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectRequest:
    """What the user asked for.

    Attributes:
        source: The table's file.
        target: The column to predict.
        task: `auto`, `classification` or `regression`.
        name: The project's and model's name; made from the file's name when empty.
        folder: Where to write; a folder of the project's name in the current one when None.
        trials: Settings to try when tuning.
    """

    source: str
    target: str
    task: str = "auto"
    name: str = ""
    folder: Path | None = None
    trials: int = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """A written project.

    Attributes:
        written: Files that were written now.
        kept: Files that were there already and stay as the user left them.
    """

    name: str
    folder: Path
    task: Task
    written: tuple[str, ...]
    kept: tuple[str, ...]

    @property
    def pipeline(self) -> Path:
        """The pipeline's file."""
        return self.folder / PIPELINE_FILE


def write_project(request: ProjectRequest) -> Project:
    """Read the table, infer its contract and the task, and write the files; files that exist are kept.

    Raises:
        InvalidInputError: The table cannot be read, or the target is absent, constant or empty.
    """
    from millwright.data.contracts.file import dump_contract
    from millwright.data.contracts.inference import infer_contract
    from millwright.data.contracts.validation import validate
    from millwright.data.datasets.normal_form import to_normal_form
    from millwright.data.sources.source import read_source
    from millwright.evaluation.gates.file import default_gates, dump_gates
    from millwright.training.task import infer_task

    frame = to_normal_form(read_source(request.source).frame)  # the contract is for the table as it will be stored
    target = _existing(request.target, frame.columns)
    name = slug(request.name or Path(request.source).stem)
    folder = request.folder or Path(name)
    contract = infer_contract(frame, name)
    typed = validate(frame, contract).valid
    task = infer_task(typed[target], request.task)
    _refuse_other_target(folder / PIPELINE_FILE, target)
    pipeline = _render("pipeline.py.tmpl", _values(request, name, folder, typed, task))
    contents = {
        PIPELINE_FILE: pipeline,
        "contract.yaml": dump_contract(contract),
        "gates.yaml": dump_gates(default_gates(task)),
        "README.md": _render("README.md.tmpl", _values(request, name, folder, typed, task)),
    }
    written, kept = _write(folder, contents)
    return Project(name=name, folder=folder, task=task, written=written, kept=kept)


def _refuse_other_target(pipeline: Path, target: str) -> None:
    """A pipeline that is there is kept; one that predicts another column is not the one that was asked for."""
    if not pipeline.is_file():
        return
    found = {ast.literal_eval(text) for text in _TARGET.findall(pipeline.read_text(encoding="utf-8", errors="replace"))}
    if found and target not in found:
        raise InvalidInputError(
            f"{pipeline} predicts '{found.pop()}', not '{target}', and it is kept as you left it.",
            hint="Name another folder with --folder and another model with --name, or edit the file.",
        )


def _existing(target: str, columns: list[str]) -> str:
    if target in columns:
        return target
    matching = [column for column in columns if column.strip().casefold() == target.strip().casefold()]
    if len(matching) == 1:
        return matching[0]
    raise InvalidInputError(f"The table has no column '{target}' to predict.", hint=closest(target, columns))


def _values(request: ProjectRequest, name: str, folder: Path, typed: pl.DataFrame, task: Task) -> dict[str, Any]:
    source = Path(request.source)
    target = _existing(request.target, typed.columns)
    return {
        "name": name,
        "function": identifier(name),
        "folder": _shown(folder),
        "source": str(source.resolve()) if source.exists() else request.source,
        "source_name": source.name,
        "suffix": source.suffix or ".csv",
        "target": target,
        "task": task.value,
        "trials": request.trials,
        "split": f"stratify={target!r}" if task.value != "regression" else "seed=0",
    }


def _shown(folder: Path) -> str:
    try:
        return str(folder.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(folder)


def _render(template: str, values: dict[str, Any]) -> str:
    import jinja2

    text = files("millwright.workspace.project").joinpath("template", template).read_text(encoding="utf-8")
    # Python, YAML and Markdown are written, never HTML: escaping would corrupt them.
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701
    # Jinja's own tojson escapes for HTML (`'` becomes \u0027); a Python literal is what is wanted here.
    environment.filters["tojson"] = repr
    environment.filters["docstring"] = _in_docstring
    return environment.from_string(text).render(values)


def _in_docstring(text: str) -> str:
    r"""People's names as they may stand between triple quotes: no end of it, no escape such as \N, no new line."""
    return " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')


def _write(folder: Path, contents: dict[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInputError(
            f"Cannot write the project to {folder}: {error.strerror}.", hint="Name another folder with --folder."
        ) from error
    written, kept = [], []
    for file_name, text in contents.items():
        path = folder / file_name
        if path.exists():
            kept.append(file_name)
        else:
            path.write_text(text, encoding="utf-8")
            written.append(file_name)
    return tuple(written), tuple(kept)
