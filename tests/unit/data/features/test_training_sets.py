"""Training sets of recorded definitions: values, lineage, and no knowledge from the future."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given, settings

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.records.audit import NodeKind
from millwright.core.records.dataset import DatasetKind
from millwright.data.features.definition import Entity, Feature, FeatureService, FeatureView, OnDemandFeatureView
from millwright.data.features.features_at import features_at
from millwright.data.features.plan import plan_features
from millwright.data.features.view_rows import view_rows
from millwright.data.lineage.graph import Direction, Node, walk

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def wanted(*rows: tuple[str, int]) -> pl.DataFrame:
    return pl.DataFrame(
        {"building": [row[0] for row in rows], "event_timestamp": [START + row[1] * DAY for row in rows]},
        schema_overrides={"event_timestamp": pl.Datetime("us", "UTC")},
    )


@pytest.mark.usefixtures("phases")
class TestTrainingSets:
    def test_rows_get_what_was_known_at_their_moments(self, features, history) -> None:
        features.apply([FeatureService("delay", [history])])
        rows = wanted(("a", 3), ("b", 1), ("a", 6), ("c", 3), ("a", 0), ("a", 14), ("a", 15))
        made = features.training_set(rows, features="delay")
        assert made.frame.drop("late", "cost").equals(rows)
        # On day 3 the phase that ended on day 2 was not written down yet; on day 15 the last one is 11 days old.
        assert made.frame["late"].to_list() == [1, None, 5, None, 1, 5, None]
        assert made.frame["cost"].to_list() == [1.5, None, 4.5, None, 1.5, 4.5, None]
        assert made.record.service == "delay@1"
        assert made.record.definitions == ("service/delay@1", "view/history@1")
        assert (made.record.datasets, made.record.features) == (("phases@1",), ("late", "cost"))
        assert (made.record.rows, dict(made.record.matched)) == (7, {"history": 4})

    def test_features_are_named_one_by_one(self, features, history) -> None:
        features.apply([history])
        made = features.training_set(wanted(("b", 3)), ["history:cost"])
        assert made.frame.columns == ["building", "event_timestamp", "cost"]
        assert features.training_set(wanted(("b", 3)), "history:cost").frame.equals(made.frame)
        assert features.training_set(wanted(("b", 3)), [history[["cost"]]]).frame.equals(made.frame)
        assert made.record.service == ""
        with pytest.raises(NotFoundError, match=r"no feature view 'histori'\. Did you mean"):
            features.training_set(wanted(("b", 3)), ["histori:cost"])
        with pytest.raises(InvalidInputError, match=r"has no feature 'costs'\. Did you mean 'cost'"):
            features.training_set(wanted(("b", 3)), ["history:costs"])

    def test_one_view_serves_two_keys(self, features, history) -> None:
        moves = pl.DataFrame({"origin": ["a"], "destination": ["b"], "at": [START + 3 * DAY]})
        chosen = [
            history[["late"]].with_keys({"building": "origin"}, prefix="origin_"),
            history[["late"]].with_keys({"building": "destination"}, prefix="destination_"),
        ]
        made = features.training_set(moves, FeatureService("move", chosen), timestamp="at")
        assert made.frame.row(0)[3:] == (1, 3)
        assert made.record.definitions == ("service/move", "view/history")  # neither is recorded

    def test_on_demand_features_are_computed_by_their_function(self, features, history) -> None:
        share = OnDemandFeatureView(
            "share",
            sources=[history[["cost"]]],
            request=[Feature("budget", "Float64")],
            features=[Feature("share", "Float64")],
            transform=lambda frame: frame.select(share=pl.col("cost") / pl.col("budget")),
        )
        rows = wanted(("b", 3), ("c", 3)).with_columns(budget=pl.lit(7))
        made = features.training_set(rows, [share, history[["late"]]])
        assert made.frame["share"].to_list() == [0.5, None]
        assert made.frame.columns[-2:] == ["share", "late"]
        with pytest.raises(InvalidInputError, match=r"Expected a column 'budget' \(request\)"):
            features.training_set(rows.drop("budget"), [share])

    def test_on_demand_function_that_mixes_rows_is_refused(self, features) -> None:
        mixing = OnDemandFeatureView(
            "share",
            request=[Feature("budget", "Float64")],
            features=[Feature("share", "Float64")],
            transform=lambda frame: frame.select(share=pl.col("budget") / pl.col("budget").sum()),
        )
        rows = wanted(("b", 3), ("c", 3)).with_columns(budget=pl.lit(7))
        with pytest.raises(InvalidInputError, match="each row from itself alone"):
            features.training_set(rows, [mixing])

    def test_naive_moments_and_dates_count_as_utc(self, features, history) -> None:
        rows = wanted(("b", 2))
        for moment in (pl.col("event_timestamp").dt.replace_time_zone(None), pl.col("event_timestamp").dt.date()):
            assert features.training_set(rows.with_columns(moment), [history]).frame["late"].to_list() == [3]

    def test_dataset_is_read_at_the_version_asked_for(self, features, history, datasets, phases) -> None:
        features.apply([history])
        datasets.write(phases.with_columns(late=pl.lit(99)), "phases", kind=DatasetKind.TABLE)
        now = features.training_set(wanted(("b", 3)), ["history:late"])
        then = features.training_set(wanted(("b", 3)), ["history:late"], versions={"phases": "1"})
        assert (now.frame["late"].item(), now.record.datasets) == (99, ("phases@2",))
        assert (then.frame["late"].item(), then.record.datasets) == (3, ("phases@1",))
        with pytest.raises(InvalidInputError, match=r"No view reads a dataset 'phase'\. Did you mean 'phases'"):
            features.training_set(wanted(("b", 3)), ["history:late"], versions={"phase": "1"})

    def test_saved_training_set_knows_what_it_was_made_of(self, features, history, datasets) -> None:
        features.apply([FeatureService("delay", [history])])
        datasets.write(wanted(("b", 3)), "wanted", kind=DatasetKind.TABLE)
        saved = features.save(features.training_set("wanted@1", "delay"), "training")
        assert saved.read()["late"].to_list() == [3]
        assert saved.record.details["training_set"]["service"] == "delay@1"
        lineage = walk(features.stores.lineage, Node(NodeKind.DATASET, "training@1"))
        assert {"phases@1", "wanted@1"} <= set(lineage.of_kind(NodeKind.DATASET))
        assert {"service/delay@1", "view/history@1"} <= set(lineage.of_kind(NodeKind.FEATURE))
        below = walk(features.stores.lineage, Node(NodeKind.FEATURE, "view/history@1"), direction=Direction.DOWNSTREAM)
        assert "training@1" in below.of_kind(NodeKind.DATASET)
        assert features.save(features.training_set("wanted@1", "delay"), "training").record.ref == "training@1"

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda rows: rows.drop("building"), r"a column 'building' \(key\)"),
            (lambda rows: rows.drop("event_timestamp"), r"a column 'event_timestamp' \(moment\)"),
            (lambda rows: rows.with_columns(late=1), "have 'late' already"),
            (lambda rows: rows.with_columns(building=1), "Expected String in the key 'building'"),
            (lambda rows: rows.with_columns(event_timestamp=pl.lit("x")), "Expected dates or moments"),
            (lambda rows: rows.to_dict(), "Expected entity rows as a Polars frame"),
        ],
    )
    def test_entity_rows_that_do_not_fit_are_told_why(self, features, history, change, said) -> None:
        with pytest.raises(InvalidInputError, match=said):
            features.training_set(change(wanted(("b", 3))), [history])

    def test_every_known_entity_at_some_moments(self, features, history) -> None:
        rows = features.entity_rows([history], [START + DAY, START + 3 * DAY, START - DAY])
        assert rows.rows() == [("a", START + DAY), ("a", START + 3 * DAY), ("b", START + 3 * DAY)]
        assert features.training_set(rows, [history]).frame["late"].to_list() == [1, 1, 3]

    def test_no_rows_give_no_rows_with_all_columns(self, features, history, datasets, phases) -> None:
        made = features.training_set(wanted(("b", 3)).head(0), [history])
        assert (made.frame.height, made.frame.width) == (0, 4)
        datasets.write(phases.head(0), "phases", kind=DatasetKind.TABLE)
        assert features.training_set(wanted(("b", 3)), [history]).frame["late"].to_list() == [None]


HISTORY = FeatureView(
    "history", entities=[Entity("building")], source="phases", features=[Feature("late", "Int64")], timestamp="ended",
    ttl=4 * DAY,
)  # fmt: skip
EVENTS = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 9), st.integers(-2, 5), st.integers(0, 100)), max_size=25
)


@settings(max_examples=200, deadline=None)
@given(EVENTS, st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 10)), max_size=12), st.randoms())
def test_nothing_that_lies_in_the_future_changes_a_training_set(events, rows, random) -> None:
    """Every row that is later than all wanted moments, or was recorded later, is altered, dropped or put elsewhere."""
    moment = max((hour for _, hour in rows), default=0)
    table = phases_of(events)
    known = [event for event in events if event[1] <= moment and event[1] + event[2] <= moment]
    future = [event for event in events if event not in known]
    altered = [
        (random.choice("abc"), hour, lag, random.randrange(1000))
        if hour > moment
        else (random.choice("abc"), hour - random.randrange(20), lag + 20, random.randrange(1000))
        for _, hour, lag, _ in future
        if random.random() < 0.8
    ]
    altered += [("a", moment + 1, 0, -1), ("b", moment, 1, -2)]
    mixed = [*known]
    for event in altered:
        mixed.insert(random.randrange(len(mixed) + 1), event)
    frame = wanted(*rows)
    assert joined(frame, table).equals(joined(frame, phases_of(mixed)))


def phases_of(events) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "building": [event[0] for event in events],
            "ended": [START + event[1] * DAY for event in events],
            "created": [START + (event[1] + event[2]) * DAY for event in events],
            "late": [event[3] for event in events],
        },
        schema={"building": pl.String(), "ended": pl.Datetime("us", "UTC"), "created": pl.Datetime("us", "UTC"),
                "late": pl.Int64()},
    )  # fmt: skip


def joined(rows: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    plan = plan_features([HISTORY[["late"]]])
    rows = rows.with_columns(pl.col("building").cast(pl.String))
    return features_at(rows, plan, timestamp="event_timestamp", read=lambda view: view_rows(view, table)).frame


def test_leak_would_be_noticed() -> None:
    """The test above has teeth: without the created timestamp, it would find a leak."""
    table = phases_of([("a", 1, 5, 7)])
    rows = wanted(("a", 2))
    assert joined(rows, table)["late"].to_list() == [None]
    leaky = replace(HISTORY, created="")
    found = features_at(
        rows, plan_features([leaky[["late"]]]), timestamp="event_timestamp", read=lambda view: view_rows(view, table)
    )
    assert found.frame["late"].to_list() == [7]
