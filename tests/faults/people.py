"""What people do while faults happen: documents of their own in Xero, commands, voids."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Self

from requests import HTTPError, RequestException
from sqlalchemy.exc import SQLAlchemyError

from simulators.books.model import TenantBooks
from tests.end_to_end.suite import Suite
from tests.faults.books import TENANTS
from tests.faults.history import ENDED, GONE, Asked, mark_of
from tests.faults.kinds import LEDGER_DISASTERS, Fault
from tests.faults.waiting import awaited

_FOREIGN = 3  # documents of people, per tenant
_COMMAND_EVERY, _SKIP_EVERY, _VOID_EVERY = 2, 4, 3  # rounds, on average
_VOIDS_SECONDS = 30.0
_DONE = "SELECT document FROM ledger WHERE tenant_id = :tenant AND state = 'done' AND stamped_at IS NOT NULL"


def work_by_hand(suite: Suite, tenant: TenantBooks) -> frozenset[str]:
    """Documents that people made in Xero before us; one has the number that an invoice of ours will want, if we give numbers.

    Returns the documents that can not go over because of that.
    """
    pages = suite.xero.in_xero(tenant.tenant)
    contact = next(fate.document.contact for fate in tenant.fates.values() if fate.document is not None)
    line = {
        "Description": "by hand",
        "Quantity": 1,
        "UnitAmount": "10.00",
        "AccountCode": "200",
        "TaxType": "OUTPUT2",
    }
    common = {"Contact": {"Name": contact}, "LineItems": [line], "Date": "2026-01-15", "Status": "DRAFT"}
    for number in range(_FOREIGN):
        pages.make("invoices", Type="ACCREC", InvoiceNumber=f"HAND-{number}", DueDate="2026-02-15", **common)
    pages.make(
        "credit_notes", Type="ACCRECCREDIT", CreditNoteNumber="HAND-CN", Reference="as agreed", **common
    )
    wanted, fate = next(iter(tenant.fates.items()))
    if fate.document is None or fate.document.number is None:
        return frozenset()
    pages.make("invoices", Type="ACCREC", InvoiceNumber=fate.document.number, DueDate="2026-02-15", **common)
    return frozenset({f"invoice/{wanted}"})


class People:
    """Give commands and void invoices, in a thread of their own: what they wait for holds up no fault."""

    def __init__(self, suite: Suite, seed: int, blocked: Mapping[str, frozenset[str]]) -> None:
        self._suite = suite
        self._blocked = blocked
        self._rng = Random(f"people {seed}")
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="people")
        self._busy: list[Future[None]] = []
        self._asked: list[Asked] = []
        self._held: list[tuple[str, str]] = []
        self.voided: dict[str, dict[str, datetime]] = {tenant: {} for tenant in TENANTS}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def act(self) -> None:
        """Do what people do in one round, without waiting for it."""
        self._busy.append(self._pool.submit(self._act))

    def prepare(self, disaster: Fault) -> None:
        """Before a ledger is lost, its wishes to void are fulfilled: which documents it knew is lost with it."""
        self._rest()
        if disaster in LEDGER_DISASTERS:
            awaited(lambda: not self.still_there(), _VOIDS_SECONDS, 0.5)

    def still_there(self) -> list[str]:
        """Documents that were voided and are not gone in Xero yet."""
        found = []
        for tenant, names in self.voided.items():
            if names:
                books = self._suite.xero.books(tenant)
                documents = [*books["invoices"], *books["credit_notes"]]
                living = {mark_of(each) for each in documents if each["Status"] not in GONE}
                found += [f"{tenant} {name}" for name in names if name in living]
        return found

    def finish(self) -> None:
        """Lift every hold that may have been laid, until each lift was taken in."""
        self._rest()
        while self._held:
            awaited(self._lift_one, 120.0, 1.0)

    def asked(self) -> list[Asked]:
        """Every command, with what became of it by now."""
        return [self._with_state(each) for each in self._asked]

    def open_commands(self) -> list[Asked]:
        """Commands that have not come to their end yet."""
        return [each for each in self.asked() if each.command_id is not None and each.state not in ENDED]

    def _rest(self) -> None:
        for each in self._busy:
            each.result()
        self._busy.clear()

    def _act(self) -> None:
        rng = self._rng
        tenant = rng.choice(list(TENANTS))
        if rng.randrange(_SKIP_EVERY) == 0:
            self._hold_or_lift(tenant)
        if rng.randrange(_COMMAND_EVERY) == 0:
            kind = rng.choice(("resync", "resync", "sync-now"))
            name = self._any_done(tenant) if kind == "resync" else None
            if name is not None or kind == "sync-now":
                self._ask(tenant, kind, name)
        if rng.randrange(_VOID_EVERY) == 0:
            self._void(rng.choice([name for name, each in TENANTS.items() if each.voids]))

    def _hold_or_lift(self, tenant: str) -> None:
        if self._held:
            self._lift_one()
            return
        name = self._any_done(tenant)
        if name is not None:
            self._held.append((tenant, name))
            self._ask(tenant, "skip", name)

    def _lift_one(self) -> bool:
        """Lift the oldest hold. Returns whether the lift was taken in."""
        tenant, name = self._held[0]
        taken = self._ask(tenant, "unskip", name)
        if taken:
            self._held.pop(0)
        return taken

    def _ask(self, tenant: str, kind: str, name: str | None) -> bool:
        at, command = datetime.now(UTC), None
        try:
            command = str(self._suite.status.command(tenant, kind, name)["command_id"])
        except HTTPError as error:
            if error.response.status_code < 500:  # said no: that would be a fault of this suite
                raise
        except RequestException:  # it is away; nobody knows whether the command was taken in
            pass
        self._asked.append(Asked(tenant, kind, name, command, at))
        return command is not None

    def _void(self, tenant: str) -> None:
        name = self._any_done(tenant)
        if name is None or not name.startswith("invoice/"):
            return
        self.voided[tenant][name] = datetime.now(UTC)
        self._suite.autotask.in_autotask(tenant).void_invoice(int(name.partition("/")[2]))

    def _any_done(self, tenant: str) -> str | None:
        """A document that went over and that nobody has touched; None if there is none, or the database is away."""
        touched = {each.document for each in self._asked if each.tenant == tenant}
        touched |= {*self.voided[tenant], *self._blocked[tenant]}
        try:
            done = {str(row[0]) for row in self._suite.rows("poller", _DONE, tenant=tenant)}
        except SQLAlchemyError:
            return None
        left = sorted(done - touched)
        return self._rng.choice(left) if left else None

    def _with_state(self, asked: Asked) -> Asked:
        if asked.command_id is None:
            return asked
        found = self._suite.status.get(f"tenants/{asked.tenant}/commands/{asked.command_id}")
        return replace(asked, state=str(found["state"]))
