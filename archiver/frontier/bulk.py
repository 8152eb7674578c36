"""Many rows in one statement.

Belongs here: inserts, upserts and updates of lists of rows, as each database does them fastest. SQLite runs a prepared statement over
the rows in this process; PostgreSQL is sent one array a column, because a statement a row costs it four times as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, text, update
from sqlalchemy.dialects import sqlite

Rows = Sequence[dict[str, Any]]


def insert_new(connection: Connection, table: Table, keys: list[str], rows: Rows) -> None:
    """Inserts the rows whose `keys` are not there yet."""
    if not rows:
        return
    if _has_arrays(connection):
        _send(connection, table, f"{_insert(connection, table, rows)} ON CONFLICT ({_names(keys)}) DO NOTHING", rows)
    else:
        connection.execute(sqlite.insert(table).on_conflict_do_nothing(index_elements=keys), rows)


def upsert(connection: Connection, table: Table, keys: list[str], rows: Rows) -> None:
    """Inserts rows, or puts their other columns in place of those that are there. No two rows share their `keys`."""
    if not rows:
        return
    changes = [name for name in rows[0] if name not in keys]
    if _has_arrays(connection):
        values = ", ".join(f'"{name}" = excluded."{name}"' for name in changes)
        statement = f"{_insert(connection, table, rows)} ON CONFLICT ({_names(keys)}) DO UPDATE SET {values}"
        _send(connection, table, statement, rows)
        return
    query = sqlite.insert(table)
    changed = {name: query.excluded[name] for name in changes}
    connection.execute(query.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def change(connection: Connection, table: Table, key: str, rows: Rows) -> None:
    """Updates the rows that `key` names with the other columns given."""
    if not rows:
        return
    changes = [name for name in rows[0] if name != key]
    if _has_arrays(connection):
        values = ", ".join(f'"{name}" = given."{name}"' for name in changes)
        given = f"unnest({_arrays(connection, table, rows)}) AS given({_names(rows[0])})"
        _send(
            connection,
            table,
            f'UPDATE "{table.name}" SET {values} FROM {given} WHERE "{table.name}"."{key}" = given."{key}"',
            rows,
        )
        return
    query = update(table).where(table.c[key] == bindparam("this")).values({name: bindparam(name) for name in changes})
    connection.execute(query, [{"this" if name == key else name: value for name, value in row.items()} for row in rows])


def _has_arrays(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _insert(connection: Connection, table: Table, rows: Rows) -> str:
    return f'INSERT INTO "{table.name}" ({_names(rows[0])}) SELECT * FROM unnest({_arrays(connection, table, rows)})'


def _send(connection: Connection, table: Table, statement: str, rows: Rows) -> None:
    connection.execute(text(statement), {name: [row[name] for row in rows] for name in rows[0]})


def _names(names: Any) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _arrays(connection: Connection, table: Table, rows: Rows) -> str:
    types = {name: table.c[name].type.compile(connection.dialect) for name in rows[0]}
    return ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in types.items())
