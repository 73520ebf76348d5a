"""What the flavors of boosted trees have in common: members that are judged as they are read, and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from millwright.core.errors import IntegrityError, InvalidInputError, UnsafeArtifactError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray


class Judged(Protocol):
    """Trees that were read and found sound."""

    @property
    def columns(self) -> int:
        """How many they take."""
        ...

    @property
    def classes(self) -> int:
        """Classes they tell apart; 0 when they answer numbers."""
        ...


T = TypeVar("T", bound=Judged)


def judged_member(
    members: Mapping[str, bytes], name: str, parse: Callable[[bytes], T], library: str, *, columns: int, classes: int
) -> T:
    """A package's trees, judged before their library sees them.

    Args:
        members: Of a package that may come from anywhere.
        name: Which of them holds the trees.
        parse: Reads and judges; raises `InvalidInputError`.
        library: As people write its name.
        columns: How many the trees should take.
        classes: How many they should tell apart.

    Raises:
        IntegrityError: There is no such member.
        UnsafeArtifactError: It is unsound, or takes or answers something else than it should.
    """
    if name not in members:
        raise IntegrityError(f"Expected the member '{name}' in a package of flavor '{library.lower()}', found none.")
    try:
        found = parse(members[name])
    except InvalidInputError as error:
        raise UnsafeArtifactError(f"The package's {library} model does not load: {error.message}") from error
    if (found.columns, found.classes) != (columns, classes):
        raise UnsafeArtifactError(
            f"The package's {library} model takes {found.columns} columns and tells {found.classes} classes apart;"
            f" expected {columns} and {classes}."
        )
    return found


def with_other_class(values: NDArray[Any], *, classes: int) -> NDArray[Any]:
    """Answers (n,) for two classes with the other's probability beside them (n, 2); others as they are."""
    return np.column_stack([1 - values, values]) if classes and values.ndim == 1 else values
