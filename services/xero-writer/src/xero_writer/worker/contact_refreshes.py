"""Bringing contacts in Xero up to date with Autotask: queued by new invoices, written when nothing else is to be done."""

from __future__ import annotations

from sqlalchemy import Connection

from xero_writer.adapters import contact_cache, contact_refreshes, journal
from xero_writer.adapters.answers import PostponedError
from xero_writer.adapters.contact_refreshes import Refresh
from xero_writer.adapters.items import Item
from xero_writer.core.answers import Refused, Verdict, Written
from xero_writer.core.batches import MAX_DOCUMENTS
from xero_writer.core.contact_answers import AskedContact
from xero_writer.core.contact_body import changes
from xero_writer.core.values import Json, sound_text, text
from xero_writer.worker.contact_calls import write_contacts
from xero_writer.worker.contacts import CYCLE, refresh_contacts, take_in
from xero_writer.worker.session import Session, log

_GATHERING_SECONDS = 30.0  # a backlog's contacts gather into full batches instead of going in ones and twos
_LOOKED_AT = 4 * MAX_DOCUMENTS  # most contacts need no change: so many are looked at for one batch
_MOST_ATTEMPTS = 3


def enqueue_refresh(session: Session, connection: Connection, item: Item, document: Json) -> None:
    """A new document is in Xero: its contact is brought up to date later, if the settings that it was mapped with say so.

    Whatever goes wrong here undoes this alone: what the transaction records of documents must not be lost over it. The
    contact is then left as it is until its next document.
    """
    mapped = session.mapped_of(item)
    criteria = mapped["contact"]
    contact_id = text((document.get("Contact") or {}).get("ContactID"))
    if not criteria["refresh"] or criteria["details"] is None or not contact_id:
        return
    refresh = Refresh(
        contact_id, criteria["name"], mapped["document"], mapped["revision"], criteria["details"], attempts=0
    )
    try:
        with connection.begin_nested():
            contact_refreshes.enqueue(connection, mapped["tenant_id"], refresh)
    except Exception as error:
        if connection.invalidated:
            raise  # the connection is gone, and with it the whole transaction
        log.error(  # by its type alone: words and trace would hold the customer's name
            "the contact can not be queued for its update: %s",
            type(error).__name__,
            extra=session.context(item),
        )


def seconds_to_refresh(session: Session) -> float | None:
    """Seconds until contacts should be brought up to date; None if none waits.

    What waits is forgotten if the option has been switched off since: "off" means that no contact is written.
    """
    with session.engine.connect() as connection:
        waiting, oldest = contact_refreshes.queue(connection, session.tenant_id)
    if not waiting:
        return None
    settings = session.chosen()
    if settings is not None and not settings["update_xero_contacts"]:
        with session.transaction() as tx:
            contact_refreshes.clear(tx.connection, session.tenant_id)
        log.info("%d contact refreshes forgotten: the option is off", waiting, extra=session.context())
        return None
    return 0.0 if waiting >= MAX_DOCUMENTS else max(0.0, _GATHERING_SECONDS - oldest)


def send_refreshes(session: Session) -> None:
    """Write one batch of contacts that differ from Autotask; those that do not are done without a write.

    Raises:
        XeroError: Xero can not be used now, or did not say what became of a contact.
        LeaseLostError: somebody else works for this tenant.
    """
    refresh_contacts(session, CYCLE)
    with session.engine.connect() as connection:
        waiting = contact_refreshes.oldest(connection, session.tenant_id, _LOOKED_AT)
        known = contact_cache.details(connection, session.tenant_id, [one.contact_id for one in waiting])
    asked, needless = _sorted_out(session, waiting, known)
    with session.transaction() as tx:
        contact_refreshes.done(tx.connection, session.tenant_id, needless)
    doubtful = 0
    refresh_of = {one.key: refresh for one, refresh in asked}
    for told in write_contacts(session, "POST", [one for one, _ in asked]):
        shown = [verdict.document for _, verdict in told if isinstance(verdict, Written)]
        take_in(session, shown, whole=False)
        with session.transaction() as tx:
            concluded = [
                _conclude(session, tx.connection, one, refresh_of[one.key], verdict) for one, verdict in told
            ]
        doubtful += concluded.count(False)
    if doubtful:
        raise PostponedError(f"Xero did not say what became of {doubtful} contacts")
    session.wake()


def _sorted_out(
    session: Session, waiting: list[Refresh], known: dict[str, Json]
) -> tuple[list[tuple[AskedContact, Refresh]], list[Refresh]]:
    """One batch of contacts to write, and those for which there is nothing to do: equal, archived or merged by now."""
    asked: list[tuple[AskedContact, Refresh]] = []
    needless: list[Refresh] = []
    for one in waiting:
        if len(asked) == MAX_DOCUMENTS:
            break
        contact = session.contacts.by_id(one.contact_id)
        changed = changes(one.details, known.get(one.contact_id, {}))
        if changed and (contact is None or contact.is_active):
            asked.append((AskedContact({"ContactID": one.contact_id} | changed), one))
        else:
            needless.append(one)
    return asked, needless


def _conclude(
    session: Session, connection: Connection, asked: AskedContact, refresh: Refresh, verdict: Verdict
) -> bool:
    """Say what became of one contact. False: Xero did not tell, and it is to be sent again."""
    contact = session.contacts.by_id(refresh.contact_id)
    company = refresh.contact_name
    name = contact.name if contact is not None else company
    called = name if name == company else f"{name} ({company} in Autotask)"
    fields = {
        "contact": name,
        "company": company,
        "xero_id": refresh.contact_id,
        "because_of": refresh.document,
    }
    if isinstance(verdict, Written):
        names = ", ".join(name for name in asked.body if name != "ContactID")
        session.log_line(connection, "info", f"contact updated in Xero: {names}", fields=fields)
    elif isinstance(verdict, Refused):
        words = journal.storable(sound_text("; ".join(verdict.texts)))
        message = f"Xero refused the update of contact {called}: {words}"
        session.log_line(connection, "warning", message, fields=fields)
    elif refresh.attempts + 1 < _MOST_ATTEMPTS:
        contact_refreshes.tried(connection, session.tenant_id, refresh)
        return False
    else:
        message = f"the update of contact {called} was given up: Xero failed on it while it answered others"
        session.log_line(connection, "warning", message, fields=fields)
    contact_refreshes.done(connection, session.tenant_id, [refresh])
    return True
