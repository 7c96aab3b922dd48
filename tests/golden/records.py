"""Golden cases as what both simulators load: Autotask's own records, and the Xero organisation without documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from simulators.books.model import TenantBooks
from tests.golden.model import ORDER_STATUSES, Case, Firm, Invoice, Line, Order
from tests.golden.tenants import Profile

Record = dict[str, Any]

_BILLER = 1
_BRANCH = 1
_MADE_AT = "06:00:00Z"  # the same day in every tenant's time zone


def tenant_books(profile: Profile, cases: Sequence[Case]) -> TenantBooks:
    """One tenant on both sides, with these cases in Autotask and their contacts in Xero."""
    username, secret = f"api@{profile.id}.example", f"autotask-{profile.id}-made-up"
    client, client_secret, code = f"client-{profile.id}", f"ledger-{profile.id}-made-up", f"CODE-{profile.id}"
    autotask = {
        "tenant": profile.id,
        "username": username,
        "secret": secret,
        "integration_code": code,
        "switches": {
            "invoice_total": "gross" if profile.gross else "net",
            "tax_rate_scale": "fraction" if profile.fraction else "percent",
        },
        "picklists": {"Companies.territoryID": {str(key): name for key, name in profile.territories.items()}},
        "entities": _Entities(profile).of(cases),
    }
    entry = {
        "id": profile.id,
        "name": profile.name,
        "autotask": {"username": username, "secret": secret, "integration_code": code},
        "xero": {"client_id": client, "client_secret": client_secret, "grant": "client_credentials"},
        "settings": profile.given,
        "state": "active",
    }
    return TenantBooks(profile.id, autotask, _xero(profile, cases, (client, client_secret)), entry, {})


class _Entities:
    """Autotask's records of one tenant, growing case by case."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._found: dict[str, list[Record]] = {"Invoices": [], "BillingItems": [], **_master_data(profile)}

    def of(self, cases: Sequence[Case]) -> dict[str, list[Record]]:
        for case in cases:
            self._firm(case.firm)
            if isinstance(case.source, Invoice):
                self._invoice(case.source, case.firm)
            else:
                self._order(case.source, case.firm)
        return self._found

    def _put(self, entity: str, **record: Any) -> None:  # noqa: ANN401  # any field of Autotask's
        self._found.setdefault(entity, []).append(record)

    def _firm(self, firm: Firm) -> None:
        self._put(
            "Companies",
            id=firm.id,
            companyName=firm.name,
            companyNumber=firm.number,
            companyType=1,
            isActive=True,
            ownerResourceID=_BILLER,
            currencyID=self._profile.currency_id(firm.currency),
            taxRegionID=self._profile.region_id(firm.region),
            territoryID=self._profile.territory_id(firm.territory),
            phone="+00 555 0100",
        )
        self._put(
            "Contacts",
            id=firm.id,
            companyID=firm.id,
            firstName="Ana",
            lastName="Kerr",
            emailAddress="ana@customer.example",
            isActive=1,
            primaryContact=True,
        )

    def _invoice(self, invoice: Invoice, firm: Firm) -> None:
        self._put(
            "Invoices",
            id=invoice.id,
            companyID=firm.id,
            createDateTime=_moment(invoice.day),
            creatorResourceID=_BILLER,
            invoiceDateTime=_day(invoice.day),
            dueDate=_day(invoice.due),
            invoiceNumber=invoice.number,
            invoiceTotal=invoice.total,
            totalTaxValue=invoice.tax,
            taxRegionName=invoice.region,
            orderNumber=invoice.order_number,
            paidDate=_day(invoice.paid),
            isVoided=False,
            webServiceDate=None,
        )
        for line in invoice.lines:
            self._line(line, invoice, firm)

    def _line(self, line: Line, invoice: Invoice, firm: Firm) -> None:
        code = None if line.code is None else self._profile.codes[line.code]
        self._put(
            "BillingItems",
            id=line.id,
            invoiceID=invoice.id,
            companyID=firm.id,
            billingItemType=line.type,
            subType=1,
            itemName=line.name,
            lineItemFullDescription=line.text,
            lineItemID=line.group[0] if line.group else None,
            lineItemGroupDescription=line.group[1] if line.group else "",
            itemDate=_day(line.day),
            quantity=line.quantity,
            rate=line.rate,
            extendedPrice=line.amount,
            totalAmount=line.counted,
            taxDollars=line.tax,
            nonBillable=int(line.non_billable),
            billingCodeID=None if code is None else code.id,
            taxCategoryID=None if code is not None and line.category == code.category else line.category,
            ticketID=line.id if line.ticket else None,
            contractID=line.id if line.contract else None,
            timeEntryID=line.id if line.resource else None,
            organizationalLevelAssociationID=self._profile.business_id(line.business),
            sortOrderID=line.place,
        )
        if line.ticket:
            number, title = line.ticket
            self._put("Tickets", id=line.id, ticketNumber=number, title=title, companyID=firm.id, status=5, priority=2)  # fmt: skip
        if line.contract:
            self._put(
                "Contracts",
                id=line.id,
                companyID=firm.id,
                contractName=line.contract,
                contractType=7,
                status=1,
                startDate="2020-01-01T00:00:00Z",
                endDate="2039-12-31T00:00:00Z",
            )
        if line.resource:
            first, last = line.resource.split(" ", 1)
            self._put("Resources", id=line.id, firstName=first, lastName=last, isActive=True)
            self._put(
                "TimeEntries",
                id=line.id,
                resourceID=line.id,
                ticketID=line.id if line.ticket else None,
                dateWorked=_day(line.day),
            )

    def _order(self, order: Order, firm: Firm) -> None:
        name, address_1, address_2, city, state, postal_code = order.ship_to
        self._put(
            "PurchaseOrders",
            id=order.id,
            vendorID=firm.id,
            purchaseOrderNumber=order.number,
            externalPONumber=order.external_number,
            vendorInvoiceNumber=order.vendor_invoice_number,
            status=ORDER_STATUSES[order.status],
            createDateTime=_moment(order.day),
            submitDateTime=_moment(order.day),
            latestEstimatedArrivalDate=_day(
                max((item.arrives for item in order.items if item.arrives), default=None)
            ),
            freight=order.freight,
            generalMemo=order.memo,
            taxRegionID=self._profile.region_id(order.region),
            shipToName=name,
            shipToAddress1=address_1,
            shipToAddress2=address_2,
            shipToCity=city,
            shipToState=state,
            shipToPostalCode=postal_code,
            phone=order.phone,
        )
        for item in order.items:
            self._put(
                "PurchaseOrderItems",
                id=item.id,
                orderID=order.id,
                inventoryLocationID=1,
                productID=item.product_id,
                memo=item.memo,
                quantity=int(item.quantity),
                unitCost=item.cost,
                estimatedArrivalDate=_day(item.arrives),
            )
            if item.product_id is not None:
                self._product(item.product_id, item.product or "")

    def _product(self, number: int, name: str) -> None:
        known = {product["id"]: product["name"] for product in self._found.get("Products", [])}
        if known.setdefault(number, name) != name:
            raise ValueError(f"{self._profile.id}: product {number} has two names")
        if len(known) > len(self._found.get("Products", [])):
            self._put(
                "Products", id=number, name=name, isActive=True, isSerialized=False, productBillingCodeID=1
            )


def _master_data(profile: Profile) -> dict[str, list[Record]]:
    return {
        "Resources": [{"id": _BILLER, "firstName": "Bill", "lastName": "Biller", "isActive": True}],
        "BillingCodes": [
            {"id": code.id, "name": code.name, "isActive": True, "useType": 1, "taxCategoryID": code.category}
            for code in profile.codes.values()
        ],
        "TaxRegions": [
            {"id": number, "name": name, "isActive": True} for number, name in profile.regions.items()
        ],
        "TaxCategories": [
            {"id": number, "name": name, "isActive": True} for number, name in profile.categories.items()
        ],
        "Currencies": [
            {
                "id": profile.currency_id(code),
                "name": code,
                "exchangeRate": rate,
                "isActive": True,
                "isInternalCurrency": code == profile.base,
            }
            for code, rate in profile.currencies.items()
        ],
        "OrganizationalLevel1s": [{"id": _BRANCH, "name": profile.name, "isActive": True}],
        "OrganizationalLevel2s": [
            {"id": number, "name": name, "isActive": True} for number, name in profile.businesses.items()
        ],
        "OrganizationalLevelAssociations": [
            {
                "id": number,
                "organizationalLevel1ID": _BRANCH,
                "organizationalLevel2ID": number,
                "isActive": True,
            }
            for number in profile.businesses
        ],
    }


def _xero(profile: Profile, cases: Sequence[Case], client: tuple[str, str]) -> dict[str, Any]:
    return {
        "tenant": profile.id,
        "client_id": client[0],
        "client_secret": client[1],
        "organisation": {
            "OrganisationID": profile.guid("organisation", profile.name),
            "Name": profile.name,
            "BaseCurrency": profile.base,
            "CountryCode": profile.country,
            "Timezone": profile.zone,
            "ShortCode": "!gold",
        },
        "currencies": list(profile.currencies),
        "accounts": [
            {
                "Code": account.code,
                "Name": account.name,
                "Type": account.type,
                "Class": account.account_class,
                "TaxType": account.tax_type,
                "SystemAccount": account.system,
            }
            for account in profile.accounts
        ],
        "tax_rates": [
            {
                "TaxType": tax_type,
                "Name": tax.name,
                "EffectiveRate": tax.rate,
                "CanApplyToRevenue": tax.sales,
                "CanApplyToExpenses": tax.purchases,
            }
            for tax_type, tax in profile.tax_types.items()
        ],
        "tracking_categories": [
            {"Name": name, "Options": list(options)} for name, options in profile.tracking.items()
        ],
        "branding_themes": [
            {"Name": name, "BrandingThemeID": profile.guid("theme", name), "SortOrder": place}
            for place, name in enumerate(profile.themes)
        ],
        "contacts": [_contact(case, profile) for case in cases],
        "invoices": [],
        "credit_notes": [],
    }


def _contact(case: Case, profile: Profile) -> dict[str, Any]:
    found = case.counterpart
    contact: dict[str, Any] = {
        "ContactID": profile.guid("contact", found.name),
        "Name": found.name,
        "AccountNumber": found.account_number,
    }
    if found.terms is not None:
        contact["PaymentTerms"] = {"Sales": {"Type": found.terms[0], "Day": found.terms[1]}}
    return contact


def _day(day: date | None) -> str | None:
    return None if day is None else f"{day.isoformat()}T00:00:00Z"


def _moment(day: date) -> str:
    return f"{day.isoformat()}T{_MADE_AT}"
