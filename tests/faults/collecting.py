"""Gathering a run's history: while it goes on, what is shown; at its end, everything else."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Self

import requests

from invoice_events import names
from local_stack.status_client import StatusClient
from local_stack.topics import load_topics
from simulators.books.model import Books, TenantBooks
from tests.end_to_end.suite import Suite
from tests.faults.history import Asked, History, Injection, Json, Sample, TenantHistory, Told
from tests.faults.rig import KEY_LIFETIME_SECONDS, Rig

_SAMPLE_SECONDS = 1.0


class Sampler:
    """Looks at status-api all the time, in a thread of its own, and notes each change of what it shows."""

    def __init__(self, suite: Suite) -> None:
        self._client = StatusClient(suite.stack.status_api_url, suite.stack.status_api_token)
        self._tenants = [tenant.tenant for tenant in suite.books.tenants]
        self._seen: dict[tuple[str, str], tuple[int, str]] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="sampler", daemon=True)
        self.samples: list[Sample] = []
        self.failures = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _sample(self) -> None:
        pause = _SAMPLE_SECONDS
        while not self._stopping.wait(pause):
            began = time.monotonic()
            for tenant in self._tenants:
                try:
                    self._look(tenant)
                except requests.RequestException:  # its database is away, or the process is down
                    self.failures += 1
            # Many documents must not keep status-api busy all the time.
            pause = max(_SAMPLE_SECONDS, 4 * (time.monotonic() - began))

    def _look(self, tenant: str) -> None:
        for item in listed(self._client, tenant):
            key, now = (tenant, item["document"]), (int(item["revision"] or 0), str(item["status"]))
            if self._seen.get(key) != now:
                self._seen[key] = now
                self.samples.append(Sample(datetime.now(UTC), tenant, item["document"], now[1], now[0]))


def collect(
    rig: Rig,
    *,
    blocked: Mapping[str, frozenset[str]],
    foreign: Mapping[str, Mapping[str, Json]],
    samples: Sequence[Sample],
    injections: Sequence[Injection],
    voided: Mapping[str, Mapping[str, datetime]] | None = None,
    asked: Sequence[Asked] = (),
) -> History:
    """The history of a run that is over: everything is healed and nothing is on its way."""
    suite = rig.suite
    tenants = [
        replace(
            _tenant(suite, tenant, blocked[tenant.tenant], foreign[tenant.tenant]),
            voided=(voided or {}).get(tenant.tenant, {}),
        )
        for tenant in suite.books.tenants
    ]
    return History(
        tenants=tenants,
        events=[told for topic in names.EVENT_TOPICS for told in _told(suite, topic)],
        autotask_calls=suite.autotask.calls(),
        xero_calls=suite.xero.calls(),
        samples=list(samples),
        shown={tenant.tenant: shown(suite, tenant.tenant) for tenant in suite.books.tenants},
        logs={file.stem: file.read_text("utf-8", "replace") for file in suite.stack.logs.glob("*.log")},
        buried=[
            line
            for topic in load_topics()
            if topic.name.endswith(".dlq")
            for line in _buried(suite, topic.name)
        ],
        injections=list(injections),
        deaths=list(rig.keeper.deaths),
        secrets=secrets_of(suite.books) | {suite.stack.status_api_token},
        key_lifetime=KEY_LIFETIME_SECONDS,
        asked=asked,
    )


def shown(suite: Suite, tenant: str) -> dict[str, str]:
    """What status-api shows now: status by document."""
    return {item["document"]: item["status"] for item in listed(suite.status, tenant)}


def listed(client: StatusClient, tenant: str) -> Iterator[Json]:
    """Every document of a tenant as status-api lists it, page by page."""
    for kind in ("invoices", "purchase-orders"):
        query: dict[str, Any] = {"limit": 200}
        while True:
            page = client.get(f"tenants/{tenant}/{kind}", **query)
            yield from page["items"]
            if not page.get("next_cursor"):
                break
            query["cursor"] = page["next_cursor"]


def foreign_documents(suite: Suite, tenant: str) -> dict[str, Json]:
    """Sales documents in Xero by id; before a run all of them are people's."""
    books = suite.xero.books(tenant)
    return {str(each["InvoiceID"]): each for each in books["invoices"]} | {
        str(each["CreditNoteID"]): each for each in books["credit_notes"]
    }


def secrets_of(books: Books) -> frozenset[str]:
    """Credentials of the tenants file."""
    entries: list[Any] = books.tenants_file()["tenants"]
    found = {entry["autotask"][name] for entry in entries for name in ("secret", "integration_code")}
    return frozenset(found | {entry["xero"]["client_secret"] for entry in entries})


def _tenant(
    suite: Suite, tenant: TenantBooks, blocked: frozenset[str], foreign: Mapping[str, Json]
) -> TenantHistory:
    fates = Books((tenant,)).fates_document()[tenant.tenant]
    autotask = suite.autotask.books(tenant.tenant)
    entities = autotask["entities"]
    there = {f"invoice/{invoice['id']}" for invoice in entities["Invoices"]}
    there |= {f"purchase-order/{order['id']}" for order in entities.get("PurchaseOrders", ())}
    return TenantHistory(
        tenant=tenant.tenant,
        numbering=str(tenant.entry["settings"]["invoice_numbers"]),
        fates={name: fate for name, fate in fates.items() if name in there},
        blocked=blocked,
        autotask=autotask,
        xero=suite.xero.books(tenant.tenant),
        foreign=foreign,
    )


def _told(suite: Suite, topic: str) -> list[Told]:
    return [
        Told(
            topic,
            message.partition(),
            message.offset(),
            suite.topics.codec.decode(topic, message.value()),
            datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC),
        )
        for message in suite.topics.raw(topic)
        if message.value() is not None
    ]


def _buried(suite: Suite, topic: str) -> list[str]:
    return [
        f"{topic}@{message.offset()}: key {message.key()!r}, {dict(message.headers() or ())!r}"[:500]
        for message in suite.topics.raw(topic)
    ]
