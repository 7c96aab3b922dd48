"""What makes one tenant differ from another: currencies, taxes, accounts, settings, and Autotask's open points."""

from __future__ import annotations

from dataclasses import dataclass
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
    """A customer. ``contact`` is the name of its Xero contact, None if there is none."""

    id: int
    name: str
    contact: str | None
    currency: str
    region: int
    term: int
    exempt: bool = False


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
        tax_amount_limit: What Xero compares a given tax amount with.
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
        number_form: Autotask's invoice numbers, from a counter.
        numbering: Default of the settings.
        import_as: Default of the settings.
        days_back: Of the settings.
        fault_when_no_lines: Of the settings.
        category_on_line: Share of the lines that carry their tax category themselves.
        detached_voids: Whether lines of a voided invoice leave it.
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
    tax_amount_limit: Literal["line_amount", "unit_amount"]
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
    number_form: str
    numbering: Numbering
    import_as: ImportAs
    days_back: int
    fault_when_no_lines: bool
    category_on_line: Decimal
    detached_voids: bool

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

    def settings(self, numbering: Numbering, import_as: ImportAs) -> dict[str, Any]:
        """The tenant's initial settings."""
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
        }
