"""Many rows at once, in the words of whichever database it is."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, any_, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import UpdateBase


def next_number(connection: Connection, table: Table) -> int:
    """The first number not taken; it stays so within a writing transaction, as there is one writer at a time."""
    return int(connection.execute(select(func.coalesce(func.max(table.c.number), 0))).scalar_one()) + 1


def run(connection: Connection, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute the statement for each row, handing the rows straight to the driver.

    SQLAlchemy's own way through its parameters costs more per row than SQLite's insertion. All rows have the
    columns of the first, and hold only integers, text and None.
    """
    if not rows:
        return
    compiled: Any = statement.compile(dialect=connection.dialect, column_keys=list(rows[0]))
    if compiled.positional:
        names = compiled.positiontup
        pick = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
        connection.exec_driver_sql(str(compiled), [pick(row) for row in rows])
    else:
        connection.exec_driver_sql(str(compiled), [dict(row) for row in rows])


def insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insertion that knows `ON CONFLICT`: both dialects spell it alike, each in its own class."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], keep: Collection[str] = ()) -> None:
    """Insert the rows, or renew those whose primary key is there, except the columns of `keep`."""
    if rows:
        statement = insert(connection, table)
        key = [column.name for column in table.primary_key]
        renewed = {name: statement.excluded[name] for name in rows[0] if name not in key and name not in keep}
        run(connection, statement.on_conflict_do_update(index_elements=key, set_=renewed), rows)


def among(
    connection: Connection, query: Select[Any], column: ColumnElement[Any], values: Collection[Any]
) -> Iterator[Row[Any]]:
    """Rows of the query whose column holds one of the values.

    The values travel as one parameter: to write thousands of them into the statement costs more than the answer.
    """
    wanted = sorted(set(values))
    if not wanted:
        return
    if connection.dialect.name == "postgresql":
        chosen = column == any_(literal(wanted, postgresql.ARRAY(column.type)))
    else:
        chosen = column.in_(select(func.json_each(json.dumps(wanted)).table_valued("value").c.value))
    yield from connection.execute(query.where(chosen))
