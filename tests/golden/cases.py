"""Reads golden cases; a file with anything unknown, missing or contradictory is refused with its place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.golden.model import (
    LINE_TYPES,
    ORDER_STATUSES,
    Case,
    Counterpart,
    Firm,
    Invoice,
    Line,
    Order,
    OrderItem,
)
from tests.golden.reading import BOOK_YEAR, BadBookError, Members, load
from tests.golden.tenants import Profile, profiles

FOLDER = Path(__file__).parent / "books"
_FIRST_FIRM = 100_000  # companies get the document's id and this
_LINES_APART = 100
_CENT = Decimal("0.01")

REQUEST_MEMBERS = {
    "Type", "Contact", "Date", "DueDate", "LineAmountTypes", "CurrencyCode", "InvoiceNumber", "CreditNoteNumber",
    "PurchaseOrderNumber", "Reference", "Url", "Status", "SentToContact", "BrandingThemeID", "LineItems", "DeliveryDate",
    "DeliveryAddress", "AttentionTo", "Telephone",
}  # fmt: skip
LINE_MEMBERS = {
    "Description",
    "Quantity",
    "UnitAmount",
    "AccountCode",
    "TaxType",
    "TaxAmount",
    "Tracking",
}


def files() -> list[Path]:
    """Every golden file, in order."""
    return sorted(FOLDER.glob("*.yaml"))


def read_case(file: Path, year: int = BOOK_YEAR) -> Case:
    """One golden file, its years moved so that 2026 is `year`.

    Raises:
        BadBookError: it does not say what it should.
    """
    return parse_case(file.name, file.read_text("utf-8"), year)


def parse_case(name: str, text: str, year: int = BOOK_YEAR) -> Case:
    """A golden case from its text; see `read_case`."""
    members = Members(load(text, year), name)
    profile = profiles().get(members.take("tenant", str))
    if profile is None:
        raise BadBookError(f"{name}.tenant: one of {', '.join(profiles())} is wanted")
    settings = members.take("settings", dict, {})
    _check_settings(settings, profile, name)
    source, firm = _order(members, profile) if members.has("order") else _invoice(members, profile)
    expected = members.part("expect")
    request, totals = expected.take("request", dict), expected.part("totals")
    expected.done()
    _check_request(request, f"{name}.expect.request")
    case = Case(
        file=name,
        title=members.take("title", str),
        shows=members.take("shows", str).strip(),
        tenant=profile.id,
        settings=settings,
        firm=firm,
        counterpart=_counterpart(members.part("xero_contact"), request, firm),
        source=source,
        request={"LineAmountTypes": "Exclusive"} | request,
        totals={total: totals.number(total) for total in ("SubTotal", "TotalTax", "Total")},
    )
    totals.done()
    members.done()
    _check_sums(case)
    return case


def _check_settings(settings: dict[str, Any], profile: Profile, name: str) -> None:
    """A case says on which settings it rests; its tenant must have them."""
    effective: dict[str, Any] = dict(profile.settings)
    for key, value in settings.items():
        if key not in effective:
            raise BadBookError(f"{name}.settings: unknown {key}")
        if effective[key] != value:
            raise BadBookError(f"{name}.settings.{key}: {profile.id} has {effective[key]!r}, not {value!r}")


def _check_request(request: dict[str, Any], where: str) -> None:
    unknown = sorted(set(request) - REQUEST_MEMBERS)
    if unknown:
        raise BadBookError(f"{where}: unknown {', '.join(unknown)}")
    for place, line in enumerate(request.get("LineItems", [])):
        unknown = sorted(set(line) - LINE_MEMBERS)
        if unknown:
            raise BadBookError(f"{where}.LineItems[{place}]: unknown {', '.join(unknown)}")


def _check_sums(case: Case) -> None:
    """The expected figures have to agree with each other before anything is compared with them."""
    totals, lines = case.totals, case.request["LineItems"]
    if totals["SubTotal"] + totals["TotalTax"] != totals["Total"]:
        raise BadBookError(f"{case.file}.expect.totals: SubTotal and TotalTax do not make Total")
    taxes = [line["TaxAmount"] for line in lines if "TaxAmount" in line]
    if taxes and sum(taxes, Decimal(0)) != totals["TotalTax"]:
        raise BadBookError(f"{case.file}.expect: the lines' TaxAmount make {sum(taxes)}")
    amounts = [Decimal(line["Quantity"]) * line["UnitAmount"] for line in lines if "Quantity" in line]
    made = sum((amount.quantize(_CENT) for amount in amounts), Decimal(0))
    if made != totals["SubTotal"]:
        raise BadBookError(f"{case.file}.expect: the lines make {made}, SubTotal is another")


def _counterpart(members: Members, request: dict[str, Any], firm: Firm) -> Counterpart:
    terms = members.part("terms") if members.has("terms") else None
    found = Counterpart(
        name=request["Contact"],
        account_number=members.text("account_number", firm.number),
        terms=None if terms is None else (terms.take("type", str), terms.take("day", int)),
    )
    if terms is not None:
        terms.done()
    members.done()
    return found


def _firm(members: Members, profile: Profile, source_id: int) -> Firm:
    found = Firm(
        id=_FIRST_FIRM + source_id,
        name=members.take("name", str),
        number=members.text("number"),
        currency=members.text("currency", profile.base),
        region=members.maybe("region", str),
        territory=members.maybe("territory", str),
    )
    members.done()
    profile.currency_id(found.currency)
    return found


def _day(members: Members, name: str) -> date:
    found = members.day(name)
    if found is None:
        raise BadBookError(f"{members.where}.{name}: is missing")
    return found


def _invoice(members: Members, profile: Profile) -> tuple[Invoice, Firm]:
    header = members.part("invoice")
    number = header.take("id", int)
    lines = tuple(
        _line(line, profile, number * _LINES_APART + place)
        for place, line in enumerate(members.parts("lines"), start=1)
    )
    found = Invoice(
        id=number,
        number=header.text("number"),
        day=_day(header, "date"),
        due=header.day("due"),
        total=header.number("total"),
        tax=header.number("tax"),
        order_number=header.text("order_number"),
        paid=header.day("paid"),
        region=header.maybe("region", str),
        link=header.maybe("link", str),
        lines=lines,
    )
    header.done()
    return found, _firm(members.part("company"), profile, number)


def _line(members: Members, profile: Profile, number: int) -> Line:
    kind, code = members.take("type", str), members.maybe("code", str)
    category = None if code is None or code not in profile.codes else profile.codes[code].category
    if kind not in LINE_TYPES:
        raise BadBookError(f"{members.where}.type: one of {', '.join(LINE_TYPES)} is wanted")
    if code is not None and code not in profile.codes:
        raise BadBookError(f"{members.where}.code: one of {', '.join(profile.codes)} is wanted")
    amount = members.number("amount")
    found = Line(
        id=members.take("id", int, number),
        type=LINE_TYPES[kind],
        code=code,
        name=members.text("name"),
        text=members.text("text"),
        quantity=members.number("quantity", Decimal(1)),
        rate=members.number("rate"),
        amount=amount,
        counted=members.number("counted", amount),
        tax=members.number("tax"),
        category=members.maybe("category", int) or category,
        day=members.day("date"),
        ticket=_pair(members, "ticket", ("number", str), ("title", str)),
        resource=members.maybe("resource", str),
        contract=members.maybe("contract", str),
        group=_pair(members, "group", ("id", int), ("text", str)),
        non_billable=members.take("non_billable", bool, default=False),
        place=members.maybe("place", int),
        business=members.maybe("business", str),
    )
    members.done()
    profile.business_id(found.business)
    return found


def _pair(members: Members, name: str, *parts: tuple[str, type]) -> Any:  # noqa: ANN401  # a tuple of the parts' types
    if not members.has(name):
        return None
    inner = members.part(name)
    found: Any = tuple(inner.take(part, kind) for part, kind in parts)
    inner.done()
    return found


def _order(members: Members, profile: Profile) -> tuple[Order, Firm]:
    header = members.part("order")
    number, status = header.take("id", int), header.text("status", "submitted")
    if status not in ORDER_STATUSES:
        raise BadBookError(f"{header.where}.status: one of {', '.join(ORDER_STATUSES)} is wanted")
    ship_to = header.part("ship_to")
    found = Order(
        id=number,
        number=header.text("number"),
        status=status,
        day=_day(header, "date"),
        external_number=header.text("external_number"),
        vendor_invoice_number=header.text("vendor_invoice_number"),
        freight=header.number("freight", Decimal(0)),
        memo=header.text("memo"),
        ship_to=(
            ship_to.text("name"),
            ship_to.text("address_1"),
            ship_to.text("address_2"),
            ship_to.text("city"),
            ship_to.text("state"),
            ship_to.text("postal_code"),
        ),
        phone=header.text("phone"),
        region=header.maybe("region", str),
        items=tuple(
            _item(item, number * _LINES_APART + place)
            for place, item in enumerate(members.parts("items"), start=1)
        ),
    )
    ship_to.done()
    header.done()
    return found, _firm(members.part("vendor"), profile, number)


def _item(members: Members, number: int) -> OrderItem:
    found = OrderItem(
        id=members.take("id", int, number),
        product_id=members.maybe("product_id", int),
        product=members.maybe("product", str),
        memo=members.text("memo"),
        quantity=members.number("quantity"),
        cost=members.number("cost"),
        arrives=members.day("arrives"),
    )
    members.done()
    return found
