"""Turns drafts into Autotask records, and says what must become of them in Xero."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from simulators.books.chance import chance
from simulators.books.dates import created, day_text, moment_text
from simulators.books.lines import LABOUR, SERVICE
from simulators.books.masterdata import BILLER, TERMS, XERO_TERM, contract_id, contract_name, currency_ids
from simulators.books.model import Expected, ExpectedLine
from simulators.books.money import cents, stored
from simulators.books.records import TimeAndTicket, line_links

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from random import Random

    from simulators.books.draft import Draft, Line
    from simulators.books.model import ImportAs, Numbering
    from simulators.books.profile import Firm, Profile

    Record = dict[str, Any]

FIRST_INVOICE = 41_208
_FIRST_ITEM = 770_125
_FIRST_NUMBER = 10_277
_STATUS = {"draft": "DRAFT", "approved": "AUTHORISED", "approved_and_sent": "AUTHORISED"}


@dataclass(frozen=True, slots=True)
class Choices:
    """What the settings of this tenant decide about documents."""

    numbering: Numbering
    import_as: ImportAs


class Builder:
    """The growing Autotask books of one tenant."""

    def __init__(self, profile: Profile, choices: Choices, rng: Random) -> None:
        self.profile = profile
        self.choices = choices
        self._rng = rng
        self.invoices: list[Record] = []
        self.items: list[Record] = []
        self.work = TimeAndTicket(rng)
        self._batches: dict[date, int] = {}
        self._currency_ids = currency_ids(profile)
        self._next_item = _FIRST_ITEM
        self._next_invoice = FIRST_INVOICE

    def add(self, firm: Firm, draft: Draft, day: date) -> Record:
        """Add an invoice with its lines and return its record, to which a case may do more."""
        number = self._next_invoice
        self._next_invoice += self._rng.choice((1, 1, 1, 2, 3))
        tax = draft.settle_taxes()
        total = draft.net if self._basis(draft) == "net" else draft.net + tax
        rng = self._rng
        invoice: Record = {
            "id": number,
            "batchID": self._batches.setdefault(day, 900 + len(self._batches)),
            "comments": None,
            "companyID": firm.id,
            "createDateTime": moment_text(created(day, rng)),
            "creatorResourceID": BILLER,
            "dueDate": day_text(day + timedelta(days=firm.term), rng),
            "fromDate": day_text(day.replace(day=1), rng),
            "toDate": day_text(day, rng),
            "invoiceDateTime": day_text(day, rng),
            "invoiceEditorTemplateID": 104,
            "invoiceNumber": self.profile.number_form.format(_FIRST_NUMBER + len(self.invoices)),
            "invoiceTotal": total,
            "totalTaxValue": tax,
            "taxGroup": rng.choice((None, None, firm.region)),
            "taxRegionName": self.profile.regions[firm.region],
            "isVoided": False,
            "voidedDate": None,
            "voidedByResourceID": None,
            "orderNumber": rng.choice(("", "", "", "PO 4711", "2026/88-B")),
            "paidDate": None,
            "paymentTerm": TERMS[firm.term][0],
            "webServiceDate": None,
            "invoiceStatus": 1,
            "invoiceTaxMethodExternalCode": None,
        }
        self.invoices.append(invoice)
        self._add_lines(invoice, firm, draft, day)
        return invoice

    def add_uninvoiced(self, firm: Firm, line: Line, day: date) -> None:
        """A posted item that no invoice has yet: Autotask keeps it with invoice 0."""
        self._add_line({"id": 0}, firm, line, day, place=1, group=None)

    def _basis(self, draft: Draft) -> Literal["net", "gross"]:
        return draft.basis or self.profile.invoice_total

    def expected(self, invoice: Record, firm: Firm, draft: Draft) -> Expected:
        """The document that must come of an invoice that syncs."""
        tax = invoice["totalTaxValue"]
        negative = draft.net + tax < 0
        sign = Decimal(-1) if negative else Decimal(1)
        total = sign * (draft.net + tax)
        approved = self.choices.import_as != "draft"
        day = _day(invoice["invoiceDateTime"])
        return Expected(
            kind="ACCRECCREDIT" if negative else "ACCREC",
            number=self._number(invoice),
            contact=firm.contact or firm.name,
            currency=firm.currency,
            date=day,
            due_date=self._due(firm, invoice, day),
            status="PAID" if approved and total == 0 else _STATUS[self.choices.import_as],
            sub_total=sign * draft.net,
            total_tax=sign * tax,
            total=total,
            lines=tuple(self._expected_line(firm, line, sign) for line in draft.lines),
            basis=self._basis(draft),
            texts=tuple(text for line in draft.lines for text in self._texts(firm, line)),
        )

    def _due(self, firm: Firm, invoice: Record, day: date) -> date:
        """Autotask's date; or after the contact's terms, if the settings say so and Xero knew the contact."""
        if firm.contact and self.profile.is_on("due_date_from_xero_contact"):
            return day + timedelta(days=XERO_TERM)
        return _day(invoice["dueDate"])

    def _expected_line(self, firm: Firm, line: Line, sign: Decimal) -> ExpectedLine:
        account = self.profile.account(line.code, line.line_type) or ""
        return ExpectedLine(
            account=account,
            tax_type=self.profile.tax_type(firm.region, line.category, line.tax),
            amount=sign * line.amount,
            tax=sign * line.tax,
            tracking=self.profile.tracking(firm, line.line_type, account),
        )

    def _texts(self, firm: Firm, line: Line) -> Iterator[str]:
        """What the settings add to the text of a line. Lines of a group are printed with the group's text only."""
        if line.group:
            return
        if line.resource and line.worked and self.profile.is_on("show_date_in_description"):
            yield f"{line.worked.day} {line.worked:%B %Y}: "
        if line.resource and self.profile.is_on("show_resource"):
            yield f"\nTechnician: {line.resource}"
        if line.covered:
            yield "\nNot billable: " if line.non_billable else f"\nCovered by {contract_name(firm)}: "

    def _number(self, invoice: Record) -> str | None:
        match self.choices.numbering:
            case "autotask_id":
                return f"INV:{invoice['id']}"
            case "autotask_number":
                number: str = invoice["invoiceNumber"]
                return number
            case _:
                return None

    def _add_lines(self, invoice: Record, firm: Firm, draft: Draft, day: date) -> None:
        """Lines in the order of the draft, but in some invoices ``sortOrderID`` prints them otherwise."""
        places = list(range(1, len(draft.lines) + 1))
        if chance(self._rng, 20):
            self._rng.shuffle(places)
        groups: dict[str, int] = {}
        for line, place in zip(draft.lines, places, strict=True):
            group = groups.setdefault(line.group, self._next_item) if line.group else None
            self._add_line(invoice, firm, line, day, place=place, group=group, taxed=draft.taxed_lines)

    def _add_line(
        self,
        invoice: Record,
        firm: Firm,
        line: Line,
        day: date,
        *,
        place: int,
        group: int | None,
        taxed: bool = False,
    ) -> None:
        rng = self._rng
        factor = self.profile.currencies[firm.currency]
        worked = line.worked = day - timedelta(days=rng.randint(1, 20))
        total = line.total + line.tax if taxed else line.total
        carries_category = Decimal(str(round(rng.random(), 3))) < self.profile.category_on_line
        record: Record = {
            "id": self._next_item,
            "billingItemType": line.line_type,
            "subType": 1,
            "itemName": line.name,
            "description": line.text[:2000],
            "itemDate": day_text(worked, rng),
            "postedDate": day_text(day, rng),
            "postedOnTime": moment_text(datetime.combine(day, time(5), UTC)),
            "invoiceID": invoice["id"],
            "companyID": firm.id,
            "quantity": line.quantity,
            "rate": line.rate,
            "extendedPrice": line.extended,
            "totalAmount": total,
            "taxDollars": line.tax,
            "internalCurrencyRate": stored(line.rate * factor),
            "internalCurrencyExtendedPrice": stored(line.extended * factor),
            "internalCurrencyTotalAmount": stored(total * factor),
            "internalCurrencyTaxDollars": stored(line.tax * factor),
            "ourCost": cents(abs(line.extended) / 2),
            "nonBillable": int(line.non_billable),
            "purchaseOrderNumber": "",
            "lineItemFullDescription": line.text,
            "lineItemGroupDescription": line.group,
            "lineItemID": group,
            "sortOrderID": place,
            "taxCategoryID": line.category if carries_category else None,
            "billingCodeID": line.code,
            "accountManagerWhenApprovedID": BILLER,
            "webServiceDate": None,
            **line_links(line.line_type, self._next_item),
        }
        if line.line_type in self.profile.lines_of_business:
            business, _ = self.profile.lines_of_business[line.line_type]
            record["organizationalLevelAssociationID"] = business
        if line.line_type == LABOUR:
            record.update(self.work.labour(firm, line, worked, invoice["id"]))
        if line.line_type >= SERVICE or (line.covered and not line.non_billable):
            record["contractID"] = contract_id(firm)
        if line.covered and not line.non_billable:
            record["contractBlockID"] = record["contractID"]
        self.items.append(record)
        self._next_item += rng.choice((1, 1, 1, 1, 4))

    def entities(self) -> dict[str, list[Record]]:
        """The records that grew."""
        return {
            "Invoices": self.invoices,
            "BillingItems": self.items,
            "Tickets": self.work.tickets,
            "TimeEntries": self.work.entries,
        }


def _day(text: str) -> date:
    return datetime.fromisoformat(text).date()
