from __future__ import annotations

import re

from millwright.server.mlflow.name import new_name


def test_name_is_two_words_and_a_number():
    names = {new_name() for _ in range(50)}
    assert all(re.fullmatch(r"[a-z]+-[a-z]+-\d+", name) for name in names)
    assert len(names) > 10
