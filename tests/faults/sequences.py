"""What may not follow on what: pure functions from a history to sentences, each named for what it forbids."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from invoice_events import names
from tests.faults.history import ENDED, History, Sample, creates
from tests.faults.kinds import DISASTERS, LEDGER_DISASTERS, Fault

LONG_ENOUGH = timedelta(seconds=30)
"""How long one tenant's trouble has to last after a neighbour's document was found, before the neighbour must be done."""
LOOK_BACK = timedelta(seconds=5)
"""How much later than it was read a status may be noted."""
_SERVER_ERROR = 500

Key = tuple[str, str]


def stamp_before_success(history: History) -> Iterator[str]:
    """Autotask is told only after the success is."""
    first = first_told(history, names.SYNCED)
    for tenant in history.tenants:
        for name, at in tenant.stamps().items():
            success = first.get((tenant.tenant, name))
            if success is None or success > at:
                yield f"{tenant.tenant} {name} was stamped at {at}, its success is of {success}"


def strike_for_outage(history: History) -> Iterator[str]:
    """A strike needs a fault of the document's own, or a call that carried it alone and that Xero failed to serve."""
    failed_alone = {
        (create.tenant, name)
        for create in creates(history.xero_calls)
        if len(create.documents) == 1 and create.status is not None and create.status >= _SERVER_ERROR
        for name in create.documents
    }
    blocked = _blocked(history)
    for told in history.of_stage(names.FAULTED):
        event = told.event
        if event["strike"] and told.key not in blocked | failed_alone:
            yield f"{' '.join(told.key)} got a strike from {event['service']}: {event['code']}, {event['text']}"


def cross_tenant_delay(history: History) -> Iterator[str]:
    """While one tenant is in trouble, what is found for its neighbours gets through."""
    first = first_told(history, names.SYNCED)
    blocked = _blocked(history)
    for trouble in history.injections:
        if trouble.tenant is None or trouble.fault is not Fault.DAY_LIMIT:
            continue
        for key, found in first_told(history, names.DISCOVERED).items():
            in_it = trouble.begin <= found and found + LONG_ENOUGH <= trouble.end
            if key[0] == trouble.tenant or key in blocked or not in_it:
                continue
            success = first.get(key)
            if success is None or success > trouble.end:
                yield f"{' '.join(key)}, found at {found}, waited for {trouble.tenant}'s trouble until {success}"


def non_monotonic_status(history: History) -> Iterator[str]:
    """Nothing that was shown is taken back: no older revision, and an end stays unless there is a reason to begin anew.

    Reasons are a command about the document, its void, and the loss of a memory. While an emptied read model is filled again
    it shows what was; afterwards it has to be as before.
    """
    reasons = _Reasons(history)
    before: dict[Key, tuple[int, str]] = {}
    for sample in history.samples:
        if reasons.is_being_filled(sample.at):
            continue
        key = (sample.tenant, sample.document)
        revision, status = before.get(key, (0, ""))
        if sample.revision < revision:
            yield f"{' '.join(key)} went from revision {revision} back to {sample.revision} at {sample.at}"
        elif status in {"Complete", "Fault"} and not reasons.for_change(sample, revision, status):
            yield f"{' '.join(key)} was {status} and became {sample.status} at {sample.at}"
        before[key] = (sample.revision, sample.status)


def endless_command(history: History) -> Iterator[str]:
    """Each command that was taken in comes to an end that can be read; those that a lost ledger held may not."""
    losses = [loss.end for loss in history.disasters(LEDGER_DISASTERS)]
    for asked in history.asked:
        lost = any(asked.at <= end for end in losses)
        if asked.command_id is not None and asked.state not in ENDED and not lost:
            what = f"{asked.kind} {asked.document or ''}".strip()
            yield f"{asked.tenant}: {what} of {asked.at} ({asked.command_id}) is still {asked.state}"


class _Reasons:
    """Why a status may change that was an end."""

    def __init__(self, history: History) -> None:
        self._filled = [
            (each.begin, each.end + LOOK_BACK) for each in history.disasters({Fault.READ_DROPPED})
        ]
        self._lost = [each.begin for each in history.disasters(DISASTERS)]
        self._asked: dict[Key, datetime] = {}
        for asked in history.asked:
            if asked.document is not None:
                key = (asked.tenant, asked.document)
                self._asked[key] = min(asked.at, self._asked.get(key, asked.at))
        self._voided = {
            (tenant.tenant, name): at for tenant in history.tenants for name, at in tenant.voided.items()
        }

    def is_being_filled(self, at: datetime) -> bool:
        """Whether the read model was being filled again."""
        return any(begin <= at <= end for begin, end in self._filled)

    def for_change(self, sample: Sample, revision: int, status: str) -> bool:
        """Whether this may be shown of a document that was at an end in that revision."""
        key = (sample.tenant, sample.document)
        if (sample.revision, sample.status) == (revision, status) or self._asked.get(
            key, sample.at
        ) < sample.at:
            return True
        if sample.revision == revision:
            return False
        if status == "Fault" or sample.status == "Complete":
            return True  # it is tried again; or that was so short that it was not seen
        begun_anew = [*self._lost, *([self._voided[key]] if key in self._voided else [])]
        return any(at < sample.at for at in begun_anew)


def first_told(history: History, stage: str) -> dict[Key, datetime]:
    """When a stage was first told of each document."""
    found: dict[Key, datetime] = {}
    for told in history.of_stage(stage):
        found[told.key] = min(found.get(told.key, told.at), told.at)
    return found


def _blocked(history: History) -> set[Key]:
    return {(tenant.tenant, name) for tenant in history.tenants for name in tenant.blocked}
