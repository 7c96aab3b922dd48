"""`xero-writer forget-lists`: after its database came from a backup, Xero is asked again what it holds of ours."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from service_runtime.config import ConfigurationError, Environment
from service_runtime.database import make_engine, notify, require_current_schema
from xero_writer.adapters.intake import CHANNEL
from xero_writer.adapters.old_copy import give_up_what_was_under_way
from xero_writer.adapters.tenant_row import forget_lists, tenants_at_work
from xero_writer.bootstrap import PACKAGE, SCHEMA
from xero_writer.core.events import SERVICE
from xero_writer.core.timing import Timing


def forget_lists_command(arguments: Sequence[str]) -> int:
    """Clear when the lists were read. What the journal knows stays; what it does not is taken over by its mark.

    What was under way when the backup was taken is given up, unless it is so young that it may still be.

    Raises:
        ConfigurationError: a variable is wrong, the database does not answer, its schema is older than this release, or it
            has no such tenant, or a replica works: what it is writing now would not be in the list.
    """
    parser = argparse.ArgumentParser(prog=f"{SERVICE} forget-lists", description=forget_lists_command.__doc__)
    parser.add_argument("--tenant", help="only this tenant; default: all")
    tenant_id: str | None = parser.parse_args(arguments).tenant
    env = Environment()
    url, age = (
        env.database_url(),
        Timing(env.number("XERO_KEY_LIFETIME_SECONDS", 360, minimum=1, unit="seconds")).lookup,
    )
    engine = make_engine(url, SCHEMA, pool_size=1)
    try:
        require_current_schema(PACKAGE, engine, url, SCHEMA)
        with engine.begin() as connection:
            working = tenants_at_work(connection, tenant_id)
            if working:
                raise ConfigurationError(
                    f"xero-writer works for {', '.join(working)}: stop it first (after a kill, until its lease has run out)"
                )
            given_up = give_up_what_was_under_way(connection, tenant_id, age)
            tenants = forget_lists(connection, tenant_id)
            for each in tenants:
                notify(connection, CHANNEL, each)
    finally:
        engine.dispose()
    if tenant_id is not None and not tenants:
        raise ConfigurationError(f"--tenant {tenant_id}: wanted a tenant that this database knows")
    shown = ", ".join(tenants) or "no tenant is known yet"
    sys.stdout.write(f"the lists in Xero are read again before the next write: {shown}\n")
    if given_up:
        sys.stdout.write(f"given up: {given_up} documents that were under way in the backup\n")
    return 0
