from __future__ import annotations

import threading

from millwright.pipelines.runner.observation.recording import Recording
from millwright.pipelines.secrets import Masks


def masks(*secrets: str) -> Masks:
    made = Masks()
    for secret in secrets:
        made.add(secret)
    return made


def test_everything_is_kept_up_to_two_halves() -> None:
    recording = Recording(half_bytes=10)
    for piece in (b"0123456", b"789abc", b"", b"defghij"):
        recording.append(piece)
    assert recording.text(masks()) == "0123456789abcdefghij"
    assert recording.size_bytes == 20


def test_of_more_the_first_and_last_lines_are_kept_and_the_rest_is_counted() -> None:
    recording = Recording(half_bytes=40)
    for number in range(1000):
        recording.append(f"line {number}\n".encode())
    total = sum(len(f"line {number}\n") for number in range(1000))
    kept = sum(
        map(len, "line 0\nline 1\nline 2\nline 3\nline 4\nline 996\nline 997\nline 998\nline 999\n".splitlines(True))
    )
    assert recording.text(masks()) == (
        "line 0\nline 1\nline 2\nline 3\nline 4\n"
        f"[… {total - kept:,} of {total:,} bytes are left out here …]\n"
        "line 996\nline 997\nline 998\nline 999\n"
    )


def test_text_without_line_ends_is_cut_anywhere() -> None:
    recording = Recording(half_bytes=10)
    recording.append(b"a" * 30 + b"b" * 30)
    assert recording.text(masks()) == f"{'a' * 10}\n[… 40 of 60 bytes are left out here …]\n{'b' * 10}"


def test_no_part_of_a_secret_is_left_at_a_cut() -> None:
    secret = "QWERTYUIOP"
    for shift in range(40):
        recording = Recording(half_bytes=20)
        recording.append(b"." * shift + secret.encode() + b"." * 60 + secret.encode() + b"." * (39 - shift))
        text = recording.text(masks(secret))
        assert "left out" in text
        assert not set(secret) & set(text.replace("left out", "")), (shift, text)


def test_large_output_goes_through_a_file() -> None:
    recording = Recording(half_bytes=1 << 20)
    line = b"x" * 1023 + b"\n"
    for _ in range(1500):
        recording.append(line)
    assert recording.text(masks()) == line.decode() * 1500
    recording.close()
    assert recording.text(masks()) == ""


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    recording = Recording()
    recording.append(b"\xff ok")
    assert recording.text(masks()) == "� ok"


def test_threads_append_whole_pieces() -> None:
    recording = Recording()

    def write(letter: str) -> None:
        for _ in range(500):
            recording.append(f"{letter * 20}\n".encode())

    threads = [threading.Thread(target=write, args=(letter,)) for letter in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(recording.text(masks()).splitlines()) == {letter * 20 for letter in "abcd"}
