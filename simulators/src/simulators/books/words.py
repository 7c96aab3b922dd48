"""Texts as technicians write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

TICKETS = (
    "Mailbox full, cannot send",
    "Printer on level 2 jams",
    "New starter: laptop & accounts",
    "VPN drops every 20 minutes",
    "Restore of a deleted folder",
    "Phishing mail reported by reception",
    "Backup job failed twice",
    "Wi-Fi slow in the meeting room",
    'Screen shows "no signal"',
    "Move of two desks",
    "Certificate expires <30 days",
    "MFA reset - lost phone",
)
WORK = (
    "Checked logs, replaced the profile, tested with the user.",
    "Remote session.\nCleared the queue and updated the driver.",
    "Travelled to site, swapped the switch, labelled the ports.",
    "Restored from last night's backup; user confirmed.",
    "Set up device, joined it to the domain, installed standard software.",
    "Reviewed alerts; no further action needed - will monitor.",
    "Configured firewall rule, documented it, & closed the ticket.",
)
PROJECTS = ("Server migration", "Office move", "Firewall replacement", "Cloud tenant merge")
GOODS = ('27" monitor', "Docking station", "SSD 1 TB", "Switch 24-port", "UPS 1500 VA", "Headset")
METERED = ("Backup storage, per GB", "Outbound mail, per message", "Log retention, per GB")
EXPENSES = ("Parking at client", "Kilometres to site", "Courier", "Registration fee")
SUBSCRIPTIONS = ("Design suite, yearly seat", "Domain renewal", "Line rental")
SERVICES = ("Managed workstation", "Managed server", "Endpoint protection", "Mail archive")
BUNDLES = ("Essentials per user", "Site bundle", "Security bundle")
MILESTONES = ("Design signed off", "Go-live", "Acceptance")
CONTRACT = (
    "Covers monitoring around the clock, monthly patching & a report.\n"
    "Not covered: third-party software, work outside business hours, and travel beyond 50 km.\n"
    "Response within 4 hours for priority 1; next business day for everything else.\n"
    "Term of 36 months; notice of 90 days before its end, else it goes on for another 12 months."
)
MEMOS = ("", "", "Deliver to the loading dock.", "For the site in Nelson; quote 2026/117 applies.")
_LONG = 4_000
_CHATTER = (
    "Checked the event log and found repeated warnings of the storage controller.",
    "Called the vendor and waited for the engineer on the line.",
    "Copied the data to the spare volume and compared checksums.",
    "Agreed with the office manager to restart after hours.",
    "Wrote down the serial numbers: SN-44718, SN-44719, SN-44722.",
    "Followed up by mail - still waiting for the reply.",
)


def long_text(rng: Random) -> str:
    """A text a little over 4,000 characters, as long as lines of an invoice in Xero may be."""
    wanted = _LONG + rng.randint(1, 600)
    parts: list[str] = []
    length = 0
    while length < wanted:
        parts.append(rng.choice(_CHATTER))
        length += len(parts[-1]) + 1
    return " ".join(parts)[:wanted].rstrip(" ") + "…"
