"""Models in files of their libraries' own formats, known by their content."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError, NotFoundError, UnsafeArtifactError
from millwright.models.archive import refuse_pickle

if TYPE_CHECKING:
    from pathlib import Path

_ZIP, _LIGHTGBM, _JSON = b"PK\x03\x04", b"tree\n", b"{"
_ONNX = b"\x08"  # its first field, the version of the format, is a number; every writer begins with it
_HINT = "Expected are ONNX, LightGBM's text, XGBoost's JSON, and scikit-learn's models as skops."


def read_model_file(path: Path) -> Any:
    """A fitted model as `adoption.adopt` takes it: an ONNX graph, LightGBM's text, XGBoost's JSON, or skops.

    Args:
        path: The file; what it is, its content says, whatever its name.

    Raises:
        NotFoundError: There is no such file.
        InvalidInputError: It is none of these, or cannot be packaged.
        UnsafeArtifactError: It is a pickle, or would lead compiled code astray.
        MissingExtraError: The model's library is not installed.
    """
    if not path.is_file():
        raise NotFoundError(f"There is no file {path}.", hint=_HINT)
    data = path.read_bytes()
    refuse_pickle(data, "a model in its library's own format")
    text = data.lstrip()
    if text.startswith(_LIGHTGBM):
        from millwright.models.flavors.lightgbm import read_text

        return read_text(data)
    if text.startswith(_JSON):
        from millwright.models.flavors.xgboost import read_json

        return read_json(data)
    if data.startswith(_ZIP):
        return _archive(path, data)
    if data.startswith(_ONNX):
        return data
    raise InvalidInputError(f"Expected a model in {path}, found something else.", hint=_HINT)


def _archive(path: Path, data: bytes) -> Any:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {name.rpartition("/")[2] for name in archive.namelist()}
    except zipfile.BadZipFile as error:
        raise InvalidInputError(f"Expected a model in {path}, found a damaged archive.", hint=_HINT) from error
    if "data.pkl" in names:  # as torch.save writes them
        raise UnsafeArtifactError(
            f"Expected a model in its library's own format, found a pickle in {path}, which could run any code.",
            hint="Bring the torch.nn.Module itself by `adopt`, or export it to ONNX.",
        )
    if "schema.json" not in names:
        raise InvalidInputError(f"Expected a model in {path}, found another archive.", hint=_HINT)
    from millwright.models.flavors.sklearn import read_skops

    return read_skops(data)
