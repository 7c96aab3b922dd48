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
COUNTRIES = {"GB": (232, "United Kingdom"), "NZ": (161, "New Zealand")}
TERMS = {0: (1, "Due on Receipt"), 7: (2, "Net 7"), 14: (4, "Net 14"), 30: (3, "Net 30 days")}
BILLER = 29682885
XERO_TERM = 20
"""Days after the bill at which every contact in Xero has to pay."""
_CUSTOMER, _VENDOR = 1, 6
_PEOPLE = ("Kim", "Robin", "Alex", "Jo", "Charlie", "Pat", "Morgan")
_SURNAMES = ("Walker", "Singh", "Nguyen", "Murphy", "Rossi", "Hughes", "Tamati")
_USE_TYPES = {1: 1, 2: 1, 3: 2, 4: 3, 5: 2, 6: 5, 7: 5, 8: 6}


def all_firms(profile: Profile) -> tuple[Firm, ...]:
    """Every company: customers and vendors."""
    return (*profile.customers, *profile.vendors)


def currency_ids(profile: Profile) -> dict[str, int]:
    """Currency → Autotask's id."""
    return {code: number for number, code in enumerate(profile.currencies, start=1)}


def contract_id(firm: Firm) -> int:
    """The customer's service contract."""
    return 29690000 + firm.id


def contract_name(firm: Firm) -> str:
    """The name of the customer's service contract."""
    return f"Managed services {firm.id}"


def autotask_entities(profile: Profile, rng: Random) -> dict[str, list[Record]]:
    """Everything but invoices, lines, tickets, time entries, and what is bought."""
    scale = Decimal(100) if profile.tax_rate_scale == "percent" else Decimal(1)
    currencies = currency_ids(profile)
    return {
        "Companies": [_company(profile, firm, currencies, rng) for firm in all_firms(profile)],
        "Contacts": [contact for firm in all_firms(profile) for contact in _contacts(profile, firm, rng)],
        "Contracts": [_contract(firm) for firm in profile.customers],
        "Countries": [
            {"id": number, "countryCode": code, "displayName": name, "name": name, "isActive": True}
            for code, (number, name) in COUNTRIES.items()
        ],
        **_lines_of_business(profile),
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


def _lines_of_business(profile: Profile) -> dict[str, list[Record]]:
    """A line of business is the second of two levels; items name the pair."""
    named = sorted(set(profile.lines_of_business.values()))
    if not named:
        return {}
    return {
        "OrganizationalLevel1s": [{"id": 1, "name": profile.name, "isActive": True}],
        "OrganizationalLevel2s": [{"id": number, "name": name, "isActive": True} for number, name in named],
        "OrganizationalLevelAssociations": [
            {"id": number, "organizationalLevel1ID": 1, "organizationalLevel2ID": number, "isActive": True}
            for number, _ in named
        ],
    }


def _company(profile: Profile, firm: Firm, currencies: dict[str, int], rng: Random) -> Record:
    country = COUNTRIES[profile.country][0]
    bill_to: Record = {}
    if firm.bill_to:
        bill_to = {
            "billToAddressToUse": 2,
            "billToAttention": "Accounts payable",
            "billingAddress1": f"PO Box {firm.id * 7}",
            "billToCity": "Palmerston North",
            "billToZipCode": str(rng.randint(1000, 9999)),
            "billToCountryID": country,
        }
    return {
        "id": firm.id,
        "companyName": firm.name,
        "companyNumber": f"C-{firm.id:04d}",
        "companyType": _VENDOR if firm in profile.vendors else _CUSTOMER,
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
        "countryID": country,
        "territoryID": firm.territory,
        "billToAddressToUse": 1,
        "billToAttention": "",
        "invoiceTemplateID": 104,
        "userDefinedFields": [{"name": "Accounting Contact ID", "value": None}],
        **bill_to,
    }


def _contacts(profile: Profile, firm: Firm, rng: Random) -> list[Record]:
    """One to three people; one active person for accounts, whom a user-defined field names."""
    name, value = profile.accounts_field
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
                {"name": name, "value": value if place == accounts else rng.choice((None, "Owner"))}
            ],
        }
        for place in range(count)
    ]


def _contract(firm: Firm) -> Record:
    return {
        "id": contract_id(firm),
        "companyID": firm.id,
        "contractName": contract_name(firm),
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
            *_purchase_accounts(profile),
            {"Code": "090", "Name": "Current account", "Type": "BANK", "TaxType": "NONE"},
            {"Code": "404", "Name": "Bank fees", "Type": "EXPENSE", "TaxType": "NONE"},
        ],
        "tax_rates": [
            {"TaxType": tax_type, "Name": name, "EffectiveRate": rate, "CanApplyToRevenue": True}
            for tax_type, (name, rate) in profile.tax_rates.items()
        ]
        + _purchase_rates(profile),
        "tracking_categories": [
            {"Name": name, "Options": list(options)} for name, options in profile.tracking_categories.items()
        ],
        "branding_themes": [{"Name": "Standard", "SortOrder": 0}],
        "contacts": _xero_contacts(profile, seed),
        "invoices": [],
        "credit_notes": [],
        "switches": {
            "rounding_mode": profile.rounding_mode,
        },
    }


def _purchase_accounts(profile: Profile) -> list[Record]:
    if profile.purchasing is None:
        return []
    tax_type = next(iter(profile.purchasing.tax_rates))
    return [
        {"Code": code, "Name": name, "Type": kind, "TaxType": tax_type}
        for code, (name, kind) in profile.purchasing.accounts.items()
    ]


def _purchase_rates(profile: Profile) -> list[Record]:
    if profile.purchasing is None:
        return []
    return [
        {
            "TaxType": tax_type,
            "Name": name,
            "EffectiveRate": rate,
            "CanApplyToRevenue": False,
            "CanApplyToExpenses": True,
        }
        for tax_type, (name, rate) in profile.purchasing.tax_rates.items()
        if tax_type not in profile.tax_rates  # one for both is there already, and may be used for both
    ]


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
                "PaymentTerms": {"Sales": {"Day": XERO_TERM, "Type": "DAYSAFTERBILLDATE"}},
            }
            for firm in all_firms(profile)
            if firm.contact
        ),
        {"Name": "Unrelated Wholesale", "EmailAddress": "sales@unrelated.example"},
    ]
