"""Records around a line: tickets, time entries, and the ids that tell where the line came from."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from simulators.books import words
from simulators.books.chance import chance
from simulators.books.dates import day_text, moment_text
from simulators.books.lines import BUNDLE, CHARGE, EXPENSE, MILESTONE, PROJECT, SERVICE, SUBSCRIPTION
from simulators.books.masterdata import BILLER, RESOURCES, ROLES

if TYPE_CHECKING:
    from datetime import date
    from random import Random

    from simulators.books.draft import Line
    from simulators.books.profile import Firm

    Record = dict[str, Any]

_FIRST_TICKET = 88_231
_FIRST_ENTRY = 61_877


def line_links(line_type: int, number: int) -> Record:
    """The ids of the thing that was billed."""
    links: dict[int, Record] = {
        PROJECT: {"projectID": 5_000 + number % 40, "projectChargeID": 200_000 + number},
        CHARGE: {"ticketChargeID": 300_000 + number},
        EXPENSE: {"expenseItemID": 400_000 + number},
        SUBSCRIPTION: {"contractChargeID": 500_000 + number},
        SERVICE: {"contractServiceID": 600_000 + number % 90, "contractServicePeriodID": 610_000 + number},
        BUNDLE: {
            "contractServiceBundleID": 700_000 + number % 30,
            "contractServiceBundlePeriodID": 710_000 + number,
        },
        MILESTONE: {"milestoneID": 800_000 + number},
    }
    return links.get(line_type, {})


class TimeAndTicket:
    """The tickets and time entries behind labour lines. Lines of one invoice share a few tickets."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.tickets: list[Record] = []
        self.entries: list[Record] = []
        self._open: dict[int, list[int]] = {}

    def labour(self, firm: Firm, line: Line, day: date, invoice: int) -> Record:
        """The fields that link a labour line to its ticket, time entry, role and approver."""
        rng = self._rng
        ticket = self._ticket(firm, day, invoice)
        entry = _FIRST_ENTRY + len(self.entries)
        role = rng.choice(list(ROLES))
        start = datetime.combine(day, time(rng.randint(7, 16), 15 * rng.randint(0, 3)), UTC)
        hours = abs(line.quantity)
        resource = rng.choice(list(RESOURCES))
        line.resource = " ".join(RESOURCES[resource])
        self.entries.append(
            {
                "id": entry,
                "ticketID": ticket,
                "resourceID": resource,
                "roleID": role,
                "billingCodeID": line.code,
                "dateWorked": day_text(day, rng),
                "startDateTime": moment_text(start),
                "endDateTime": moment_text(start + timedelta(minutes=int(hours * 60))),
                "hoursWorked": hours,
                "hoursToBill": hours,
                "summaryNotes": line.text,
                "isNonBillable": line.non_billable,
                "showOnInvoice": True,
            }
        )
        return {"ticketID": ticket, "timeEntryID": entry, "roleID": role, "itemApproverID": BILLER}

    def _ticket(self, firm: Firm, day: date, invoice: int) -> int:
        rng = self._rng
        known = self._open.setdefault(invoice, [])
        if known and chance(rng, 50):
            return rng.choice(known)
        number = _FIRST_TICKET + len(self.tickets)
        self.tickets.append(
            {
                "id": number,
                "ticketNumber": f"T{day:%Y%m%d}.{number % 10_000:04d}",
                "title": rng.choice(words.TICKETS),
                "companyID": firm.id,
                "priority": 2,
                "status": 5,
                "createDate": moment_text(datetime.combine(day, time(4), UTC)),
                "assignedResourceID": rng.choice(list(RESOURCES)),
            }
        )
        known.append(number)
        return number
