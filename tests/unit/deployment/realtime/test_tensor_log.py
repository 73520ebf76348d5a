from __future__ import annotations

from hashlib import sha256

import numpy as np

from millwright.deployment.realtime.tensor_log import MAX_NUMBERS, logged_row


def test_small_arrays_are_kept_and_large_ones_told_by_their_digest():
    small, large = np.arange(6, dtype=np.float32).reshape(2, 3), np.zeros((MAX_NUMBERS + 1,), ">i2")
    found = logged_row({"small": small, "list": [1, 2], "large": large, "text": "x", "none": None})
    digest = sha256(large.astype("<i2").tobytes()).hexdigest()
    assert found == {
        "small": [[0, 1, 2], [3, 4, 5]],
        "list": [1, 2],
        "large": {"shape": [MAX_NUMBERS + 1], "dtype": "int16", "sha256": digest},
        "text": "x",
        "none": None,
    }
    assert logged_row({"answer": [0.5] * (MAX_NUMBERS + 1)})["answer"]["dtype"] == "float64"
