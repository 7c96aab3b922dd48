"""A New Zealand provider: GST, net totals, rates in percent, numbers from the Autotask id."""

from __future__ import annotations

from decimal import Decimal

from simulators.books.lines import LABOUR, PROJECT, SERVICE
from simulators.books.profile import BillingCode, Firm, Profile, Purchasing

_HOME, _EXPORT, _AUSTRALIA = 5, 6, 7
_STANDARD, _ZERO, _NO_GST = 2, 3, 4
_NORTH, _SOUTH, _ABROAD = 29683471, 29683472, 29683473
_LEGACY = BillingCode(29682899, "Legacy telephony", (3,), _STANDARD)

ACME = Profile(
    id="acme",
    name="Acme Managed IT",
    time_zone="Pacific/Auckland",
    country="NZ",
    base="NZD",
    currencies={"NZD": Decimal(1), "AUD": Decimal("1.0873"), "USD": Decimal("1.6420")},
    subscribed=("NZD", "AUD"),
    invoice_total="net",
    tax_rate_scale="percent",
    rounding_mode="half_up",
    regions={_HOME: "New Zealand GST", _EXPORT: "Exported services", _AUSTRALIA: "Australia"},
    categories={_STANDARD: "Standard", _ZERO: "Zero-rated", _NO_GST: "No GST"},
    rates={
        (_HOME, _STANDARD): Decimal("0.15"),
        (_HOME, _ZERO): Decimal(0),
        (_EXPORT, _STANDARD): Decimal(0),
        (_EXPORT, _ZERO): Decimal(0),
    },
    explicit_taxes={(_HOME, _STANDARD): "OUTPUT2", (_HOME, _NO_GST): "NONE"},
    region_by_name=frozenset(),
    default_tax="OUTPUT2",
    zero_tax="ZERORATED",
    tax_rates={
        "OUTPUT2": ("15% GST on Income", Decimal(15)),
        "ZERORATED": ("Zero Rated", Decimal(0)),
        "NONE": ("No GST", Decimal(0)),
    },
    codes=(
        BillingCode(29682801, "Remote support", (1,), _STANDARD),
        BillingCode(29682802, "On-site support", (1,), _STANDARD),
        BillingCode(29682803, "After hours", (1,), _STANDARD),
        BillingCode(29682810, "Project work", (2,), _STANDARD),
        BillingCode(29682820, "Hardware", (3,), _STANDARD),
        BillingCode(29682821, "Software licences", (3, 5), _STANDARD),
        BillingCode(29682822, "Overseas hosting", (3,), _ZERO),
        BillingCode(29682830, "Travel", (4,), _STANDARD),
        BillingCode(29682831, "Government fees", (4,), _NO_GST),
        BillingCode(29682840, "Managed services", (6,), _STANDARD),
        BillingCode(29682841, "Cloud bundle", (7,), _STANDARD),
        BillingCode(29682850, "Project milestone", (8,), _STANDARD),
    ),
    # The settings send it to an account that Xero does not have.
    fault_code=(_LEGACY, "ACCOUNT_INVALID"),
    accounts={
        "default": "200",
        "by_billing_code": {
            "29682801": "210",
            "29682802": "210",
            "29682810": "215",
            "29682820": "220",
            "29682821": "225",
            "29682831": "265",
            "29682840": "230",
            str(_LEGACY.id): "299",
        },
        "by_line_type": {"4": "260", "7": "232"},
    },
    xero_accounts={
        "200": "Sales",
        "210": "Support",
        "215": "Projects",
        "220": "Hardware sales",
        "225": "Software sales",
        "230": "Managed services",
        "232": "Cloud services",
        "260": "Expenses recovered",
        "265": "Disbursements",
    },
    firms=(
        Firm(
            318, "Harbour Dental Ltd", "Harbour Dental Ltd", "NZD", _HOME, 30, territory=_NORTH, bill_to=True
        ),
        Firm(322, "Harbour Dental Limited", "Harbour Dental Limited", "NZD", _HOME, 14, territory=_NORTH),
        Firm(325, "pohutukawa legal", "Pohutukawa Legal", "NZD", _HOME, 30, territory=_SOUTH),
        Firm(331, "KAURI ENGINEERING", "Kauri Engineering", "NZD", _HOME, 30, territory=_SOUTH, bill_to=True),
        Firm(334, "Māori Language Trust", "Māori Language Trust", "NZD", _HOME, 7, territory=_NORTH),
        Firm(337, "O'Brien & Sons Roofing", "O'Brien & Sons Roofing", "NZD", _HOME, 0, territory=_NORTH),
        Firm(340, "Tūī Early Learning", "Tūī Early Learning", "NZD", _HOME, 30),
        Firm(346, "Cook Strait Freight", "Cook Strait Freight", "NZD", _HOME, 30, territory=_SOUTH),
        Firm(349, "Cook Strait Freight (South)", "Cook Strait Freight (South)", "NZD", _HOME, 30),
        Firm(
            352,
            "Wairarapa Wines Co-operative",
            "Wairarapa Wines Co-operative",
            "NZD",
            _HOME,
            30,
            territory=_NORTH,
            bill_to=True,
        ),
        Firm(355, "24/7 Towing", "24/7 Towing", "NZD", _HOME, 0),
        Firm(361, "Aoraki Outdoor", "Aoraki Outdoor", "NZD", _HOME, 14, territory=_SOUTH),
        Firm(364, "Southern Alps Physio", "Southern Alps Physio", "NZD", _HOME, 30),
        Firm(
            367,
            "Bondi Surf Supplies Pty Ltd",
            "Bondi Surf Supplies Pty Ltd",
            "AUD",
            _AUSTRALIA,
            30,
            territory=_ABROAD,
        ),
        Firm(
            370,
            "Brisbane Nursery Group",
            "Brisbane Nursery Group",
            "AUD",
            _EXPORT,
            14,
            territory=_ABROAD,
            bill_to=True,
        ),
        Firm(373, "Tasman Charter (NZ branch)", "Tasman Charter (NZ branch)", "AUD", _HOME, 30),
        Firm(376, "Pacific Data Export", "Pacific Data Export", "NZD", _EXPORT, 30),
    ),
    firm_without_contact=Firm(379, "Harbour Dental Group Ltd", None, "NZD", _HOME, 30),
    firm_without_currency=Firm(382, "Redwood Analytics Inc", "Redwood Analytics Inc", "USD", _EXPORT, 30),
    new_firm=Firm(385, "Zealandia Kite School", None, "NZD", _HOME, 14, territory=_SOUTH),
    number_form="INV-{}",
    numbering="autotask_id",
    import_as="draft",
    days_back=14,
    fault_when_no_lines=True,
    category_on_line=Decimal(1),
    detached_voids=False,
    territories={_NORTH: "North Island", _SOUTH: "South Island", _ABROAD: "Overseas"},
    lines_of_business={
        LABOUR: (71, "Service desk"),
        PROJECT: (72, "Projects"),
        SERVICE: (73, "Managed services"),
    },
    tracking_categories={
        "Region": ("North", "South Island", "Other"),
        "Practice": ("Service desk", "Projects", "Recurring"),
    },
    purchasing=Purchasing(
        settings={
            "enabled": True,
            "initial_status": "authorised",
            "account": "310",
            "freight_account": "315",
            "account_by_product": {"3303": "320"},
            "tax": "INPUT2",
            "tax_by_region": {str(_AUSTRALIA): "NONE"},
        },
        vendors=(
            Firm(902, "Southern Cross Distribution", "Southern Cross Distribution", "NZD", _HOME, 30),
            Firm(905, "ridgeline computers", "Ridgeline Computers", "NZD", _HOME, 30),
            Firm(908, "Wallaby Networks Pty Ltd", "Wallaby Networks Pty Ltd", "AUD", _AUSTRALIA, 30),
        ),
        unknown_vendor=Firm(911, "Ridgeline Computers Ltd", None, "NZD", _HOME, 30),
        new_vendor=Firm(914, "Quokka Cabling Supplies", None, "NZD", _HOME, 30),
        accounts={
            "310": ("Purchases", "DIRECTCOSTS"),
            "315": ("Freight inwards", "DIRECTCOSTS"),
            "320": ("Storage bought", "EXPENSE"),
        },
        tax_rates={
            "INPUT2": ("15% GST on Expenses", Decimal(15)),
            "NONE": ("No GST", Decimal(0)),
        },
    ),
    options={
        "create_missing_contacts": True,
        "update_xero_contacts": True,
        "show_resource": True,
        "show_date_in_description": True,
        "four_decimal_rounding": True,
        "branding_theme": "Standard",
        "void_autotask_invoices": True,
        "tracking": [
            {
                "category": "Region",
                "source": "territory",
                "options": {"North Island": "North"},
                "default": "Other",
            },
            {
                "category": "Practice",
                "source": "line_of_business",
                "options": {"Managed services": "Recurring"},
            },
        ],
    },
)
