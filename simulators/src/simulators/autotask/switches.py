"""Where the truth about Autotask is open, or a test wants it otherwise: one switch each, per database."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

from simulators.kit.documents import BadDocumentError, check_members

if TYPE_CHECKING:
    from collections.abc import Mapping

InvoiceTotal = Literal["net", "gross"]
TaxRateScale = Literal["percent", "fraction"]
MissingItem = Literal["not_found", "null"]
MissingUdfs = Literal["empty", "null", "absent"]


@dataclass(frozen=True, slots=True)
class Switches:
    """How one database behaves.

    Attributes:
        invoice_total: Whether ``invoiceTotal`` in the records is without (net) or with (gross) tax.
        tax_rate_scale: Whether ``taxRate`` in the records is 15 (percent) or 0.15 (fraction).
        missing_item: A record asked for by an id that does not exist: 404, or 200 with ``"item": null``.
        missing_udfs: How a record without user-defined fields shows them: ``[]``, ``null``, or not at all.
        null_is_different: Whether ``noteq`` and ``notIn`` match null.
        hourly_limit: Requests in any hour, all integrations together.
        external_usage: Requests in the last hour by other integrations of this database.
        quota_status: Status of the refusal beyond the hourly limit.
        usage_latency: Whether answers slow down by 0.5 s from 50 % and by 1 s from 75 % of the hourly limit.
        thread_limit: Concurrent requests per integration code and entity.
        failures_to_lock: Failed logins in a row that lock the account.
        locked_status: Status of the answer to a locked account.
        zone: Where the database lives, as in ``/zone14/``; calls to another zone are refused with 401.
    """

    invoice_total: InvoiceTotal = "net"
    tax_rate_scale: TaxRateScale = "percent"
    missing_item: MissingItem = "not_found"
    missing_udfs: MissingUdfs = "empty"
    null_is_different: bool = False
    hourly_limit: int = 10_000
    external_usage: int = 0
    quota_status: int = 429
    usage_latency: bool = False
    thread_limit: int = 3
    failures_to_lock: int = 10
    locked_status: int = 401
    zone: int = 14

    def with_changes(self, document: Mapping[str, Any], where: str) -> Switches:
        """The same switches with those of ``document`` set.

        Raises:
            BadDocumentError: An unknown switch or a value that it does not take.
        """
        check_members(document, where, optional=[field.name for field in fields(self)])
        for name, value in document.items():
            _check(name, value, getattr(self, name), where)
        return replace(self, **document)


_CHOICES: dict[str, tuple[str, ...]] = {
    "invoice_total": get_args(InvoiceTotal),
    "tax_rate_scale": get_args(TaxRateScale),
    "missing_item": get_args(MissingItem),
    "missing_udfs": get_args(MissingUdfs),
}


def _check(name: str, value: object, default: object, where: str) -> None:
    if name in _CHOICES:
        if value not in _CHOICES[name]:
            raise BadDocumentError(f"{where}.{name}: one of {', '.join(_CHOICES[name])} is wanted")
    elif isinstance(default, bool):
        if not isinstance(value, bool):
            raise BadDocumentError(f"{where}.{name}: true or false is wanted")
    elif isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadDocumentError(f"{where}.{name}: a whole number of 0 or more is wanted")
