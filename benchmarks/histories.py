"""What the services would have said about so many invoices: whole histories as events, spread over the business hours of a year.

Made up from an invoice's number alone, so that any part of them can be made again, by any process, in any order.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from benchmarks.events import discovered, mapped
from invoice_events import names
from invoice_events.identity import event_id

Record = tuple[str, dict[str, Any]]

END = datetime(2026, 5, 29, 17, 0, tzinfo=UTC)
"""When the last of them was found."""
_DAYS = 260
"""Working days before it."""
_CUSTOMERS = 400
_FIRST = (
    "Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ivy", "Juniper", "Katsura", "Larch", "Maple", "Nutmeg",
    "Oak", "Pine", "Quince", "Rowan", "Spruce", "Tamarind",
)  # fmt: skip
_SECOND = (
    "Accounting", "Bakery", "Clinic", "Dental", "Estates", "Freight", "Glazing", "Hotels", "Imports", "Joinery", "Kitchens", "Legal",
    "Motors", "Nursery", "Optics", "Plumbing", "Quarries", "Retail", "Studios", "Tiling",
)  # fmt: skip
_FAULTS = (
    ("CONTACT_NOT_FOUND", "Can't find Xero Contact with Account Name: {name}"),
    ("ACCOUNT_CODE_MISSING", "Account code '210' is not a valid code for this document."),
    ("TAX_MISMATCH", "The tax of line 2 does not fit its tax type"),
    ("AMOUNTS_DO_NOT_MATCH", "Invoice Amounts do not match"),
)
_CENT = Decimal("0.01")


def customer(number: int) -> str:
    """The customer of an invoice: few have many, many have few."""
    place = int(_CUSTOMERS * random.Random(number).random() ** 2)
    return f"{_FIRST[place % 20]} {_SECOND[place // 20]} Ltd"


def found_at(number: int, count: int) -> datetime:
    """When an invoice out of so many was found: within eight hours of a working day."""
    share = number / count * _DAYS
    day, hours = int(share), (share % 1) * 8
    end = END.replace(hour=9, minute=0)
    weeks, rest = divmod(_DAYS - 1 - day, 5)
    return end - timedelta(days=weeks * 7 + rest) + timedelta(hours=hours)


@cache
def _snapshot(tenant: str) -> dict[str, Any]:
    return discovered(1, tenant)


@cache
def _mapped(tenant: str) -> dict[str, Any]:
    return mapped(1, tenant, "Contoso Ltd")


def history(number: int, count: int, tenant: str) -> Iterator[Record]:
    """Every event of one invoice, in the order in which they happened."""
    chance = random.Random(number * 7919)
    document, name = f"invoice/{number}", customer(number)
    at = found_at(number, count)
    fate = chance.random()
    for attempt in (1, 2, 3):
        told = _Told(tenant, document, int(at.timestamp() * 1000), attempt, name)
        yield told.found(at, number)
        if fate < 0.02:
            yield told.event(names.SKIPPED, at, reason="voided", text="voided in Autotask")
            return
        at += timedelta(seconds=chance.expovariate(1 / 4))
        yield told.converted(at, number)
        if fate > 0.999:
            return  # it waits
        at += timedelta(seconds=chance.expovariate(1 / 20))
        yield told.event(names.PROCESSING, at, detail="r/writing", request_id="r", phase="writing")
        at += timedelta(seconds=1 + chance.expovariate(1))
        if fate < 0.07 and (attempt < 3 or fate < 0.03):
            code, words = _FAULTS[number % len(_FAULTS)]
            text = words.format(name=name)
            yield told.event(
                names.FAULTED,
                at,
                code=code,
                text=text,
                side="xero",
                service="xero-writer",
                strike=True,
                final=False,
                details=[],
            )
            yield told.log(at, "error", text, code=code)
            at += timedelta(minutes=5)
            continue
        yield told.written(at, number)
        yield told.log(at, "info", "created in Xero", number=f"INV:{number}", status="DRAFT")
        yield told.log(at + timedelta(seconds=2), "info", "Web Service Date set in Autotask")
        return


class _Told:
    """Events of one try."""

    def __init__(self, tenant: str, document: str, revision: int, attempt: int, name: str) -> None:
        self._base = {
            "tenant_id": tenant, "document": document, "revision": revision, "attempt": attempt, "command_id": None,
            "xero_document_id": None,
        }  # fmt: skip
        self._name = name

    def event(self, topic: str, at: datetime, detail: str = "", **more: object) -> Record:
        tenant, document, revision = (self._base[key] for key in ("tenant_id", "document", "revision"))
        own = {
            "event_id": event_id(str(tenant), str(document), int(str(revision)), topic, detail),
            "occurred_at": at,
        }
        return topic, {**self._base, **own, **more}

    def found(self, at: datetime, number: int) -> Record:
        whole = _snapshot(str(self._base["tenant_id"]))
        invoice = whole["invoice"] | {
            "id": number,
            "number": f"{at.year}-{number:07}",
            "date": at.date(),
            "created_at": at,
        }
        company = whole["company"] | {"id": number % _CUSTOMERS, "name": self._name}
        _, event = self.event(names.DISCOVERED, at)
        return names.DISCOVERED, {**whole, **event, "invoice": invoice, "company": company}

    def converted(self, at: datetime, number: int) -> Record:
        whole = _mapped(str(self._base["tenant_id"]))
        _, event = self.event(names.MAPPED, at)
        return names.MAPPED, {
            **whole,
            **event,
            "xero": whole["xero"] | {"number": f"INV:{number}", "date": at.date()},
        }

    def written(self, at: datetime, number: int) -> Record:
        net = (Decimal(number % 99_991) / 7).quantize(_CENT)
        tax = (net * Decimal("0.15")).quantize(_CENT)
        return self.event(
            names.SYNCED, at, xero_kind="invoice", outcome="created", xero_number=f"INV:{number}", xero_status="DRAFT",
            xero_url=f"https://go.xero.example/edit/{number}", currency=("NZD", "NZD", "USD")[number % 3], sub_total=net,
            total_tax=tax, total=net + tax, contact_id=f"contact-{number % _CUSTOMERS}", contact_name=self._name,
            due_date=date(2026, 6, 20), warnings=[], xero_document_id=f"00000000-0000-4000-8000-{number:012d}",
        )  # fmt: skip

    def log(self, at: datetime, level: str, message: str, **fields: str) -> Record:
        return names.LOGS, {
            "event_id": event_id(
                str(self._base["tenant_id"]), str(self._base["document"]), int(str(self._base["revision"])), names.LOGS, message
            ),
            "tenant_id": self._base["tenant_id"], "document": self._base["document"], "revision": self._base["revision"],
            "service": "xero-writer", "level": level, "occurred_at": at, "message": message, "fields": fields, "trace_id": None,
        }  # fmt: skip
