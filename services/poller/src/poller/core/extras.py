"""What is read from Autotask only because a setting asks for it. With default settings nothing is."""

from __future__ import annotations

from dataclasses import dataclass

from invoice_events.settings import Settings


@dataclass(frozen=True, slots=True)
class Extras:
    """What a snapshot has to hold besides what every snapshot holds.

    Attributes:
        resources: names of the technicians of labour lines.
        lines_of_business: names of the lines' lines of business.
        territories: names of the companies' territories.
        countries: names of the companies' countries.
    """

    resources: bool = False
    lines_of_business: bool = False
    territories: bool = False
    countries: bool = False


def extras_wanted(settings: Settings) -> Extras:
    """The extras that a tenant's settings make use of: each costs calls."""
    sources = {rule["source"] for rule in settings["tracking"]}
    return Extras(
        resources=settings["show_resource"],
        lines_of_business="line_of_business" in sources,
        territories="territory" in sources,
        countries=settings["update_xero_contacts"] or settings["create_missing_contacts"],
    )
