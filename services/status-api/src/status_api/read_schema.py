"""The schema `read` made again where it is missing: `app`, which knows what was migrated, is all that a backup has to hold."""

from __future__ import annotations

from importlib import resources

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from status_api.names import APP_SCHEMA, PACKAGE, READ_SCHEMA

MIGRATIONS_OF_READ = frozenset({"0002", "0003", "0004", "0005", "0010"})
"""Those that change nothing but `read`: they are run once more. A migration is about one of the two schemas, never both."""


def make_read_schema_again(url: str) -> bool:
    """Where there is no `read`, run those of its migrations again that `app` says have run. The history in `app` stays as it is.

    Args:
        url: of the service's database, as SQLAlchemy wants it.

    Returns:
        Whether it was missing. It is empty then: the materializer fills it from the first record of every topic.

    Raises:
        SQLAlchemyError: the database failed; nothing was made.
    """
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    script = ScriptDirectory(str(resources.files(PACKAGE).joinpath("migrations")))
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"version_table_schema": APP_SCHEMA})
        newest = context.get_current_revision()
        if newest is None or inspect(connection).has_schema(READ_SCHEMA):
            return False
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        with Operations.context(context):
            for revision in reversed(list(script.iterate_revisions(newest, "base"))):
                if revision.revision in MIGRATIONS_OF_READ:
                    revision.module.upgrade()
    return True
