from __future__ import annotations

import pytest

from millwright.core.errors import StorageError
from millwright.data.datasets.table_error import check_usable, table_errors


def test_failures_of_the_library_are_one_kind_of_error() -> None:
    from deltalake.exceptions import CommitFailedError, DeltaError

    for failure in (DeltaError("no\n  room"), OSError("gone")):
        with pytest.raises(StorageError, match="Cannot use the table /t: "), table_errors("/t"):
            raise failure
    for passing in (CommitFailedError(), FileNotFoundError()):
        with pytest.raises(type(passing)), table_errors("/t"):
            raise passing


def test_folder_whose_name_means_something_in_urls_is_refused() -> None:
    check_usable("/my data/d")
    check_usable("s3://bucket/a%20b")
    with pytest.raises(StorageError, match=r"'\[' in a folder's name"):
        check_usable("/a[1]/d")
