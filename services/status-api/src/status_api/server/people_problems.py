"""Problems of signing in and of administering people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus

from invoice_events.plain import to_plain
from status_api.core.cautions import Caution
from status_api.server.problems import Problem


def sign_in_refused() -> Problem:
    """Wrong password, unknown or disabled person: the same words for all of them."""
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "sign-in-refused",
        "Not signed in",
        "E-mail address or password is wrong. Somebody with the role admin can send a new invitation.",
        headers={"WWW-Authenticate": 'Bearer realm="status-api"'},
    )


def too_many_tries(wait: timedelta) -> Problem:
    """Too many passwords were tried for this account or from this address."""
    seconds = max(1, round(wait.total_seconds()))
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too-many-sign-ins",
        "Too many tries to sign in",
        f"No further password is looked at for this account or address now. Try again in {seconds} seconds.",
        headers={"Retry-After": str(seconds)},
    )


def busy_with_passwords() -> Problem:
    """As many passwords are being looked at as may be at once."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "busy",
        "Too many people sign in at this moment",
        "The password was not looked at. Try again in a second.",
        headers={"Retry-After": "1"},
    )


def bad_password(detail: str) -> Problem:
    """A new password that may not be one; it is never repeated."""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "bad-password",
        "This can not be a password",
        f"The new password {detail}. Every character may be used.",
    )


def wrong_password() -> Problem:
    """A change of password with a wrong old one."""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "wrong-password",
        "The current password is wrong",
        "The password was not changed.",
    )


def unknown_invitation() -> Problem:
    """An invitation that can not be used."""
    return Problem(
        HTTPStatus.NOT_FOUND,
        "unknown-invitation",
        "This invitation can not be used",
        "It was used already, replaced by a newer one, or is too old. Ask for a new one.",
    )


def unknown_person(person_id: str) -> Problem:
    """No such person, or none that the asker may know of."""
    return Problem(
        HTTPStatus.NOT_FOUND,
        "unknown-person",
        "No such person",
        f"{person_id} is nobody whom you administer: GET /api/v1/people lists them.",
    )


def unknown_token(token_id: str) -> Problem:
    """No such token, or none of the asker's."""
    return Problem(
        HTTPStatus.NOT_FOUND,
        "unknown-token",
        "No such token",
        f"{token_id} is no token or session here: the list of tokens has their ids.",
    )


def not_yours_alone(email: str) -> Problem:
    """A change of a person who has roles where the asker is no admin."""
    return Problem(
        HTTPStatus.FORBIDDEN,
        "roles-elsewhere",
        "This person has roles elsewhere",
        f"{email} has roles at places that you do not administer, so only the grants at yours can be changed: ask an admin of every tenant.",
    )


def last_admin() -> Problem:
    """A change that would leave nobody to administer the installation."""
    return Problem(
        HTTPStatus.CONFLICT,
        "last-admin",
        "The last admin can not be removed",
        "Nobody else who is active and can sign in is an admin of every tenant: make another one first.",
    )


def session_needed() -> Problem:
    """Something that a person does, asked for with a machine's token."""
    return Problem(
        HTTPStatus.FORBIDDEN,
        "session-needed",
        "This takes a session",
        "Sign in with POST /api/v1/sessions: a token of a machine, or of the environment, can not do this.",
    )


def not_a_machine(email: str) -> Problem:
    """A token for somebody who signs in."""
    return Problem(
        HTTPStatus.CONFLICT,
        "not-a-machine",
        "This person makes their own tokens",
        f"{email} has a password, or is disabled: a token can be made only for a machine, which has none.",
    )


def confirmation_needed(needed: Sequence[Caution]) -> Problem:
    """Settings whose effects in the books can not be taken back."""
    return Problem(
        HTTPStatus.CONFLICT,
        "confirmation-needed",
        "This change has to be confirmed",
        "Send the same again with confirm naming "
        + ", ".join(caution.setting for caution in needed)
        + ": "
        + " ".join(caution.words for caution in needed),
        more={
            "cautions": [
                {
                    "setting": caution.setting,
                    "before": to_plain(caution.before),
                    "after": to_plain(caution.after),
                    "caution": caution.words,
                }
                for caution in needed
            ]
        },
    )
