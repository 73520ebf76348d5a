"""The model package: one ZIP archive that holds all that a model needs.

    millwright.json   manifest: format, flavor, library versions, signature, encoder, training record, example rows
                      with the answers expected for them, compilation, digests of the other members
    model.skops, …    the estimator, in the files of its flavor
    model.onnx        the compiled model, only when it was proven equal

Nothing in it runs code, with one exception: a model of the flavor `python` is source code, which loading runs. Such a
package loads only where that is allowed.

The same model gives the same bytes. Loading trusts nothing else: the archive's directory, the member names, each
member's digest and content are judged, and the loaded model must answer its example rows as it did when it was packed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from math import isclose
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.digest import canonical_json, digest_bytes
from millwright.core.errors import (
    IntegrityError,
    InvalidInputError,
    ModelFailedError,
    StoreVersionError,
    UnsafeArtifactError,
)
from millwright.models.archive import read_archive, refuse_pickle, write_archive
from millwright.models.encoder import Encoder
from millwright.models.flavors.catalog import get_flavor
from millwright.models.flavors.flavor import runs_code
from millwright.models.model import Model
from millwright.models.predictor import NativePredictor, OnnxPredictor, Predictor
from millwright.models.signature import Signature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.models.compile.compilation import Compilation
    from millwright.models.flavors.flavor import Flavor

FORMAT = 1
MANIFEST = "millwright.json"
ONNX = "model.onnx"
CODE_SETTING = "allow_code = true under [models] in millwright.toml"
_WHAT = "a model package"
_LIBRARIES = ("numpy", "onnxruntime")  # beside the flavor's own
# Engines and versions may round differently in the last bits; a wrong model is off by far more.
_EXAMPLE_TOLERANCE = 1e-3


def pack(model: Model, *, compilation: Compilation | None = None) -> bytes:
    """A model as a package: the same bytes for the same model and compilation.

    Args:
        model: Of any flavor of `flavors.catalog`.
        compilation: What `compile_model` made of it; its graph is packed when proven.

    Raises:
        InvalidInputError: The estimator or the training record cannot be stored safely.
    """
    flavor = get_flavor(model.flavor)
    members = dict(flavor.dump(model.estimator))
    if compilation is not None and compilation.onnx is not None:
        members[ONNX] = compilation.onnx
    manifest = {
        "format": FORMAT,
        "flavor": model.flavor,
        "libraries": {name: found for name in (*_LIBRARIES, *flavor.libraries) if (found := _installed(name))},
        "signature": model.signature.to_json(),
        "encoder": model.encoder.to_json(),
        "training": model.training,
        "example": list(model.example),
        "expected": NativePredictor(model).predict_rows(model.example),
        "compilation": None if compilation is None else compilation.to_json(),
        "members": {name: digest_bytes(content) for name, content in members.items()},
    }
    try:
        members[MANIFEST] = canonical_json(manifest)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"The model's record holds something that JSON has no form for: {error}.") from error
    return write_archive(members)


def unpack(data: bytes, *, allow_code: bool = False) -> Model:
    """The model of a package, with its native estimator, checked and tried on its example rows.

    Args:
        data: What `pack` gave.
        allow_code: Whether a model that is Python code may be loaded, which runs it.

    Raises:
        UnsafeArtifactError: It holds something that could run code or lead compiled code astray.
        ModelFailedError: Its own code fails.
        IntegrityError: It is damaged, or answers its example rows otherwise than when it was packed.
        StoreVersionError: It was written by a newer Millwright.
        MissingExtraError: The flavor's library is not installed.
    """
    members, manifest = _read(data)
    return _native(members, manifest, allow_code=allow_code)


def load_predictor(data: bytes, *, prefer_onnx: bool = True, allow_code: bool = False) -> Predictor:
    """A package ready to answer.

    Args:
        data: What `pack` gave.
        prefer_onnx: Use the compiled model when the package holds one (it was proven equal); the model's own library
            is then not even imported.
        allow_code: Whether a model that is Python code may be loaded, which runs it.

    Raises:
        UnsafeArtifactError: It holds something that could run code or lead compiled code astray.
        ModelFailedError: Its own code fails.
        IntegrityError: It is damaged, or answers its example rows otherwise than when it was packed.
        StoreVersionError: It was written by a newer Millwright.
        MissingExtraError: The engine's library is not installed.
    """
    members, manifest = _read(data)
    if prefer_onnx and ONNX in members:
        signature, encoder = _interface(manifest)
        predictor = OnnxPredictor(signature=signature, encoder=encoder, onnx=members[ONNX])
        quantization = (manifest.get("compilation") or {}).get("quantization") or {}
        # 8-bit weights cost what was measured and accepted; rows of the example may lie a little beyond the sample's.
        loss = 2 * float(quantization.get("difference", 0.0)) if quantization.get("status") == "used" else 0.0
        _try_example(predictor, manifest, tolerance=max(_EXAMPLE_TOLERANCE, loss))
        return predictor
    return NativePredictor(_native(members, manifest, allow_code=allow_code))


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageLoader:
    """Loads packages as a workspace allows it; what steps and servers ask instead of deciding themselves.

    Attributes:
        allow_code: Whether models that are Python code may be loaded, which runs them.
    """

    allow_code: bool = False

    def model(self, data: bytes) -> Model:
        """As `unpack`."""
        return unpack(data, allow_code=self.allow_code)

    def predictor(self, data: bytes, *, prefer_onnx: bool = True) -> Predictor:
        """As `load_predictor`."""
        return load_predictor(data, prefer_onnx=prefer_onnx, allow_code=self.allow_code)


def read_manifest(data: bytes) -> dict[str, Any]:
    """A package's manifest, with every member's digest checked, without loading the model.

    Raises:
        UnsafeArtifactError, IntegrityError, StoreVersionError: As `unpack`.
    """
    return _read(data)[1]


def _read(data: bytes) -> tuple[dict[str, bytes], dict[str, Any]]:
    members = read_archive(data, what=_WHAT)
    for name, content in members.items():
        refuse_pickle(content, f"the member {name!r} of {_WHAT}")
    try:
        manifest = json.loads(members[MANIFEST])
        found, digests = manifest["format"], dict(manifest["members"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise IntegrityError(f"Expected {_WHAT} with a manifest '{MANIFEST}', found none that reads.") from error
    if found != FORMAT:
        raise StoreVersionError(
            f"The model package has format {found!r}; this Millwright reads format {FORMAT}.",
            hint="Upgrade Millwright, or register the model again with this one.",
        )
    known = {MANIFEST, ONNX} | _flavor(manifest).members
    unknown = sorted(set(members) - known)
    if unknown:
        raise UnsafeArtifactError(f"A model package holds only {sorted(known)}, found also {unknown[:5]}.")
    if digests != {name: digest_bytes(content) for name, content in members.items() if name != MANIFEST}:
        raise IntegrityError("The members of the model package differ from the digests in its manifest.")
    return members, manifest


def _interface(manifest: Mapping[str, Any]) -> tuple[Signature, Encoder]:
    try:
        return Signature.from_json(manifest["signature"]), Encoder.from_json(manifest["encoder"])
    except (KeyError, InvalidInputError) as error:
        raise IntegrityError(f"The model package's manifest does not read: {error}") from error


def _flavor(manifest: Mapping[str, Any]) -> Flavor:
    try:
        return get_flavor(str(manifest.get("flavor")))
    except InvalidInputError as error:
        raise StoreVersionError(
            f"The model package is of a flavor that is not known here: {error.message}",
            hint="Upgrade Millwright, or install the package that adds the flavor.",
        ) from error


def _native(members: Mapping[str, bytes], manifest: Mapping[str, Any], *, allow_code: bool) -> Model:
    flavor, (signature, encoder) = _flavor(manifest), _interface(manifest)
    if runs_code(flavor) and not allow_code:
        raise UnsafeArtifactError(
            "The model is Python code, which runs when it is loaded, and here none is run.",
            hint=f"If you trust whoever packaged it, set {CODE_SETTING}.",
        )
    estimator = flavor.load(members, columns=len(encoder.columns), classes=len(signature.classes))
    model = Model(
        estimator=estimator,
        signature=signature,
        encoder=encoder,
        flavor=flavor.name,
        training=manifest["training"],
        example=tuple(manifest["example"]),
    )
    _try_example(NativePredictor(model), manifest)
    return model


def _try_example(predictor: Predictor, manifest: Mapping[str, Any], *, tolerance: float = _EXAMPLE_TOLERANCE) -> None:
    example, expected = manifest["example"], manifest["expected"]
    try:
        found = predictor.predict_rows(example)
    except ModelFailedError:
        raise
    except Exception as error:  # whatever a damaged model provokes
        raise IntegrityError(f"The model package fails on its own example rows: {error}") from error
    alike = len(found) == len(expected) and all(
        _alike(mine, theirs, tolerance)
        for row, other in zip(found, expected, strict=True)
        for mine, theirs in _pairs(row, other)
    )
    if not alike:
        raise IntegrityError(
            f"The model package answers its own example rows otherwise than when it was packed ({predictor.engine}).",
            hint=f"It was packed with {manifest.get('libraries')}; install these versions, or train the model again.",
        )


def _pairs(row: Mapping[str, Any], other: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    # A label on the edge between two classes may flip with the last bit; the probabilities beside it tell.
    names = [name for name in other if name != "prediction"] or ["prediction"]
    return [(row.get(name), other[name]) for name in names]


def _alike(mine: Any, theirs: Any, tolerance: float) -> bool:
    if isinstance(mine, list) and isinstance(theirs, list):
        one, other = np.asarray(mine, dtype=float), np.asarray(theirs, dtype=float)
        return one.shape == other.shape and bool(np.allclose(one, other, rtol=_EXAMPLE_TOLERANCE, atol=tolerance))
    if isinstance(mine, float) and isinstance(theirs, (int, float)):
        return isclose(mine, theirs, rel_tol=_EXAMPLE_TOLERANCE, abs_tol=tolerance)
    return bool(mine == theirs)


def _installed(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
