"""Alert wishes: what status-api keeps of them, as one choice for each place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.core.people import EVERYWHERE

Json = dict[str, Any]

NONE, GENERIC, DETAILED, AS_EVERYWHERE = "none", "generic", "detailed", "as-everywhere"
CHOICES = {
    NONE: "No mail",
    GENERIC: "Mail, generic text",
    DETAILED: "Mail, detailed text",
}
AS_EVERYWHERE_WORDS = "As for all tenants"


def choices_of(wishes: Sequence[Json], tenants: Sequence[str]) -> dict[str, str]:
    """The choice at every tenant and at each one; a tenant without a wish of its own goes with the rest."""
    by_place = {wish["tenant_id"] or EVERYWHERE: _choice(wish) for wish in wishes}
    return {
        EVERYWHERE: by_place.get(EVERYWHERE, NONE),
        **{tenant: by_place.get(tenant, AS_EVERYWHERE) for tenant in tenants},
    }


def _choice(wish: Json) -> str:
    if not wish["on"]:
        return NONE
    return DETAILED if wish["detailed"] else GENERIC


def wishes_of(choices: Mapping[str, str]) -> list[Json]:
    """What status-api is to keep of such choices."""
    return [
        {
            "tenant_id": None if place == EVERYWHERE else place,
            "on": choice != NONE,
            "detailed": choice == DETAILED,
        }
        for place, choice in choices.items()
        if choice != AS_EVERYWHERE
    ]
