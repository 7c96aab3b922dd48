"""What Autotask and Xero hold before any invoice: customers, people, codes, taxes, accounts."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulators.books.chance import chance

if TYPE_CHECKING:
    from random import Random

    from simulators.books.profile import Firm, Profile

    Record = dict[str, Any]

RESOURCES: dict[int, tuple[str, str]] = {
    29682885: ("Aroha", "Ngata"),
    29682886: ("Ben", "Okafor"),
    29682887: ("Chloë", "D'Souza"),
    29682888: ("Daniel", "Lindqvist"),
    29682889: ("Mei", "Tanaka"),
    29682890: ("Sam", "Ferreira"),
}
ROLES = {29683436: "Technician", 29683437: "Senior engineer", 29683438: "Consultant"}
TERMS = {0: (1, "Due on Receipt"), 7: (2, "Net 7"), 14: (4, "Net 14"), 30: (3, "Net 30 days")}
BILLER = 29682885
_PEOPLE = ("Kim", "Robin", "Alex", "Jo", "Charlie", "Pat", "Morgan")
_SURNAMES = ("Walker", "Singh", "Nguyen", "Murphy", "Rossi", "Hughes", "Tamati")
_USE_TYPES = {1: 1, 2: 1, 3: 2, 4: 3, 5: 2, 6: 5, 7: 5, 8: 6}


def all_firms(profile: Profile) -> tuple[Firm, ...]:
    """Every customer, those that cannot sync included."""
    return (*profile.firms, profile.firm_without_contact, profile.firm_without_currency)


def currency_ids(profile: Profile) -> dict[str, int]:
    """Currency → Autotask's id."""
    return {code: number for number, code in enumerate(profile.currencies, start=1)}


def contract_id(firm: Firm) -> int:
    """The customer's service contract."""
    return 29690000 + firm.id


def autotask_entities(profile: Profile, rng: Random) -> dict[str, list[Record]]:
    """Everything but invoices, lines, tickets and time entries."""
    scale = Decimal(100) if profile.tax_rate_scale == "percent" else Decimal(1)
    currencies = currency_ids(profile)
    return {
        "Companies": [_company(firm, currencies, rng) for firm in all_firms(profile)],
        "Contacts": [contact for firm in all_firms(profile) for contact in _contacts(firm, rng)],
        "Contracts": [_contract(firm) for firm in all_firms(profile)],
        "Resources": [
            {
                "id": number,
                "firstName": first,
                "lastName": last,
                "userName": f"{first.lower()}.{number}",
                "email": f"tech{number}@{profile.id}.example",
                "isActive": True,
            }
            for number, (first, last) in RESOURCES.items()
        ],
        "Roles": [{"id": number, "name": name, "isActive": True} for number, name in ROLES.items()],
        "BillingCodes": [
            {
                "id": code.id,
                "name": code.name,
                "isActive": True,
                "useType": _USE_TYPES[code.line_types[0]],
                "taxCategoryID": code.category,
            }
            for code in (*profile.codes, profile.fault_code[0])
        ],
        "TaxRegions": [
            {"id": number, "name": name, "isActive": True} for number, name in profile.regions.items()
        ],
        "TaxCategories": [
            {"id": number, "name": name, "isActive": True} for number, name in profile.categories.items()
        ],
        "Taxes": [
            {
                "id": number,
                "taxRegionID": region,
                "taxCategoryID": category,
                "taxName": f"{profile.regions[region]} {profile.categories[category]}",
                "taxRate": rate * scale,
                "isCompounded": False,
            }
            for number, ((region, category), rate) in enumerate(profile.rates.items(), start=1)
        ],
        "Currencies": [
            {
                "id": number,
                "name": code,
                "description": code,
                "exchangeRate": profile.currencies[code],
                "isActive": True,
                "isInternalCurrency": code == profile.base,
            }
            for code, number in currencies.items()
        ],
        "PaymentTerms": [
            {"id": number, "name": name, "paymentDueInDays": days, "isActive": True}
            for days, (number, name) in TERMS.items()
        ],
    }


def _company(firm: Firm, currencies: dict[str, int], rng: Random) -> Record:
    return {
        "id": firm.id,
        "companyName": firm.name,
        "companyNumber": f"C-{firm.id:04d}",
        "companyType": 1,
        "isActive": True,
        "ownerResourceID": BILLER,
        "currencyID": currencies[firm.currency],
        "taxRegionID": firm.region,
        "isTaxExempt": firm.exempt,
        "taxID": f"{rng.randint(100, 999)}-{rng.randint(100, 999)}-{rng.randint(100, 999)}",
        "phone": f"+00 555 {rng.randint(1000, 9999)}",
        "address1": f"{rng.randint(1, 200)} Station Road",
        "city": rng.choice(("Wellington", "Leeds", "Nelson", "Bristol")),
        "postalCode": str(rng.randint(1000, 9999)),
        "billToAddressToUse": 1,
        "billToAttention": "Accounts",
        "invoiceTemplateID": 104,
        "userDefinedFields": [{"name": "Accounting Contact ID", "value": None}],
    }


def _contacts(firm: Firm, rng: Random) -> list[Record]:
    """One to three people; one active person for accounts, whom a user-defined field names if there are more."""
    count = rng.randint(1, 3)
    accounts = rng.randrange(count)
    return [
        {
            "id": firm.id * 10 + place,
            "companyID": firm.id,
            "firstName": rng.choice(_PEOPLE),
            "lastName": rng.choice(_SURNAMES),
            "emailAddress": f"person{place}@firm{firm.id}.example",
            "phone": f"+00 555 {rng.randint(1000, 9999)}",
            "isActive": 1 if place == accounts or chance(rng, 70) else 0,
            "primaryContact": place == 0,
            "userDefinedFields": [
                {
                    "name": "Position",
                    "value": "Accounts" if place == accounts else rng.choice((None, "Owner")),
                }
            ],
        }
        for place in range(count)
    ]


def _contract(firm: Firm) -> Record:
    return {
        "id": contract_id(firm),
        "companyID": firm.id,
        "contractName": f"Managed services {firm.id}",
        "contractNumber": f"MSA-{firm.id}",
        "contractType": 7,
        "status": 1,
        "startDate": "2024-01-01T00:00:00Z",
        "endDate": "2031-12-31T00:00:00Z",
    }


def xero_tenant(profile: Profile, client: tuple[str, str], rng: Random) -> dict[str, Any]:
    """The Xero organisation: chart of accounts, rates, currencies and customers, but no documents of ours."""
    seed = uuid.UUID(int=rng.getrandbits(128), version=4)
    return {
        "tenant": profile.id,
        "client_id": client[0],
        "client_secret": client[1],
        "organisation": {
            "OrganisationID": str(uuid.uuid5(seed, "organisation")),
            "Name": profile.name,
            "BaseCurrency": profile.base,
            "CountryCode": profile.country,
            "Timezone": "NEWZEALANDSTANDARDTIME" if profile.country == "NZ" else "GMTSTANDARDTIME",
            "ShortCode": f"!{profile.id[:5]}",
        },
        "currencies": list(profile.subscribed),
        "accounts": [
            *(
                {"Code": code, "Name": name, "Type": "REVENUE", "TaxType": profile.default_tax}
                for code, name in profile.xero_accounts.items()
            ),
            {"Code": "090", "Name": "Current account", "Type": "BANK", "TaxType": "NONE"},
            {"Code": "404", "Name": "Bank fees", "Type": "EXPENSE", "TaxType": "NONE"},
        ],
        "tax_rates": [
            {"TaxType": tax_type, "Name": name, "EffectiveRate": rate, "CanApplyToRevenue": True}
            for tax_type, (name, rate) in profile.tax_rates.items()
        ],
        "tracking_categories": [],
        "branding_themes": [{"Name": "Standard", "SortOrder": 0}],
        "contacts": _xero_contacts(profile, seed),
        "invoices": [],
        "credit_notes": [],
        "switches": {
            "rounding_mode": profile.rounding_mode,
            "tax_amount_limit": profile.tax_amount_limit,
        },
    }


def _xero_contacts(profile: Profile, seed: uuid.UUID) -> list[Record]:
    # An archived twin of a customer: documents on it would be refused, the active one has to be found.
    twin = profile.firms[3].contact
    return [
        {"ContactID": str(uuid.uuid5(seed, "twin")), "Name": twin, "ContactStatus": "ARCHIVED"},
        *(
            {
                "ContactID": str(uuid.uuid5(seed, str(firm.id))),
                "Name": firm.contact,
                "AccountNumber": f"C-{firm.id:04d}",
                "EmailAddress": f"accounts@firm{firm.id}.example",
                "PaymentTerms": {"Sales": {"Day": 20, "Type": "DAYSAFTERBILLDATE"}},
            }
            for firm in all_firms(profile)
            if firm.contact
        ),
        {"Name": "Unrelated Wholesale", "EmailAddress": "sales@unrelated.example"},
    ]
