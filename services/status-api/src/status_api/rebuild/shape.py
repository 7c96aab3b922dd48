"""The tables of the served read model made once more under another schema, with everything that hangs on them.

`CREATE TABLE … LIKE` copies columns; names of constraints and indexes, triggers, functions, storage options, statistics targets and grants
have to be carried over by their own definitions, so that after the swap the next migration finds each under the name that it knows.
Indexes that no merge needs are made after the rows: that is several times faster, and they come out smaller.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from status_api.names import NEXT_SCHEMA, READ_SCHEMA

# pg_get_…def names a schema only if it is not on the search path. All of this holds until the end of the transaction.
_PLAIN = "SET LOCAL search_path = pg_catalog; SET LOCAL statement_timeout = 0"

_STRANGERS = """
SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(:schema) AND relkind NOT IN ('r', 'i') ORDER BY relname
"""
_TABLES = """
SELECT format('CREATE TABLE %I.%I (LIKE %I.%I INCLUDING ALL EXCLUDING INDEXES)', :next, relname, :served, relname)
    || coalesce(' WITH (' || array_to_string(reloptions, ', ') || ')', '')
FROM pg_class WHERE relnamespace = to_regnamespace(:served) AND relkind = 'r' ORDER BY relname
"""
_STATISTICS = """
SELECT format('ALTER TABLE %I.%I ALTER COLUMN %I SET STATISTICS %s', :next, relname, attname, attstattarget)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE relnamespace = to_regnamespace(:served) AND relkind = 'r' AND attnum > 0 AND NOT attisdropped AND attstattarget >= 0
"""
_KEYS = """
SELECT format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', :next, relname, conname, pg_get_constraintdef(k.oid))
FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid
WHERE connamespace = to_regnamespace(:served) AND contype IN ('p', 'u', 'x') ORDER BY conname
"""
_FUNCTIONS = (
    "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = to_regnamespace(:served) ORDER BY oid"
)
_TRIGGERS = """
SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
WHERE relnamespace = to_regnamespace(:served) AND NOT tgisinternal ORDER BY tgname
"""
_GRANTS = """
SELECT format('GRANT %s ON SCHEMA %I TO %s', privilege_type, :next, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END)
FROM pg_namespace, aclexplode(nspacl) WHERE nspname = :served AND grantee <> nspowner
UNION ALL
SELECT format('GRANT %s ON %I.%I TO %s', privilege_type, :next, relname, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END)
FROM pg_class, aclexplode(relacl) WHERE relnamespace = to_regnamespace(:served) AND relkind = 'r' AND grantee <> relowner
"""
_MISSING_INDEXES = """
SELECT c.relname, pg_get_indexdef(c.oid) AS definition FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = to_regnamespace(:served) AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = c.oid)
    AND NOT EXISTS (SELECT 1 FROM pg_class n WHERE n.relnamespace = to_regnamespace(:next) AND n.relname = c.relname)
ORDER BY c.relname
"""
_INDEX_STATISTICS = """
SELECT format('ALTER INDEX %I.%I ALTER COLUMN %s SET STATISTICS %s', :next, relname, attnum, attstattarget)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE relnamespace = to_regnamespace(:served) AND relname = :name AND attstattarget >= 0
"""
_SCHEMAS = {"served": READ_SCHEMA, "next": NEXT_SCHEMA}

_IN_TABLES = """
SELECT concat_ws(' ', 'column', relname, attname, format_type(atttypid, atttypmod), attnotnull, attgenerated, attidentity, attcollation,
    coalesce(attstattarget, -1), pg_get_expr(adbin, adrelid)) AS line
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum
WHERE relnamespace = to_regnamespace(:schema) AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
UNION ALL SELECT concat_ws(' ', 'table', relname, relkind, array_to_string(reloptions, ',')) FROM pg_class
WHERE relnamespace = to_regnamespace(:schema) AND relkind <> 'i'
UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
WHERE connamespace = to_regnamespace(:schema) AND contype <> 't'
UNION ALL SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(t.oid)) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
WHERE relnamespace = to_regnamespace(:schema) AND NOT tgisinternal
UNION ALL SELECT concat_ws(' ', 'function', pg_get_functiondef(oid)) FROM pg_proc WHERE pronamespace = to_regnamespace(:schema)
"""
_IN_INDEXES = """
SELECT concat_ws(' ', 'index', pg_get_indexdef(c.oid), (SELECT string_agg(attstattarget::text, ',' ORDER BY attnum)
    FROM pg_attribute WHERE attrelid = c.oid AND attstattarget >= 0)) AS line
FROM pg_class c WHERE relnamespace = to_regnamespace(:schema) AND relkind = 'i'
"""


class UncopyableError(Exception):
    """The read model holds something that a copy of it would lack."""


def make_next(connection: Connection) -> None:
    """Make `read_next`: every table of `read`, empty, without the indexes that only readers want.

    Raises:
        UncopyableError: there is something else than tables in `read`.
        SQLAlchemyError: the database failed.
    """
    _run(connection, _PLAIN)
    strangers = connection.execute(text(_STRANGERS), {"schema": READ_SCHEMA}).scalars().all()
    if strangers:
        raise UncopyableError(f"the schema {READ_SCHEMA} holds {', '.join(strangers)}, no table nor index")
    _run(connection, f"CREATE SCHEMA {NEXT_SCHEMA}")
    for statements in (_TABLES, _STATISTICS, _KEYS, _GRANTS):
        for statement in connection.execute(text(statements), _SCHEMAS).scalars().all():
            _run(connection, statement)
    for definitions in (_FUNCTIONS, _TRIGGERS):
        for definition in connection.execute(text(definitions), _SCHEMAS).scalars().all():
            _run(connection, _of_next(definition))


def missing_indexes(connection: Connection) -> list[tuple[str, str]]:
    """Name and definition of each index that `read` has and `read_next` does not have yet."""
    _run(connection, _PLAIN)
    return [(row.relname, row.definition) for row in connection.execute(text(_MISSING_INDEXES), _SCHEMAS)]


def make_index(connection: Connection, name: str, definition: str) -> None:
    """Make one of the missing indexes, however long it takes."""
    _run(connection, _PLAIN)
    _run(connection, _of_next(definition))
    for statement in connection.execute(text(_INDEX_STATISTICS), _SCHEMAS | {"name": name}).scalars().all():
        _run(connection, statement)


def shape(connection: Connection, schema: str, *, indexes: bool) -> frozenset[str]:
    """What a read model is made of, the name of its schema left out; empty if there is none.

    Args:
        connection: inside a transaction; its search path is changed until the end of that.
        schema: which.
        indexes: whether all indexes count, too.
    """
    _run(connection, _PLAIN)
    statement = f"{_IN_TABLES} UNION ALL {_IN_INDEXES}" if indexes else _IN_TABLES
    lines = connection.execute(text(statement), {"schema": schema}).scalars().all()
    return frozenset(line.replace(f"{schema}.", "") for line in lines)


def _of_next(definition: str) -> str:
    """A definition of `read` as one of `read_next`."""
    return definition.replace(f" {READ_SCHEMA}.", f" {NEXT_SCHEMA}.")


def _run(connection: Connection, statement: str) -> None:
    """Run a statement as it is. Names in it come from the catalogue, quoted; none holds data."""
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
