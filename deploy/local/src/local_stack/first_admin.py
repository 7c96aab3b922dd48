"""Somebody who can sign in to the dashboard of a stack that has just come up."""

import os
import secrets
import subprocess
import sys
from dataclasses import dataclass

from local_stack.errors import StackError

EMAIL = "admin@example.com"
_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """What a person types on the sign-in page."""

    email: str
    password: str


def make_first_admin(database_url: str) -> SignIn:
    """Make an admin of every tenant with a fresh password; somebody of that address gets a new one.

    Args:
        database_url: status-api's own database, migrated.

    Raises:
        StackError: it can not be done; the message has status-api's words.
    """
    made = SignIn(email=EMAIL, password=secrets.token_urlsafe(12))
    answer = subprocess.run(
        [sys.executable, "-m", "status_api", "create-admin", "--email", made.email, "--name", "First admin"],
        check=False,
        env={**os.environ, "DATABASE_URL": database_url},
        input=f"{made.password}\n",
        capture_output=True,
        text=True,
        timeout=_SECONDS,
    )
    if answer.returncode != 0:
        raise StackError("the first admin could not be made: " + " | ".join(answer.stderr.splitlines()[-3:]))
    return made
