"""Which columns of its tables each column of an SQL query is computed from, by DuckDB's parser.

Counted is what values are computed from; conditions, joins, groups and orders only choose rows, and are not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from millwright.core.errors import InvalidInputError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

Sources: TypeAlias = frozenset[tuple[str, str]]  # input and column
Relation: TypeAlias = list[tuple[str, Sources]]  # the columns of a table or query, in order
_NOTHING: Sources = frozenset()
_HIDES_RIGHT = {"SEMI", "ANTI"}


def sql_columns(sql: str, inputs: Mapping[str, pl.Schema]) -> dict[str, Sources]:
    """The columns of a query's result → what each is computed from.

    Args:
        sql: One SELECT over the inputs, in DuckDB's SQL.
        inputs: The tables' columns by the tables' names.

    Raises:
        InvalidInputError: The SQL is wrong, or holds what this cannot follow (recursion, table functions, patterns of
            columns, lambdas over struct fields).
        MissingExtraError: DuckDB is not installed.
    """
    names, tree = _parsed(sql, inputs)
    tables = {name.casefold(): [(column, frozenset({(name, column)})) for column in inputs[name]] for name in inputs}
    found = _query(tree, _Scope(tables=tables))
    if len(found) != len(names):
        raise _cannot(f"{len(names)} columns come out, {len(found)} were expected")
    return {name: sources for name, (_, sources) in zip(names, found, strict=True)}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scope:
    """What names mean.

    Attributes:
        tables: Inputs and named queries, by name in lower case.
        visible: The tables of the FROM clause that a query stands in, by alias; those around it for a subquery.
    """

    tables: Mapping[str, Relation]
    visible: Mapping[str, Relation] = field(default_factory=dict)


def _parsed(sql: str, inputs: Mapping[str, pl.Schema]) -> tuple[list[str], dict[str, Any]]:
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtraError("DuckDB", "duckdb") from error
    import polars as pl

    connection = duckdb.connect()
    try:
        for name, schema in inputs.items():
            connection.register(name, pl.DataFrame(schema=schema).to_arrow())
        # As text: PARAMETERS are not taken by this function in every release.
        answer = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchone()
        tree = json.loads(answer[0] if answer else "{}")
        described = connection.execute(f"DESCRIBE {sql.strip().rstrip(';')}").fetchall()
    except duckdb.Error as error:
        raise InvalidInputError(
            f"Expected a SELECT over {', '.join(inputs)}, found SQL that DuckDB refuses: "
            f"{' '.join(str(error).split())[:300]}."
        ) from error
    finally:
        connection.close()
    if tree.get("error") or len(tree.get("statements", ())) != 1:
        raise _cannot(str(tree.get("error_message") or "it is not one SELECT"))
    return [row[0] for row in described], tree["statements"][0]["node"]


def _query(node: Mapping[str, Any], scope: _Scope) -> Relation:
    tables = dict(scope.tables)
    for entry in node.get("cte_map", {}).get("map", ()):
        inner = _query(entry["value"]["query"]["node"], _Scope(tables=tables, visible=scope.visible))
        tables[entry["key"].casefold()] = _renamed(inner, entry["value"].get("aliases", ()))
    scope = _Scope(tables=tables, visible=scope.visible)
    kind = node.get("type")
    if kind == "SELECT_NODE":
        return _select(node, scope)
    if kind == "SET_OPERATION_NODE":
        sides = node.get("children") or [node["left"], node["right"]]
        relations = [_query(side, scope) for side in sides]
        first = relations[0]
        if any(len(relation) != len(first) for relation in relations):
            raise _cannot("tables of different widths are put below one another")
        return [
            (name, frozenset().union(*(relation[place][1] for relation in relations)))
            for place, (name, _) in enumerate(first)
        ]
    raise _cannot(f"a query of the kind {kind}")


def _select(node: Mapping[str, Any], scope: _Scope) -> Relation:
    here, shown = _from(node["from_table"], scope)
    inner = _Scope(tables=scope.tables, visible={**scope.visible, **here})
    found: Relation = []
    for expression in node["select_list"]:
        if expression["class"] == "STAR":
            found += _star(expression, here, shown, inner)
        else:
            own = dict(found)
            found.append((expression.get("alias") or _last_name(expression), _sources(expression, inner, own)))
    return found


def _from(table: Mapping[str, Any], scope: _Scope) -> tuple[dict[str, Relation], Relation]:
    """The tables of a FROM clause by alias, and the columns that `*` means."""
    kind, alias = table["type"], table.get("alias") or ""
    if kind == "EMPTY":
        return {}, []
    if kind == "JOIN":
        left, shown = _from(table["left"], scope)
        right, others = _from(table["right"], _Scope(tables=scope.tables, visible={**scope.visible, **left}))
        if table["join_type"] in _HIDES_RIGHT:
            return left, shown
        used = {name.casefold() for name in table.get("using_columns", ())}
        if table.get("ref_type") == "NATURAL":
            used = {name.casefold() for name, _ in shown} & {name.casefold() for name, _ in others}
        return {**left, **right}, [*shown, *(each for each in others if each[0].casefold() not in used)]
    if kind == "BASE_TABLE":
        name = table["table_name"]
        if name.casefold() not in scope.tables:
            raise _cannot(f"the table {name} is none of the inputs")
        relation = scope.tables[name.casefold()]
        alias = alias or name
    elif kind == "SUBQUERY":
        relation = _query(table["subquery"]["node"], scope)
    else:
        raise _cannot(f"a table of the kind {kind}")
    relation = _renamed(relation, table.get("column_name_alias", ()))
    return {alias.casefold(): relation}, relation


def _star(
    star: Mapping[str, Any], here: Mapping[str, Relation], shown: Relation, scope: _Scope
) -> Iterator[tuple[str, Sources]]:
    if star.get("columns") or star.get("rename_list") or star.get("expr"):
        raise _cannot("a pattern of columns")
    name = star.get("relation_name") or ""
    relation = here[name.casefold()] if name else shown
    left_out = {_column_name(each).casefold() for each in star.get("exclude_list", ())}
    replaced = {_column_name(each["key"]).casefold(): each["value"] for each in star.get("replace_list", ())}
    for column, sources in relation:
        if column.casefold() in left_out:
            continue
        other = replaced.get(column.casefold())
        yield column, sources if other is None else _sources(other, scope, {})


def _sources(expression: Any, scope: _Scope, own: Mapping[str, Sources]) -> Sources:
    """What an expression is computed from; `own` are the columns before it in the same SELECT."""
    if isinstance(expression, list):
        return frozenset().union(*(_sources(each, scope, own) for each in expression))
    if not isinstance(expression, dict):
        return _NOTHING
    kind = expression.get("class")
    if kind == "COLUMN_REF":
        return _column(expression["column_names"], scope, own)
    if kind == "SUBQUERY":
        columns = [sources for _, sources in _query(expression["subquery"]["node"], scope)]
        return frozenset().union(*columns, _sources(expression.get("child"), scope, own))
    if kind in {"STAR", "LAMBDA"}:
        raise _cannot("a pattern of columns" if kind == "STAR" else "a lambda")
    return frozenset().union(*(_sources(value, scope, own) for value in expression.values()))


def _column(names: list[str], scope: _Scope, own: Mapping[str, Sources]) -> Sources:
    folded = [name.casefold() for name in names]
    if len(folded) > 1 and folded[0] in scope.visible:
        for column, sources in scope.visible[folded[0]]:
            if column.casefold() == folded[1]:
                return sources
    # A name without a table, or the field of a struct column. Inner tables come last, and hide those around them.
    for relation in reversed(list(scope.visible.values())):
        for column, sources in relation:
            if column.casefold() == folded[0]:
                return sources
    for column, sources in own.items():
        if column.casefold() == folded[0]:
            return sources
    raise _cannot(f"nothing is called {'.'.join(names)}")


def _renamed(relation: Relation, aliases: Any) -> Relation:
    names = list(aliases)
    return [(names[place] if place < len(names) else name, sources) for place, (name, sources) in enumerate(relation)]


def _last_name(expression: Mapping[str, Any]) -> str:
    names = expression.get("column_names")
    return str(names[-1]) if names else ""


def _column_name(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("column") or value.get("column_name") or "")
    return str(value)


def _cannot(what: str) -> InvalidInputError:
    return InvalidInputError(
        f"Expected SQL whose columns can be followed, found something else: {what}.",
        hint="Declare what each column is computed from: columns={'late': ['schedules.planned_end', …]}.",
    )
