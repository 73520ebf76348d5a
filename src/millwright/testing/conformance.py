"""What every conformance suite stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    Opener = Callable[[], AbstractContextManager[Any]]


class StoreConformance:
    """Base of the suites.

    Attributes:
        shared_between_processes: Whether another process that opens the store sees the same records. Set to False
            for stores in memory; tests with processes are then skipped.
    """

    shared_between_processes: ClassVar[bool] = True

    @pytest.fixture
    def opener(self) -> Opener:
        """Opens the store under test; to be given by each subclass."""
        raise NotImplementedError(f"{type(self).__name__} must define the fixture `opener`; see millwright.testing.")

    @pytest.fixture
    def shared_opener(self, opener: Opener) -> Opener:
        """The same, for a test that opens the store in other processes."""
        if not self.shared_between_processes:
            pytest.skip("this store lives in one process")
        return opener

    @pytest.fixture
    def store(self, opener: Opener) -> Iterator[Any]:
        """The store under test, empty."""
        with opener() as opened:
            yield opened
