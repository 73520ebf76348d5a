"""What is closed at the end of a `with` block."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self


class Closing:
    """Closes what was opened of it when the block ends, by an error or not.

    Attributes:
        closed_at_end: Names of cached properties, in the order in which they are closed; those that nobody asked for
            were never opened.
    """

    closed_at_end: ClassVar[tuple[str, ...]] = ()

    def close(self) -> None:
        """Close the stores that were opened."""
        for name in self.closed_at_end:
            if (opened := self.__dict__.get(name)) is not None:
                opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
