"""How far a tenant's looks at Autotask have come, for those that ask what happened since a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, text

Mark = Literal["voids_until", "cancellations_until"]


@dataclass(frozen=True, slots=True)
class Marks:
    """One tenant's bookmarks.

    Attributes:
        activated_at: when its first look began, by the database's clock.
        voids_until: until when voided invoices were looked for, None if they never were.
        orders_from: the moment since which purchase orders go over: some days before they were first looked for.
        cancellations_until: until when cancelled orders were looked for, None if they never were.
    """

    activated_at: datetime
    voids_until: datetime | None
    orders_from: datetime | None
    cancellations_until: datetime | None


class Bookmarks:
    """One tenant's row."""

    def __init__(self, tenant_id: str) -> None:
        self._tenant_id = tenant_id

    def read(self, connection: Connection) -> Marks | None:
        """The marks, None before the first look."""
        row = connection.execute(
            text(
                "SELECT activated_at, voids_until, orders_from, cancellations_until FROM bookmarks WHERE tenant_id = :tenant"
            ),
            {"tenant": self._tenant_id},
        ).one_or_none()
        return None if row is None else Marks(*row)

    def activate(self, connection: Connection) -> None:
        """The first look begins; nothing happens at later ones."""
        connection.execute(
            text("INSERT INTO bookmarks (tenant_id) VALUES (:tenant) ON CONFLICT DO NOTHING"),
            {"tenant": self._tenant_id},
        )

    def begin_orders(self, connection: Connection, since: datetime) -> None:
        """Purchase orders made since a moment go over; nothing changes if that was settled before."""
        connection.execute(
            text(
                "UPDATE bookmarks SET orders_from = :since WHERE tenant_id = :tenant AND orders_from IS NULL"
            ),
            {"tenant": self._tenant_id, "since": since},
        )

    def move(self, connection: Connection, mark: Mark, until: datetime) -> None:
        """Everything until then was looked at. A mark never goes back."""
        connection.execute(
            text(
                f"UPDATE bookmarks SET {mark} = greatest({mark}, :until) WHERE tenant_id = :tenant"  # noqa: S608  # one of two names of our own
            ),
            {"tenant": self._tenant_id, "until": until},
        )
