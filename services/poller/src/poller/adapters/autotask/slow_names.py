"""Names that a tenant rarely changes, kept for an hour and shared by all readings of a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from poller.adapters.autotask.queries import Pages, records, records_where_in
from poller.adapters.autotask.references import by_id
from poller.core.companies import CompanyNames
from poller.core.values import Record, flag, record_id, reference, text

_KEEP_SECONDS = 3600.0
_BILLING_CODE = ("id", "name", "taxCategoryID")
_LEVELS = (
    ("OrganizationalLevel2s", "organizationalLevel2ID"),
    ("OrganizationalLevel1s", "organizationalLevel1ID"),
)
"""Autotask's two levels, the second first: it is the one that is called a line of business, the first is the branch it belongs to."""

T = TypeVar("T")


class Source(Pages, Protocol):
    """Whoever can ask for pages and picklists."""

    def picklist(self, entity: str, field: str) -> Mapping[int, str]:
        """Labels of a picklist field by value."""


@dataclass(slots=True)
class SlowTables:
    """What has been read since a moment. None of a name: Autotask has none for this id, which is not asked for again."""

    read_at: float
    payment_terms: dict[int, str] = field(default_factory=dict)
    tax_regions: dict[str, int] = field(default_factory=dict)
    currencies: dict[int, str] = field(default_factory=dict)
    own_currency: int | None = None
    billing_codes: dict[int, Record] = field(default_factory=dict)
    resources: dict[int, str | None] = field(default_factory=dict)
    products: dict[int, str | None] = field(default_factory=dict)
    countries: dict[int, str | None] = field(default_factory=dict)
    territories: dict[int, str | None] = field(default_factory=dict)
    order_statuses: dict[int, str | None] = field(default_factory=dict)
    lines_of_business: dict[int, str | None] = field(default_factory=dict)


class NamesOfNow:
    """Names by id, from tables of one moment. What they lack is read and added.

    A batch takes them once: one that is read across the end of the hour is served to its end from what it began with.

    Attributes:
        tables: what has been read.
    """

    def __init__(self, source: Source, tables: SlowTables) -> None:
        self.tables = tables
        self._source = source

    def company_names(self) -> CompanyNames:
        """What companies' records refer to, as far as it was read."""
        tables = self.tables
        return CompanyNames(tables.currencies, tables.own_currency, tables.countries, tables.territories)

    def billing_codes(self, ids: Iterable[int]) -> Mapping[int, Record]:
        """Billing codes by id; empty records where there is none."""

        def read(missing: set[int]) -> Mapping[int, Record]:
            return by_id(records_where_in(self._source, "BillingCodes", "id", missing, _BILLING_CODE))

        return _with(self.tables.billing_codes, ids, read, {})

    def resources(self, ids: Iterable[int]) -> Mapping[int, str | None]:
        """First and last names of technicians by id."""

        def read(missing: set[int]) -> Mapping[int, str | None]:
            found = records_where_in(
                self._source, "Resources", "id", missing, ("id", "firstName", "lastName")
            )
            return {record_id(each): _full_name(each) for each in found}

        return _with(self.tables.resources, ids, read, None)

    def products(self, ids: Iterable[int]) -> Mapping[int, str | None]:
        """Names of products by id."""

        def read(missing: set[int]) -> Mapping[int, str | None]:
            found = records_where_in(self._source, "Products", "id", missing, ("id", "name"))
            return {record_id(each): text(each, "name") or None for each in found}

        return _with(self.tables.products, ids, read, None)

    def countries(self, ids: Iterable[int]) -> Mapping[int, str | None]:
        """Names of countries by id, as Autotask's pages show them."""

        def read(_: set[int]) -> Mapping[int, str | None]:
            found = _all(self._source, "Countries", ("id", "displayName", "name"))
            return {
                record_id(each): text(each, "displayName") or text(each, "name") or None for each in found
            }

        return _with(self.tables.countries, ids, read, None)

    def territories(self, ids: Iterable[int]) -> Mapping[int, str | None]:
        """Names of territories by id."""
        return _with(
            self.tables.territories, ids, lambda _: self._source.picklist("Companies", "territoryID"), None
        )

    def order_statuses(self, values: Iterable[int]) -> Mapping[int, str | None]:
        """Names of purchase orders' statuses by value."""
        return _with(
            self.tables.order_statuses,
            values,
            lambda _: self._source.picklist("PurchaseOrders", "status"),
            None,
        )

    def lines_of_business(self, ids: Iterable[int]) -> Mapping[int, str | None]:
        """Names of lines of business by the id of their association."""
        return _with(self.tables.lines_of_business, ids, lambda _: _lines_of_business(self._source), None)


class SlowNames:
    """The tables, each read when it is first needed, and again after an hour or when something refers to what it lacks."""

    def __init__(self, now: Callable[[], float]) -> None:
        """`now`: seconds of a monotonic clock."""
        self._now = now
        self._slow: SlowTables | None = None

    def current(self, source: Source) -> NamesOfNow:
        """The tables of now, with those in them that every document needs."""
        if self._slow is None or self._now() - self._slow.read_at > _KEEP_SECONDS:
            slow = SlowTables(self._now())
            slow.payment_terms = {record_id(r): text(r, "name") for r in _all(source, "PaymentTerms")}
            slow.tax_regions = {text(r, "name").casefold(): record_id(r) for r in _all(source, "TaxRegions")}
            currencies = _all(source, "Currencies", ("id", "name", "isInternalCurrency"))
            slow.currencies = {record_id(r): text(r, "name") for r in currencies}
            slow.own_currency = next(
                (record_id(r) for r in currencies if flag(r, "isInternalCurrency")), None
            )
            self._slow = slow
        return NamesOfNow(source, self._slow)

    def forget(self) -> None:
        """Something refers to what the tables do not have: they are read again when next asked for."""
        self._slow = None


def _with(
    known: dict[int, T], ids: Iterable[int], read: Callable[[set[int]], Mapping[int, T]], nothing: T
) -> Mapping[int, T]:
    """A table that holds the ids: those it lacks are read, and what is not there is not asked for again.

    `read` is given the ids that are missing; it may give more.
    """
    missing = set(ids) - set(known)
    if missing:
        found = read(missing)
        known.update(found)
        known.update(dict.fromkeys(missing - set(found), nothing))
    return known


def _lines_of_business(source: Source) -> Mapping[int, str | None]:
    names = {
        entity: {record_id(each): text(each, "name") for each in _all(source, entity)}
        for entity, _ in _LEVELS
    }
    fields = ("id", *(name for _, name in _LEVELS))
    return {
        record_id(each): next(
            (found for entity, name in _LEVELS if (found := names[entity].get(reference(each, name) or 0))),
            None,
        )
        for each in _all(source, "OrganizationalLevelAssociations", fields)
    }


def _full_name(resource: Record) -> str | None:
    names = (text(resource, "firstName").strip(), text(resource, "lastName").strip())
    return " ".join(name for name in names if name) or None


def _all(source: Source, entity: str, fields: Sequence[str] = ("id", "name")) -> list[Record]:
    """A whole small table. A filter is required; the cursor's own condition is one."""
    return records(source, entity, [], fields)
