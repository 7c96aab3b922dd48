"""The endpoints below /api.xro/2.0."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from simulators.kit.call import Answer
from simulators.xero import order_lists, problems, reading, render, render_reference
from simulators.xero.allocations import AllocationWriter
from simulators.xero.dates import milliseconds
from simulators.xero.elements import Element
from simulators.xero.kinds import CREDIT_NOTE, KINDS, Kind
from simulators.xero.payments import PaymentWriter, delete_payment, find_payment, list_payments
from simulators.xero.writing import ContactWriter, DocumentWriter, Outcome, write_batch

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from simulators.kit.call import Call
    from simulators.xero.state import Organisation

API_ROOT = "/api.xro/2.0/"
_CURRENCY_NAMES = {
    "NZD": "New Zealand Dollar",
    "AUD": "Australian Dollar",
    "USD": "United States Dollar",
    "GBP": "British Pound",
    "EUR": "Euro",
}


def collection_of(path: str) -> str:
    """The endpoint a path belongs to, in the spelling used here."""
    name = path.removeprefix(API_ROOT).partition("/")[0]
    return "Organisation" if name == "Organisations" else name


def elements_of(call: Call, collection: str) -> list[Element]:
    """The elements of a request: the wrapper with an array, a bare array, or one bare object.

    Raises:
        XeroError: 400 for a body that is no JSON (14) or holds no usable data (17).
    """
    try:
        value = call.json()
    except ValueError as error:
        raise problems.unreadable(f"The request body is not valid JSON: {error}") from None
    if isinstance(value, dict) and collection in value:
        value = value[collection]
    elif isinstance(value, dict):
        value = [value] if value else []
    if not isinstance(value, list):
        raise problems.unreadable(f"A list of {collection} was expected. Path '{collection}'.")
    if not value:
        raise problems.no_data(collection)
    elements = []
    for index, member in enumerate(value):
        path = f"{collection}[{index}]"
        if not isinstance(member, dict):
            raise problems.not_convertible(member, f"Xero.API.Library..{collection}", path)
        elements.append(Element(member, path))
    return elements


def _check_media_types(call: Call) -> None:
    """XML is Xero's default; this stand-in speaks JSON only and says so instead of answering XML."""
    if "json" not in call.headers.get("Accept", "").lower():
        raise problems.XeroError(
            Answer.text(
                406,
                "Without Accept: application/json Xero answers in XML, which this stand-in does not speak.",
            )
        )
    if call.method in ("POST", "PUT") and "json" not in call.headers.get("Content-Type", "").lower():
        raise problems.XeroError(
            Answer.text(
                415,
                "Without Content-Type: application/json Xero reads XML, which this stand-in does not speak.",
            )
        )


class Endpoints:
    """Answers tenant-scoped calls. The organisation's lock is held while one works."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def connections(self, call: Call, organisations: list[Organisation]) -> Answer:
        """GET /connections: the organisations that the token reaches."""
        if call.method != "GET":
            raise problems.not_found()
        return Answer.json(
            200,
            [
                {
                    "id": organisation.connection_id,
                    "authEventId": organisation.connection_id,
                    "tenantId": organisation.id,
                    "tenantType": "ORGANISATION",
                    "tenantName": organisation.details["Name"],
                    "createdDateUtc": organisation.connected_at.strftime("%Y-%m-%dT%H:%M:%S.%f0"),
                    "updatedDateUtc": organisation.connected_at.strftime("%Y-%m-%dT%H:%M:%S.%f0"),
                }
                for organisation in organisations
            ],
        )

    def answer(self, call: Call) -> Answer:
        """Answers one call of an organisation.

        Raises:
            XeroError: any refusal.
        """
        organisation: Organisation = call.context["organisation"]
        _check_media_types(call)
        if len(call.body) > organisation.switches.max_body_bytes:
            raise problems.XeroError(Answer.text(413, "The request body is too large."))
        collection = collection_of(call.path)
        key = call.path.removeprefix(API_ROOT).partition("/")[2]
        partial = call.fault is not None and call.fault.action.kind == "partial"
        with organisation.lock if call.method in ("GET", "POST", "PUT") else nullcontext():
            if call.method == "GET":
                payload = self._read(organisation, collection, key, call)
            elif call.method in ("POST", "PUT"):
                payload = self._write(organisation, collection, key, call)
            else:
                raise problems.not_implemented()
        if partial:
            raise problems.unknown_error()
        envelope = {
            "Id": call.context["correlation"],
            "Status": "OK",
            "ProviderName": organisation.client_id,
            "DateTimeUTC": f"/Date({milliseconds(self._now())})/",
        }
        return Answer.json(200, envelope | payload)

    def _read(self, organisation: Organisation, collection: str, key: str, call: Call) -> dict[str, Any]:
        kind = KINDS.get(collection)
        if kind is not None and key:
            document = reading.find_document(organisation, kind, key)
            shown = render.document(organisation, document, four_places=reading.four_places(call))
            return {collection: [shown]}
        if kind is not None and not kind.is_order:
            return reading.list_documents(organisation, kind, call, call.context["client"])
        if collection == "Contacts" and key:
            return {collection: [render.contact(reading.find_contact(organisation, key))]}
        if collection == "Payments" and key:
            return {collection: [find_payment(organisation, key.lower())]}
        lists = {
            "Contacts": reading.list_contacts,
            "Payments": list_payments,
            "PurchaseOrders": order_lists.list_orders,
        }
        if collection in lists:
            return lists[collection](organisation, call)
        return self._reference(organisation, collection, key, call)

    def _reference(self, organisation: Organisation, collection: str, key: str, call: Call) -> dict[str, Any]:
        if collection == "TaxRates":
            rates = [rate for rate in organisation.tax_rates.values() if key in ("", rate.tax_type)]
            if not rates:
                raise problems.not_found()
            return {collection: [render_reference.tax_rate(rate) for rate in rates]}
        if key:
            raise problems.not_found()
        if collection == "Accounts":
            return reading.list_accounts(organisation, call)
        if collection == "Currencies":
            codes = organisation.currencies
            return {
                collection: [{"Code": code, "Description": _CURRENCY_NAMES.get(code, code)} for code in codes]
            }
        if collection == "TrackingCategories":
            return {
                collection: render_reference.tracking_categories(
                    organisation, archived=reading.flag(call, "includeArchived")
                )
            }
        if collection == "BrandingThemes":
            return {collection: render_reference.branding_themes(organisation)}
        if collection == "Organisation":
            return {"Organisations": [render_reference.organisation_details(organisation)]}
        raise problems.not_found()

    def _write(self, organisation: Organisation, collection: str, key: str, call: Call) -> dict[str, Any]:
        if collection == "Payments" and key and call.method == "POST":
            element = elements_of(call, collection)[0]
            return {collection: [delete_payment(organisation, key.lower(), element, self._now())]}
        note_key = key.removesuffix("/Allocations")
        single = bool(key) and note_key == key
        if note_key != key:
            collection, write = self._allocation_writer(organisation, collection, note_key, call)
        else:
            write = self._writer(organisation, collection, key, call)
        elements = elements_of(call, collection)
        if single:
            elements = elements[:1]
        if call.fault is not None and call.fault.action.kind == "partial":
            elements = elements[: call.fault.action.elements]
        # The specification says false is the default, a live call without the parameter was summarised.
        summarise = call.query.get("summarizeErrors", "true").lower() != "false"
        return {collection: write_batch(organisation, elements, write, summarise=summarise)}

    def _writer(
        self, organisation: Organisation, collection: str, key: str, call: Call
    ) -> Callable[[Element], Outcome]:
        create_only = call.method == "PUT"
        if key and create_only:
            raise problems.not_implemented()
        kind = KINDS.get(collection)
        if kind is not None:
            return self._document_writer(organisation, kind, key, call)
        if collection == "Contacts":
            fixed = reading.find_contact(organisation, key) if key else None
            return ContactWriter(organisation, self._now, create_only, fixed).write
        if collection == "Payments":
            return PaymentWriter(organisation, self._now).write
        raise problems.not_implemented()

    def _allocation_writer(
        self, organisation: Organisation, collection: str, key: str, call: Call
    ) -> tuple[str, Callable[[Element], Outcome]]:
        """PUT /CreditNotes/{id}/Allocations: the elements and the answer are named Allocations."""
        if collection != CREDIT_NOTE.collection or call.method != "PUT":
            raise problems.not_implemented()
        note = reading.find_document(organisation, CREDIT_NOTE, key)
        return "Allocations", AllocationWriter(organisation, note.id, self._now).write

    def _document_writer(
        self, organisation: Organisation, kind: Kind, key: str, call: Call
    ) -> Callable[[Element], Outcome]:
        return DocumentWriter(
            organisation,
            kind,
            call.context["client"],
            self._now,
            reading.four_places(call) or kind.is_order,
            call.method == "PUT",
            reading.find_document(organisation, kind, key) if key else None,
        ).write
