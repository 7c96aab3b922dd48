"""What makes one tenant differ from another: currencies, taxes, accounts, settings, and Autotask's open points."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from simulators.books.model import ImportAs, Numbering

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class BillingCode:
    """A billing code: which line types use it (1 labour … 8 milestone), and its tax category."""

    id: int
    name: str
    line_types: tuple[int, ...]
    category: int


@dataclass(frozen=True, slots=True)
class Firm:
    """A customer or vendor.

    Attributes:
        id: In Autotask.
        name: In Autotask.
        contact: Name of its Xero contact, None if there is none.
        currency: Three letters.
        region: Tax region.
        term: Days until an invoice is due.
        exempt: From all taxes.
        territory: Id of its territory, None if it has none.
        bill_to: Whether bills go to an address of their own.
    """

    id: int
    name: str
    contact: str | None
    currency: str
    region: int
    term: int
    exempt: bool = False
    territory: int | None = None
    bill_to: bool = False


@dataclass(frozen=True, slots=True)
class Purchasing:
    """What a tenant buys, and how that goes over.

    Attributes:
        settings: The ``purchase_orders`` of the settings.
        vendors: Those that Xero knows; the last one bills in a foreign currency.
        unknown_vendor: Xero does not know it, but one of nearly the same name: never a contact of its own.
        new_vendor: Xero does not know it, nor anything like it.
        accounts: Xero's code → (name, type).
        tax_rates: Xero's type → (name, percent), for what is bought.
    """

    settings: dict[str, Any]
    vendors: tuple[Firm, ...]
    unknown_vendor: Firm
    new_vendor: Firm
    accounts: dict[str, tuple[str, str]]
    tax_rates: dict[str, tuple[str, Decimal]]

    @property
    def firms(self) -> tuple[Firm, ...]:
        """Every vendor."""
        return (*self.vendors, self.unknown_vendor, self.new_vendor)


@dataclass(frozen=True, slots=True)
class Profile:
    """One tenant.

    Attributes:
        id: The tenant's id; also in its credentials.
        name: Of the managed service provider.
        time_zone: IANA name.
        country: Xero's country code.
        base: Base currency.
        currencies: Currency → units of the base currency for one of it; all that Autotask knows.
        subscribed: Currencies that the Xero organisation has.
        invoice_total: Whether Autotask's ``invoiceTotal`` is without or with tax.
        tax_rate_scale: Whether Autotask's ``taxRate`` is 15 or 0.15.
        rounding_mode: How Xero rounds quantity times price.
        regions: Tax region id → name.
        categories: Tax category id → name.
        rates: (region, category) → rate as a fraction; pairs that are missing are not taxed.
        explicit_taxes: (region, category) → Xero tax type, where the settings name one.
        region_by_name: Regions that the settings name by name instead of by id.
        default_tax: Xero tax type of what is taxed otherwise.
        zero_tax: Xero tax type of what carries no tax otherwise.
        tax_rates: Xero's: type → (name, percent).
        codes: Billing codes that ordinary lines use.
        fault_code: The billing code whose account is missing or wrong, and the code of the fault that this is.
        accounts: The ``accounts`` of the settings.
        xero_accounts: Code → name, revenue accounts that Xero has.
        firms: Customers.
        firm_without_contact: The customer that Xero does not know.
        firm_without_currency: The customer in a currency that Xero does not have.
        new_firm: A customer that Xero does not know, nor anything of a similar name.
        number_form: Autotask's invoice numbers, from a counter.
        numbering: Default of the settings.
        import_as: Default of the settings.
        days_back: Of the settings.
        fault_when_no_lines: Of the settings.
        category_on_line: Share of the lines that carry their tax category themselves.
        detached_voids: Whether lines of a voided invoice leave it.
        accounts_field: Name and value of the user-defined field on contacts that says who receives the bills.
        territories: Territory id → name.
        lines_of_business: Line type → id and name of the line of business of such lines.
        tracking_categories: Xero's: category → options.
        purchasing: What it buys; None: nothing.
        options: Settings beyond those that have a field here.
    """

    id: str
    name: str
    time_zone: str
    country: str
    base: str
    currencies: dict[str, Decimal]
    subscribed: tuple[str, ...]
    invoice_total: Literal["net", "gross"]
    tax_rate_scale: Literal["percent", "fraction"]
    rounding_mode: Literal["half_up", "half_even"]
    regions: dict[int, str]
    categories: dict[int, str]
    rates: dict[tuple[int, int], Decimal]
    explicit_taxes: dict[tuple[int, int], str]
    region_by_name: frozenset[int]
    default_tax: str
    zero_tax: str
    tax_rates: dict[str, tuple[str, Decimal]]
    codes: tuple[BillingCode, ...]
    fault_code: tuple[BillingCode, str]
    accounts: dict[str, Any]
    xero_accounts: dict[str, str]
    firms: tuple[Firm, ...]
    firm_without_contact: Firm
    firm_without_currency: Firm
    new_firm: Firm
    number_form: str
    numbering: Numbering
    import_as: ImportAs
    days_back: int
    fault_when_no_lines: bool
    category_on_line: Decimal
    detached_voids: bool
    accounts_field: tuple[str, str] = ("Position", "Accounts")
    territories: dict[int, str] = field(default_factory=dict)
    lines_of_business: dict[int, tuple[int, str]] = field(default_factory=dict)
    tracking_categories: dict[str, tuple[str, ...]] = field(default_factory=dict)
    purchasing: Purchasing | None = None
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def customers(self) -> tuple[Firm, ...]:
        """Every customer, those that cannot sync included."""
        return (*self.firms, self.firm_without_contact, self.firm_without_currency, self.new_firm)

    @property
    def vendors(self) -> tuple[Firm, ...]:
        """Every vendor."""
        return self.purchasing.firms if self.purchasing else ()

    def is_on(self, option: str) -> bool:
        """Whether a switch of the settings is on; every switch that is not named is off."""
        return bool(self.options.get(option))

    def rate(self, firm: Firm, category: int | None) -> Decimal:
        """The tax rate of a line, as a fraction. No category, an exempt customer or a missing row: no tax."""
        if firm.exempt or category is None:
            return ZERO
        return self.rates.get((firm.region, category), ZERO)

    def tax_type(self, region: int, category: int | None, tax: Decimal) -> str:
        """Xero's tax type: by region and category, else zero-rated if there is no tax, else the default."""
        named = None if category is None else self.explicit_taxes.get((region, category))
        return named or (self.zero_tax if tax == 0 else self.default_tax)

    def account(self, billing_code: int | None, line_type: int) -> str | None:
        """Xero's account code: by billing code, else by line type, else the default, else none."""
        by_code: dict[str, str] = self.accounts.get("by_billing_code", {})
        by_type: dict[str, str] = self.accounts.get("by_line_type", {})
        default: str | None = self.accounts.get("default")
        return by_code.get(str(billing_code)) or by_type.get(str(line_type)) or default

    def finds_contact(self, firm: Firm) -> bool:
        """Whether Xero knows the company, or comes to know it; one whose name is nearly another's is never made."""
        if firm.contact is None:
            unlike_all = firm is self.new_firm or (
                self.purchasing is not None and firm is self.purchasing.new_vendor
            )
            return unlike_all and self.is_on("create_missing_contacts")
        by_name = self.options.get("contact_match_by", "name") == "name"
        exactly = not self.options.get("contact_name_ignore_case", True)
        return firm.contact == firm.name or not (by_name and exactly)

    def tracking(self, firm: Firm, line_type: int, account: str) -> tuple[str, ...]:
        """``Category: Option`` of a line for each category that gives it one, as the settings say."""
        found = []
        for rule in self.options.get("tracking", ()):
            category = rule["category"]
            value = {
                "territory": self.territories.get(firm.territory or 0, ""),
                "line_of_business": self.lines_of_business.get(line_type, (0, ""))[1],
                "account": account,
            }[rule["source"]]
            same = value if value in self.tracking_categories[category] else None
            option = rule.get("options", {}).get(value) or same or rule.get("default")
            if option:
                found.append(f"{category}: {option}")
        return tuple(sorted(found))

    def settings(self, numbering: Numbering, import_as: ImportAs) -> dict[str, Any]:
        """The tenant's initial settings."""
        purchasing = {"purchase_orders": self.purchasing.settings} if self.purchasing else {}
        name, value = self.accounts_field
        return {
            "invoices_import_as": import_as,
            "invoice_numbers": numbering,
            "days_back": self.days_back,
            "time_zone": self.time_zone,
            "accounts": self.accounts,
            "taxes": {
                "default": self.default_tax,
                "zero_rated": self.zero_tax,
                "by_region_and_category": [
                    {
                        "region": self.regions[region] if region in self.region_by_name else str(region),
                        "category": str(category),
                        "type": tax_type,
                    }
                    for (region, category), tax_type in self.explicit_taxes.items()
                ],
            },
            "fault_when_no_lines": self.fault_when_no_lines,
            "accounts_contact_udf": {"name": name, "value": value},
            **purchasing,
            **self.options,
        }
