from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

import polars as pl
import pytest

from millwright.data.profiles import profile, profile_of, summarize
from millwright.data.profiles.page import accuracy, profile_page

FRAME = pl.DataFrame(
    {
        "<script>alert(1)</script>": ["<b>bold</b>", "x & y", "x & y"] * 10,
        "number": [float(number) for number in range(30)],
        "twice": [2.0 * number for number in range(30)],
        "day": [date(2024, 1, 1 + number) for number in range(30)],
        "mail": [f"p{number}@example.org" for number in range(30)],
        "nothing": [None] * 30,
        "lists": [[1]] * 30,
    }
)


class Reader(HTMLParser):
    """Which tags there are, and whether they close as they open."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_page_is_whole_and_loads_and_runs_nothing() -> None:
    page = profile_page(profile(FRAME), title="homes@3 <i>", subtitle="a & b")
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    assert not reader.tags & {"script", "link", "img", "iframe", "b", "i"}
    assert "http" not in page.replace("http-equiv", "")
    assert "default-src 'none'" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page


def test_page_marks_personal_data_and_holds_none() -> None:
    page = profile_page(profile(FRAME), title="homes")
    assert "example.org" not in page
    assert "personal data? email" in page
    assert "hidden" in page


def test_page_shows_histograms_top_values_quantiles_and_correlations() -> None:
    page = profile_page(profile(FRAME), title="homes")
    assert len(re.findall(r'<svg viewBox="0 0 400 80"', page)) == 3
    assert "2024-01-01 to 2024-01-30" in page
    assert "Most frequent" in page
    assert "pearson" in page
    assert profile_page(profile(FRAME), title="homes") == page


@pytest.mark.parametrize("frame", [pl.DataFrame(), FRAME.head(0), FRAME.head(1)])
def test_page_of_little_or_nothing_is_whole(frame: pl.DataFrame) -> None:
    reader = Reader()
    reader.feed(profile_page(profile(frame), title="empty"))
    assert reader.open == []


def test_accuracy_says_which_facts_are_estimates() -> None:
    assert accuracy(profile(FRAME)) == "All counts and quantiles are exact."
    rows = pl.select(a=pl.int_range(5_000))
    assert "ranks of quantiles are off by at most 1.3% of the rows" in accuracy(profile_of(summarize(rows)))
