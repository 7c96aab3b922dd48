"""Everything about people that the HTTP side needs, put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from status_api.stores.people import PeopleStore
from status_api.stores.sign_in_tries import SignInTries
from status_api.stores.tokens import TokenStore
from status_api.stores.wishes import WishStore


@dataclass(frozen=True, slots=True)
class Accounts:
    """Stores of people.

    Attributes:
        people: who they are and what they may do.
        tokens: sessions and tokens.
        tries: passwords that were tried.
        wishes: alerts they want.
    """

    people: PeopleStore
    tokens: TokenStore
    tries: SignInTries
    wishes: WishStore

    @classmethod
    def on(cls, engine: Engine, now: Callable[[], datetime]) -> Accounts:
        """Over a database that shows the schema `app`."""
        return cls(
            PeopleStore(engine, now),
            TokenStore(engine, now),
            SignInTries(engine, now),
            WishStore(engine, now),
        )
