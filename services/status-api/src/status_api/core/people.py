"""Who may do what with whom: the rules about people, their grants and the last admin."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from status_api.core.access import EVERYWHERE, Actor, Grant, Role

_EMAIL = re.compile(r"""[^\s@<>"(),;:\\\[\]]{1,64}@[^\s@<>"(),;:\\\[\]]{1,189}""")
_LONGEST_NAME = 200
_NOT_IN_A_LINE = frozenset({"Cc", "Cs", "Zl", "Zp"})


class BadTextError(ValueError):
    """A text that is no e-mail address or name; the message says what is wanted."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person, or a machine that has tokens and no password.

    Attributes:
        person_id: stable.
        email: lower-cased.
        name: for people.
        can_sign_in: whether there is a password.
        active: False = disabled: nothing of theirs is let in.
        grants: roles at tenants.
    """

    person_id: str
    email: str
    name: str
    can_sign_in: bool
    active: bool
    grants: tuple[Grant, ...]

    @property
    def is_admin_everywhere(self) -> bool:
        """Whether this person, while active, may do everything."""
        return self.active and Grant(EVERYWHERE, Role.ADMIN) in self.grants


def email_of(text: str) -> str:
    """An e-mail address in the form it is stored in.

    Raises:
        BadTextError: it is none, or one that a mail header could not carry as it is.
    """
    email = unicodedata.normalize("NFC", text.strip()).lower()
    if not _EMAIL.fullmatch(email) or not _is_a_line(email):
        raise BadTextError("wanted an e-mail address such as anna@example.com")
    return email


def name_of(text: str) -> str:
    """A name in the form it is stored in.

    Raises:
        BadTextError: it is empty, too long, or more than a line.
    """
    name = unicodedata.normalize("NFC", text.strip())
    if not 1 <= len(name) <= _LONGEST_NAME or not _is_a_line(name):
        raise BadTextError(f"wanted 1 to {_LONGEST_NAME} characters on one line")
    return name


def _is_a_line(text: str) -> bool:
    return not any(unicodedata.category(character) in _NOT_IN_A_LINE for character in text)


def may_grant(actor: Actor, tenant_id: str | None) -> bool:
    """Whether somebody may give, change and take roles there: an admin of that place; everywhere takes an admin everywhere.

    No role is above admin, so nobody can give more than they hold.
    """
    return actor.role_at(tenant_id) is Role.ADMIN


def shown_grants(actor: Actor, person: Person) -> tuple[Grant, ...]:
    """The grants of a person that somebody may know of: those at places where they give roles themselves."""
    return tuple(grant for grant in person.grants if may_grant(actor, grant.tenant_id))


def is_visible(actor: Actor, person: Person) -> bool:
    """Whether somebody may know that a person exists: all of them for an admin everywhere, else those with a grant shown."""
    return may_grant(actor, EVERYWHERE) or bool(shown_grants(actor, person))


def may_change(actor: Actor, person: Person) -> bool:
    """Whether somebody may disable or rename a person, or let them choose a new password: an admin wherever the person has a role.

    An admin of one tenant must not get at what the person may do at another one.
    """
    return may_grant(actor, EVERYWHERE) or (
        bool(person.grants) and len(shown_grants(actor, person)) == len(person.grants)
    )


def merged(person: Collection[Grant], given: Iterable[Grant]) -> tuple[Grant, ...]:
    """Grants with some replaced or added: one role at each place."""
    by_place = {grant.tenant_id: grant for grant in person} | {grant.tenant_id: grant for grant in given}
    return tuple(by_place.values())


def loses_last_admin(before: Sequence[Person], after: Sequence[Person]) -> bool:
    """Whether a change would leave nobody who is an admin everywhere, or none of them who has a password."""
    admins, left = ([person for person in people if person.is_admin_everywhere] for people in (before, after))
    return bool(admins and not left) or (
        any(person.can_sign_in for person in admins) and not any(person.can_sign_in for person in left)
    )
