"""Reading features online."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.entity import Entity, Feature
from millwright.data.features.features_at import features_at
from millwright.data.features.on_demand_view import OnDemandFeatureView
from millwright.data.features.online.result import ValueStatus
from millwright.data.features.plan import plan_features
from millwright.data.features.service import FeatureService
from millwright.data.features.stream_view import StreamFeatureView, Window, WindowKind
from millwright.data.features.view_rows import view_rows
from tiny.online_world import NOON, moment, phases, row

if TYPE_CHECKING:
    from tiny.online_world import World

P, M, X = ValueStatus.PRESENT, ValueStatus.MISSING, ValueStatus.EXPIRED


@pytest.fixture
def filled(world: World) -> World:
    world.write([row(1, -3), row(2, -30), row(3, -1, float("nan"))])
    world.online.materialize([phases(), phases(ttl=timedelta(hours=30))])
    return world


def test_values_come_with_status_and_freshness(filled: World) -> None:
    view = phases(ttl=timedelta(hours=30))
    found = filled.online.read(view[["late", "day"]], [{"site": 2}, {"site": 9}, {"site": 1}, {"site": None}])
    assert found.columns == {
        "late": [-30.0, None, -3.0, None],
        "day": [date(2026, 3, 28), None, date(2026, 3, 29), None],
    }
    assert found.status("day") == [P, M, P, M]
    assert found.freshness("late") == [moment(-30), None, moment(-3), None]
    filled.clock.advance(timedelta(microseconds=1))
    found = filled.online.read(view, [{"site": 2}])
    assert (found.columns["late"], found.status("late"), found.freshness("late")) == ([None], [X], [moment(-30)])


def test_expiry_follows_from_the_moment_that_is_named(filled: World) -> None:
    view = phases(ttl=timedelta(hours=30))
    assert filled.values(view, 2, now=NOON) == [-30.0]
    assert filled.values(view, 2, now=moment(1)) == [None]


@pytest.mark.parametrize(
    "entities",
    [
        [{"site": 1}, {"site": 9}, {"site": 2}], {"site": [1, 9, 2]}, pl.DataFrame({"site": [1, 9, 2]}),
        pl.DataFrame({"site": [1, 9, 2]}, schema={"site": pl.UInt8}), [{"site": 1.0}, {"site": 9}, {"site": 2}],
    ],
)  # fmt: skip
def test_entities_of_every_form_give_the_same(filled: World, entities: Any) -> None:
    found = filled.online.read(phases(), entities)
    assert found.columns["late"] == [-3.0, None, -30.0]
    assert found.frame.columns == ["site", "late", "who", "day"]
    assert found.frame.schema["day"] == pl.Date
    assert found.rows()[0] == {"late": -3.0, "who": "w-3", "day": date(2026, 3, 29)}


@pytest.mark.parametrize("names", [["late", "who", "day"], ["day", "late"], ["who"]])
def test_entity_alone_gives_what_it_gives_among_others(filled: World, names: list[str]) -> None:
    view = phases(ttl=timedelta(hours=30))
    reader = filled.online.reader([view[names]])
    entities = [{"site": site, "else": "x"} for site in (1, 2, 3, 9, None, 1.0)]
    together = reader.read(entities, now=moment(-1))
    for number, entity in enumerate(entities):
        alone = reader.read([entity], now=moment(-1))
        assert repr(alone.rows()) == repr([together.rows()[number]])  # NaN is not itself
        assert alone.frame.equals(together.frame[number])
        for name in names:
            assert alone.status(name) == [together.status(name)[number]]
            assert alone.freshness(name) == [together.freshness(name)[number]]


@pytest.mark.parametrize("entities", [[], {"site": []}, pl.DataFrame(schema={"site": pl.Int64})])
def test_no_entities_give_no_values(filled: World, entities: Any) -> None:
    found = filled.online.read(phases(), entities)
    assert found.columns == {"late": [], "who": [], "day": []}
    assert (len(found), found.frame.height) == (0, 0)


@pytest.mark.parametrize(
    ("entities", "said"),
    [
        ([{"sit": 1}], "no column 'site'"), ([{"site": "1"}], "Int64 in the key 'site'"),
        ([{"site": True}], "Int64 in the key"), ({"site": [1], "x": [1, 2]}, "as many values in every column"),
        ({"site": 1}, "a list of values in the column 'site'"), ({"site": "12"}, "a list of values in the column"),
        ("site", "as dictionaries"), (1, "as dictionaries"),
        ([{"site": 1.5}], "Int64 in the key"), ([{"site": 1 << 70}], "cannot be one"),
    ],
)  # fmt: skip
def test_entities_that_name_nobody_are_refused(filled: World, entities: Any, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        filled.online.read(phases(), entities)


def test_view_that_was_never_brought_is_missing(world: World) -> None:
    reader = world.online.reader([phases()])
    assert reader.read([{"site": "anything"}]).status("late") == [M]
    world.write([row(1, -3)])
    world.online.materialize(phases())
    assert reader.read([{"site": 1}]).columns["late"] == [-3.0]


def test_several_views_and_keys_are_read_in_one_exchange(world: World) -> None:
    world.write([row(1, -3), row(2, -2)])
    two = phases(ttl=timedelta(days=9))
    both = phases(entities=[Entity("visit", ("site", "who"))], features=[Feature("late", "Float64")])
    world.online.materialize([phases(), both])
    calls = []
    store = world.online.store
    get = store.get
    store.get = lambda wanted: calls.append(wanted) or get(wanted)  # type: ignore[method-assign, func-returns-value]
    service = FeatureService(
        "all",
        [
            phases()[["late"]], phases().with_keys({"site": "from"}, prefix="from_"), phases()[["who"]],
            both.with_keys({}, prefix="visit_"), two.with_keys({}, prefix="two_"),
        ],
    )  # fmt: skip
    found = world.online.read(service, [{"site": 1, "from": 2, "who": "w-3"}, {"site": 2, "from": 7, "who": "w-3"}])
    assert len(calls) == 1
    assert len(calls[0]) == 4
    assert found.columns["late"] == [-3.0, -2.0]
    assert found.columns["from_who"] == ["w-2", None]
    assert found.columns["visit_late"] == [-3.0, None]
    assert found.status("two_late") == [M, M]
    assert world.online.reader(service).columns == ("site", "from", "who")


def double(**changes: Any) -> OnDemandFeatureView:
    options: dict[str, Any] = {
        "sources": phases()[["late", "day"]],
        "request": [Feature("times", "Float64")],
        "features": [Feature("made", "Float64"), Feature("next", "Date")],
        "transform": lambda frame: frame.select(
            made=pl.col("late") * pl.col("times"), next=pl.col("day") + pl.duration(days=1)
        ),
    }
    return OnDemandFeatureView("double", **(options | changes))


def test_on_demand_values_are_those_of_the_same_code_offline(filled: World) -> None:
    rows = pl.DataFrame({"site": [1, 3, 9], "times": [2.0, 3.0, None], "at": [NOON] * 3})
    features = [phases()[["who"]], double()]
    plan = plan_features(FeatureService("s", features).features)
    dataset = filled.datasets.get("phases")
    offline = features_at(rows, plan, timestamp="at", read=lambda view: view_rows(view, dataset)).frame
    online = filled.online.read(features, rows.select("site", "times"))
    assert online.frame.select(offline.columns).equals(offline)
    assert online.status("made") == [P, P, M]
    assert online.freshness("next") == [moment(-3), moment(-1), None]
    by_request = filled.online.read(features, rows.select("site"), {"times": [2, 3, None]})
    assert by_request.frame.select(offline.columns).equals(offline)
    assert filled.online.read(double(), [{"site": 1}], {"times": 4}).columns["made"] == [-12.0]


def test_on_demand_view_of_the_request_alone_needs_no_store(world: World) -> None:
    view = double(
        sources=(), features=[Feature("made", "Float64")], transform=lambda f: f.select(made=-pl.col("times"))
    )
    found = world.online.read(view, [{"times": 1.0}, {"times": 2.0}])
    assert found.columns == {"made": [-1.0, -2.0]}
    assert found.status("made") == [P, P]
    assert world.online.read(view, []).columns == {"made": []}


def test_request_that_does_not_fit_is_refused(filled: World) -> None:
    for request, said in (
        (None, "'times' from the request"),
        ({"times": "x"}, "Float64 for 'times'"),
        ({"times": [1, 2]}, "1 values"),
    ):
        with pytest.raises(InvalidInputError, match=said):
            filled.online.read(double(), [{"site": 1}], request)


@pytest.mark.parametrize("is_there", [False, True])
def test_row_without_its_key_is_told_apart_from_one_whose_key_is_null(world: World, is_there: bool) -> None:
    world.write([row(1, -1)])
    if is_there:
        world.online.materialize(phases())
    with pytest.raises(InvalidInputError, match="entity number 2 has no column 'site'"):
        world.online.read([phases()], [{"site": 1}, {"sit": 1}])
    assert len(world.online.read([phases()], [{"site": 1}, {"site": None}])) == 2


@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize("many", [list, tuple])
def test_entities_that_are_no_rows_are_refused(world: World, is_there: bool, many: Any) -> None:
    world.write([row(1, -1)])
    if is_there:
        world.online.materialize(phases())
    for given in ([1], [1, 2], ["site"], [{"site": 1}, None]):
        with pytest.raises(InvalidInputError, match="as dictionaries"):
            world.online.read([phases()], many(given))
    with pytest.raises(InvalidInputError, match="entity number 2 has no column 'site'"):
        world.online.read([phases()], many([{"site": 1}, {"sit": 1}]))


def test_list_of_an_entity_without_events_is_the_callers_own(world: World) -> None:
    window = Window("last", "who", WindowKind.LAST, over=timedelta(days=1), n=3, dtype="String")
    view = StreamFeatureView("s", entities=phases().entities, source="phases", timestamp="at", windows=[window])
    world.write([row(1, -1)])
    world.online.materialize(view)
    reader = world.online.reader([view])
    for entities in ([{"site": 9}], [{"site": 8}, {"site": 9}]):
        reader.read(entities).columns["last"][-1].append("mine")
        assert reader.read(entities).columns["last"][-1] == []
