"""The scikit-learn flavor: estimators as skops files, never as pickles."""

from __future__ import annotations

import warnings
from typing import Any

from millwright.core.errors import InvalidInputError, MillwrightError, MissingExtraError, UnsafeArtifactError
from millwright.models.archive import read_archive, write_archive
from millwright.models.flavors.canonical import canonical_skops
from millwright.models.flavors.inspection import ALLOWED_UNTRUSTED, inspect_schema
from millwright.models.flavors.soundness import check_soundness

MEMBER = "model.skops"
_WHAT = "a scikit-learn estimator as a skops file"


def dump_estimator(estimator: Any) -> bytes:
    """A fitted estimator as bytes that are equal for equal estimators.

    Raises:
        InvalidInputError: It holds something that skops cannot write.
        MissingExtraError: skops is not installed.
    """
    try:
        from skops.io import dumps
    except ImportError as error:
        raise MissingExtraError("skops", "sklearn") from error
    try:
        return canonical_skops(dumps(estimator))
    except MillwrightError:
        raise
    except Exception as error:  # skops raises whatever its reducers meet
        raise InvalidInputError(
            f"The estimator cannot be stored without pickle: {error}",
            hint="Use scikit-learn's own estimators and plain parameters.",
        ) from error


def load_estimator(data: bytes, *, columns: int, classes: int) -> Any:
    """An estimator from bytes that may come from anywhere.

    Judged in this order: the archive's directory, the schema's nodes and tree arrays, the types skops would build,
    and the built object's sizes. Only then is it returned.

    Args:
        data: What `dump_estimator` gave, or something that pretends to be.
        columns: Encoded columns it must take.
        classes: Classes it must tell apart; 0 for regression.

    Raises:
        UnsafeArtifactError: It holds anything that is not on the lists.
        IntegrityError: It is damaged.
        MissingExtraError: skops or scikit-learn is not installed.
    """
    try:
        from skops.io import get_untrusted_types, loads
    except ImportError as error:
        raise MissingExtraError("skops", "sklearn") from error
    members = read_archive(data, what=_WHAT)
    inspect_schema(members)
    checked = write_archive(members, compress=False)  # what is loaded is what was judged, whatever else the file held
    try:
        untrusted = get_untrusted_types(data=checked)
        _refuse_foreign(set(untrusted) - ALLOWED_UNTRUSTED)
        with warnings.catch_warnings():
            # Another scikit-learn version warns per object; the package's own self-test is what decides.
            warnings.simplefilter("ignore")
            estimator = loads(checked, trusted=sorted(untrusted))
    except MillwrightError:
        raise
    except Exception as error:  # a crafted file can make skops raise anything
        raise UnsafeArtifactError(f"The estimator's file does not load: {error}") from error
    check_soundness(estimator, columns=columns, classes=classes)
    return estimator


def _refuse_foreign(types: set[str]) -> None:
    if types:
        raise UnsafeArtifactError(
            f"The estimator's file holds types that Millwright does not load: {', '.join(sorted(types))}."
        )
