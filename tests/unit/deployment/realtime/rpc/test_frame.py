from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from millwright.deployment.realtime.rpc.frame import GOAWAY, FrameEnds


def frame(payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + b"\0\0\0\0\0\1" + payload


def test_nothing_is_between_frames_before_the_first():
    assert not FrameEnds().between


def test_farewell_is_one_frame():
    ends = FrameEnds()
    ends.see(GOAWAY)
    assert ends.between


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=6), st.lists(st.integers(0, 1_500), max_size=20))
def test_ends_are_found_in_pieces_of_any_size(payloads, cuts):
    sent = b"".join(map(frame, payloads))
    ends_at, at = set(), 0
    for payload in payloads:
        at += 9 + len(payload)
        ends_at.add(at)
    ends, before = FrameEnds(), 0
    for cut in sorted({*(cut for cut in cuts if 0 < cut < len(sent)), len(sent)}):
        ends.see(sent[before:cut])
        assert ends.between == (cut in ends_at), cut
        before = cut
