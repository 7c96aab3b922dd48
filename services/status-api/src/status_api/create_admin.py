"""`status-api create-admin`: the first admin, and the way back in for whoever has the database."""

from __future__ import annotations

import argparse
import getpass
import sys
import uuid
from collections.abc import Sequence

from invoice_events.identity import new_traceparent, utc_now
from service_runtime.by_hand import with_one_line
from service_runtime.config import Environment
from service_runtime.database import make_engine, require_current_schema
from status_api.core.passwords import BadPasswordError, new_password
from status_api.core.people import BadTextError, Person, email_of, name_of
from status_api.names import APP_SCHEMA, PACKAGE, SEARCH_PATH, SERVICE
from status_api.server.hashing import Hasher
from status_api.stores.audit import Who
from status_api.stores.people import PeopleStore
from status_api.stores.person_rows import Invitation

ACTOR = "create-admin"


def create_admin(arguments: Sequence[str]) -> int:
    """`status-api create-admin --email … [--name …] [--invite]`; returns the exit code.

    The password is asked for twice, or read from the first line of standard input if that is no terminal; it is never an argument,
    where other users of the machine could see it. With `--invite` none is set: a one-time invitation is printed.

    Raises:
        ConfigurationError: a variable is wrong, the database does not answer, or its schema is older than this release.
    """
    return with_one_line(SERVICE, _create_admin)(arguments)


def _create_admin(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        f"{SERVICE} create-admin",
        description="Makes an admin of every tenant, or makes somebody who is known one.",
    )
    parser.add_argument("--email", required=True, help="what the person signs in with")
    parser.add_argument("--name", help="of a new person; the e-mail address if left out")
    parser.add_argument(
        "--invite",
        action="store_true",
        help="set no password, print an invitation with which the person chooses one",
    )
    asked = parser.parse_args(arguments)
    try:
        email = email_of(asked.email)
        name = name_of(asked.name if asked.name is not None else email)
        password = None if asked.invite else new_password(_read_password())
    except BadTextError as error:
        sys.stderr.write(f"{SERVICE}: --email or --name is wrong: {error}\n")
        return 2
    except BadPasswordError as error:
        sys.stderr.write(f"{SERVICE}: the password {error}\n")
        return 2
    url = Environment().database_url()
    engine = make_engine(url, SEARCH_PATH, pool_size=1)
    try:
        require_current_schema(PACKAGE, engine, url, APP_SCHEMA)
        who = Who(ACTOR, str(uuid.uuid4()), new_traceparent())
        password_hash = None if password is None else Hasher().hash(password)
        person, invitation = PeopleStore(engine, utc_now).make_admin(email, name, password_hash, who)
    finally:
        engine.dispose()
    sys.stdout.write(_told(person, invitation))
    return 0


def _read_password() -> str:
    """The password.

    Raises:
        BadPasswordError: it was typed differently the second time.
    """
    if not sys.stdin.isatty():
        line = sys.stdin.buffer.readline().decode("utf-8", "surrogateescape")
        return line.removesuffix("\n").removesuffix("\r")
    first = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != first:
        raise BadPasswordError("was typed differently the second time")
    return first


def _told(person: Person, invitation: Invitation | None) -> str:
    told = f"{person.email} is an admin of every tenant"
    if invitation is None:
        return f"{told} and signs in with this password.\n"
    return (
        f"{told}. With this invitation a password can be chosen once, until"
        f" {invitation.expires_at.isoformat(timespec='minutes')} (POST /api/v1/invitations/accepted):\n{invitation.secret}\n"
    )
