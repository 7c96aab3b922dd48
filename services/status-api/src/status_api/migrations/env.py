"""Alembic environment of this service: one history for both schemas, kept in `app`.

`app` is the schema that is backed up, so it is the one that knows which migrations ran. A rebuilt `read` is made as a copy
of the table definitions that are being served, never by running migrations a second time.
"""

from service_runtime.migrations import run_migrations

run_migrations()
