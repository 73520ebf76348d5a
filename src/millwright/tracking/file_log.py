"""Files, texts, figures and tables among a run's artifacts."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.records.file import check_file_path

if TYPE_CHECKING:
    from collections.abc import Mapping


class FileLog(ABC):
    """Names files among a run's artifacts; the bytes are kept at once, durably, and may be changed afterwards."""

    @abstractmethod
    def _log_bytes(self, content: bytes | Path, path: str) -> None:
        """Keep bytes, or a file's, under a checked path."""

    def log_artifact(self, file: str | Path, folder: str = "") -> None:
        """Keep a file under its own name.

        Args:
            file: The local file.
            folder: The folder among the artifacts; "" is their root.

        Raises:
            NotFoundError: There is no such file.
            InvalidInputError: It is a folder, or the name is not allowed.
        """
        source = Path(file)
        if source.is_dir():
            raise InvalidInputError(
                f"Expected a file, found the folder '{source}'.", hint="Log a folder with log_artifacts."
            )
        if not source.is_file():
            raise NotFoundError(f"There is no file '{source}'.")
        self._log_bytes(source, check_file_path(f"{folder}/{source.name}" if folder else source.name))

    def log_artifacts(self, source: str | Path, folder: str = "") -> None:
        """Keep every file below a local folder, hidden ones too; links are not followed out of it.

        Args:
            source: The local folder.
            folder: The folder among the artifacts; "" is their root.

        Raises:
            NotFoundError: There is no such folder.
        """
        root = Path(source).resolve()
        if not root.is_dir():
            raise NotFoundError(f"There is no folder '{source}'.")
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.resolve().is_relative_to(root):
                name = path.relative_to(root).as_posix()
                self._log_bytes(path, check_file_path(f"{folder}/{name}" if folder else name))

    def log_text(self, text: str, path: str) -> None:
        """Keep a text as a UTF-8 file."""
        self._log_bytes(text.encode(), check_file_path(path))

    def log_dict(self, values: Mapping[str, Any], path: str) -> None:
        """Keep a dictionary as a file: YAML when the name ends with .yaml or .yml, else JSON."""
        checked = check_file_path(path)
        if checked.endswith((".yaml", ".yml")):
            import yaml

            plain = json.loads(json.dumps(dict(values), default=str))
            text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)
        else:
            text = json.dumps(dict(values), default=str, ensure_ascii=False, indent=2)
        self._log_bytes(text.encode(), checked)

    def log_figure(self, figure: Any, path: str) -> None:
        """Keep a Matplotlib figure (in the format of the name's ending) or a Plotly figure (.html or .json).

        Raises:
            InvalidInputError: It is neither, or the ending is not one that it can be written as.
        """
        checked = check_file_path(path)
        self._log_bytes(_figure_bytes(figure, PurePosixPath(checked).suffix.lower()), checked)

    def log_table(self, table: Any, path: str) -> None:
        """Keep a table: a Polars or pandas frame, or columns by name.

        Args:
            table: The table.
            path: Ends with .parquet, .csv, or .json (columns and rows, in the form that MLflow's interface shows).

        Raises:
            InvalidInputError: It is no table, or the ending is another.
        """
        checked = check_file_path(path)
        self._log_bytes(_table_bytes(table, PurePosixPath(checked).suffix.lower()), checked)


def _figure_bytes(figure: Any, suffix: str) -> bytes:
    if hasattr(figure, "savefig"):
        import io

        buffer = io.BytesIO()
        try:
            figure.savefig(buffer, format=suffix.removeprefix(".") or "png")
        except ValueError as error:
            raise InvalidInputError(f"This figure cannot be written as '{suffix}': {error}") from error
        return buffer.getvalue()
    if hasattr(figure, "to_html") and hasattr(figure, "to_json"):
        if suffix == ".json":
            return str(figure.to_json()).encode()
        if suffix in {".html", ".htm"}:
            return str(figure.to_html(include_plotlyjs=True, full_html=True)).encode()
        raise InvalidInputError(
            f"Expected a name with .html or .json for a Plotly figure, found '{suffix}'.", hint="Name it plot.html."
        )
    raise InvalidInputError(
        f"Expected a Matplotlib or Plotly figure, found {type(figure).__name__}.",
        hint="Save it to a file and log that with log_artifact.",
    )


def _table_bytes(table: Any, suffix: str) -> bytes:
    import io

    import polars as pl

    try:
        if isinstance(table, pl.DataFrame):
            frame = table
        elif hasattr(table, "columns") and hasattr(table, "to_numpy"):
            frame = pl.from_pandas(table)
        else:
            frame = pl.DataFrame(table, strict=False)
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise InvalidInputError(f"Expected a table, found {type(table).__name__}: {error}") from error
    buffer = io.BytesIO()
    if suffix == ".parquet":
        frame.write_parquet(buffer)
    elif suffix == ".csv":
        frame.write_csv(buffer)
    elif suffix == ".json":
        rows = {"columns": frame.columns, "data": [list(row) for row in frame.iter_rows()]}
        return json.dumps(rows, default=str, ensure_ascii=False).encode()
    else:
        raise InvalidInputError(f"Expected a table's name with .parquet, .csv or .json, found '{suffix}'.")
    return buffer.getvalue()
