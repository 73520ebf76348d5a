from __future__ import annotations

from millwright.core.records.search import All, Comparison, Field, Kind, Order, Page, Query


def test_query_without_anything_asks_for_the_first_page_of_all() -> None:
    query = Query()
    assert (query.where, query.order, query.after) == (None, (), None)
    page: Page[str] = Page()
    assert (page.items, page.next_token) == ((), None)


def test_questions_can_be_compared_and_written_down() -> None:
    def question() -> Query:
        field = Field(kind=Kind.METRIC, key="m")
        return Query(where=All(parts=(Comparison(field=field, op=">", value=1.0),)), order=(Order(field=field),))

    assert question() == question()
    assert repr(question()) == repr(question())
