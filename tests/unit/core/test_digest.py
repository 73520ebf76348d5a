from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.digest import canonical_json, digest_bytes, digest_file, digest_json


def test_digest_is_sha256():
    assert digest_bytes(b"abc") == hashlib.sha256(b"abc").hexdigest()


def test_file_digest_equals_that_of_its_bytes(tmp_path):
    data = b"x" * (3 << 20)
    (tmp_path / "f").write_bytes(data)
    assert digest_file(tmp_path / "f") == digest_bytes(data)


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.lists(st.booleans())))
def test_json_digest_ignores_the_order_of_keys(value):
    assert digest_json(dict(reversed(value.items()))) == digest_json(value)


def test_canonical_json_refuses_nan():
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json([float("nan")])
