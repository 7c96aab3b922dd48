"""Everything that belongs to purchase orders, read in batches: items, vendors, and what their ids stand for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from invoice_events.settings import Settings
from poller.adapters.autotask.companies import Companies
from poller.adapters.autotask.queries import records_where_in
from poller.adapters.autotask.reading import CONTRACT, TICKET
from poller.adapters.autotask.references import by_id, referred, safe_reference
from poller.adapters.autotask.slow_names import SlowNames, Source
from poller.core.extras import extras_wanted
from poller.core.order_snapshot import OrderNames, OrderParts
from poller.core.values import Record, record_id, text

_ITEM = (
    "id", "orderID", "productID", "memo", "quantity", "unitCost", "estimatedArrivalDate", "ticketID", "contractID",
)  # fmt: skip


def order_items(source: Source, orders: Iterable[Record]) -> Mapping[int, list[Record]]:
    """The items of orders, by the order's id.

    Raises:
        AutotaskError: a call failed.
    """
    found: dict[int, list[Record]] = defaultdict(list)
    for item in records_where_in(source, "PurchaseOrderItems", "orderID", map(record_id, orders), _ITEM):
        found[safe_reference(item, "orderID")].append(item)
    return found


class OrderReader:
    """Reads what belongs to purchase orders. Companies are kept as long as the reader lives: one pass, or one command."""

    def __init__(self, source: Source, slow: SlowNames, settings: Settings) -> None:
        self._source = source
        self._slow = slow
        self._companies = Companies(source, slow, extras_wanted(settings))

    def parts(self, orders: Sequence[Record]) -> list[OrderParts]:
        """The parts of each order, in the order given. At most 200 orders.

        Raises:
            AutotaskError: a call failed; nothing was kept that is wrong.
        """
        items = order_items(self._source, orders)
        vendors = referred(orders, "vendorID")
        companies = self._companies.know(vendors | referred(orders, "purchaseForCompanyID"))
        every_item = [item for group in items.values() for item in group]
        names = self._names(orders, every_item, companies, vendors)
        return [
            OrderParts(
                order=order,
                items=items.get(record_id(order), []),
                vendor=companies.get(safe_reference(order, "vendorID")),
                names=names,
            )
            for order in orders
        ]

    def _names(
        self,
        orders: Sequence[Record],
        items: Sequence[Record],
        companies: Mapping[int, Record | None],
        vendors: set[int],
    ) -> OrderNames:
        names = self._slow.current(self._source)
        return OrderNames(
            companies=self._companies.names(vendors, names),
            company_names={number: text(each, "companyName") for number, each in companies.items() if each},
            statuses=names.order_statuses(referred(orders, "status")),
            payment_terms=names.tables.payment_terms,
            products=names.products(referred(items, "productID")),
            tickets=self._named("Tickets", referred(items, "ticketID"), TICKET),
            contracts=self._named("Contracts", referred(items, "contractID"), CONTRACT),
        )

    def _named(self, entity: str, ids: set[int], fields: Sequence[str]) -> Mapping[int, Record]:
        return by_id(records_where_in(self._source, entity, "id", ids, fields))
