"""What people want to be told of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, text

from status_api.stores.audit import Who, write_audit


@dataclass(frozen=True, slots=True)
class Wish:
    """Whether alerts of a tenant (None: of every one that has no wish of its own) go to a person, and how much they tell."""

    tenant_id: str | None
    on: bool
    detailed: bool


class WishStore:
    """Changes alert wishes."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def replace(self, person_id: str, wishes: Sequence[Wish], who: Who) -> None:
        """Replace all wishes of a person. Two at once: the later one holds as a whole."""
        with self._engine.begin() as connection:
            connection.execute(
                text("SELECT 1 FROM person WHERE person_id = :person FOR UPDATE"), {"person": person_id}
            )
            connection.execute(
                text("DELETE FROM alert_wish WHERE person_id = :person"), {"person": person_id}
            )
            for wish in wishes:
                connection.execute(
                    text(
                        'INSERT INTO alert_wish (person_id, tenant_id, "on", detailed) VALUES (:person, :tenant, :on, :detailed)'
                    ),
                    {
                        "person": person_id,
                        "tenant": wish.tenant_id,
                        "on": wish.on,
                        "detailed": wish.detailed,
                    },
                )
            write_audit(connection, who, self._now(), "change-alerts", None, who.actor)
