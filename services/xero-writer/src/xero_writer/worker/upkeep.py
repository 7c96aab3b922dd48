"""What a tenant's worker keeps up to date besides documents: organisation, reference data, the list of what is in Xero."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from invoice_events import names
from invoice_events.identity import new_traceparent, utc_now
from invoice_events.names import Document
from service_runtime.tenants import XeroCredentials
from xero_writer.adapters import journal, tenant_row, work
from xero_writer.adapters.answers import DownError, NotOursError
from xero_writer.core.endpoints import ENDPOINTS
from xero_writer.core.judgement import is_gone
from xero_writer.core.kinds import ORDER_KINDS, SALES_KINDS, Kind
from xero_writer.core.marks import marked_document
from xero_writer.core.reference import COLLECTIONS, build_reference, digest
from xero_writer.core.values import Json, text
from xero_writer.worker.lookups import best_first
from xero_writer.worker.session import Session, log

_REMEMBERED_AT_ONCE = 200
_REFERENCE_AGE = timedelta(hours=1)
_REFERENCE_AGE_WHEN_WANTED = timedelta(minutes=1)


def bind_organisation(session: Session, credentials: XeroCredentials) -> None:
    """Find the organisation of the credentials and bind the tenant to it.

    Raises:
        NotOursError: no organisation, several, another than before, or one that another tenant has.
        XeroError: Xero can not be asked now.
    """
    organisation = credentials.organisation_id
    if organisation is None:
        connected = [
            text(one.get("tenantId"))
            for one in session.client.connections()
            if one.get("tenantType") == "ORGANISATION"
        ]
        if len(connected) != 1:
            raise NotOursError(
                f"the credentials are connected to {len(connected)} organisations, wanted one: set xero.organisation_id"
            )
        organisation = connected[0]
    with session.transaction() as tx:
        holder = tenant_row.claim_organisation(tx.connection, session.tenant_id, organisation)
        row = tenant_row.read_tenant(tx.connection, session.tenant_id)
    if holder is not None:
        raise NotOursError(f"the Xero organisation belongs to tenant {holder}: two tenants may not share one")
    if row is None or row.organisation_id != organisation:
        raise NotOursError(
            "the Xero organisation is another than the one this tenant's documents were written to"
        )
    session.short_code = row.short_code
    session.client.organisation_id = organisation


def refresh_reference(session: Session) -> None:
    """Read and publish reference data if they are older than an hour, or a minute when a refusal could be explained by them.

    Raises:
        XeroError: Xero can not be read now.
        LeaseLostError: somebody else works for this tenant.
    """
    with session.transaction() as tx:
        row = tenant_row.read_tenant(tx.connection, session.tenant_id)
        now = journal.database_now(tx.connection)
    age = _REFERENCE_AGE_WHEN_WANTED if session.reference_wanted else _REFERENCE_AGE
    if row is None:
        return
    if row.reference_at is not None and timedelta(0) <= now - row.reference_at < age:
        return  # a reading in the future is of a clock that was set back since
    answers = {collection: session.client.read(collection) for collection in COLLECTIONS}
    try:
        reference = build_reference(session.tenant_id, answers, utc_now())
    except ValueError as error:
        raise DownError(f"Xero's reference data can not be read: {error}") from error
    content = digest(reference)
    changed = content != row.reference_digest
    reference["version"] = (
        max(row.reference_version + 1, int(now.timestamp() * 1000)) if changed else row.reference_version
    )
    session.short_code = reference["organisation"]["short_code"]
    with session.transaction() as tx:
        tenant_row.note_reference(
            tx.connection, session.tenant_id, reference["version"], content, session.short_code
        )
        session.publish(tx.connection, names.REFERENCE, reference, new_traceparent())
        if changed:
            session.log_line(
                tx.connection,
                "info",
                "Xero reference data changed",
                fields={"accounts": str(len(reference["accounts"]))},
            )
    session.reference_wanted = False


def list_documents_once(session: Session) -> None:
    """Read the whole list of invoices and credit notes in Xero once, when this journal has never seen the tenant.

    After a lost journal this finds what earlier ones wrote, in every numbering mode, by the marks. What a person deleted
    counts too, unless there is a live copy: it is not to be made again.

    Raises:
        XeroError: Xero can not be read now.
        LeaseLostError: somebody else works for this tenant.
    """
    _list_once(session, SALES_KINDS, orders=False)


def orders_are_listed(session: Session) -> bool:
    """Whether it is known which purchase orders in Xero are ours. Asked each time: a person may have the list read again."""
    with session.engine.connect() as connection:
        row = tenant_row.read_tenant(connection, session.tenant_id)
    return row is not None and row.orders_listed_at is not None


def list_orders_once(session: Session) -> None:
    """The same for purchase orders, before the first of a tenant is written: most tenants never have any.

    Raises:
        XeroError: Xero can not be read now.
        LeaseLostError: somebody else works for this tenant.
    """
    _list_once(session, ORDER_KINDS, orders=True)


def _list_once(session: Session, kinds: tuple[Kind, ...], *, orders: bool) -> None:
    with session.transaction() as tx:
        row = tenant_row.read_tenant(tx.connection, session.tenant_id)
    if row is None or (row.orders_listed_at if orders else row.listed_at) is not None:
        return
    with session.engine.connect() as connection:
        known = work.known_in_xero(connection, session.tenant_id)
    listed = _Listed(frozenset(known.values()))
    for kind in kinds:
        _read_list(session, kind, listed)
    news = [document for document in sorted(listed.best, key=str) if listed.is_news(document, known)]
    for some in _batched(news):
        with session.transaction() as tx:
            for document in some:
                kind, element = listed.best[document]
                work.take_over(
                    tx.connection,
                    session.tenant_id,
                    str(document),
                    kind,
                    text(element.get(ENDPOINTS[kind].id_field)),
                    text(element.get(ENDPOINTS[kind].number_field)),
                    instead_of=known.get(str(document)),
                )
    with session.transaction() as tx:
        tenant_row.note_listed(tx.connection, session.tenant_id, orders=orders)
    log.info(
        "the list of %s in Xero was read, %d carry our mark, %d of them were news",
        " and ".join(ENDPOINTS[kind].path for kind in kinds),
        len(listed.best),
        len(news),
        extra=session.context(),
    )


@dataclass(slots=True)
class _Listed:
    """What the lists in Xero say of ours.

    Attributes:
        known_ids: what the journal knows in Xero, for whichever document.
        best: every document of which something carries the mark, with the likeliest copy of it.
        standing: ids that are live, of what carries a mark or is known.
    """

    known_ids: frozenset[str]
    best: dict[Document, tuple[Kind, Json]] = field(default_factory=dict)
    standing: set[str] = field(default_factory=set)

    def is_news(self, document: Document, known: dict[str, str]) -> bool:
        """Whether the journal is to take a document's copy over: it knows none, or one that is gone while this one stands.

        A live one that it knows, it knows better, even if a person removed the mark: what else carries the mark is a copy of
        it. An id that went stale is of a journal from a backup: since then the document was taken back or deleted, and made
        anew. What it knows as another document stays with that.
        """
        kind, element = self.best[document]
        if text(element.get(ENDPOINTS[kind].id_field)) in self.known_ids:
            return False
        ours = known.get(str(document))
        return ours is None or (ours not in self.standing and not is_gone(element))


def _read_list(session: Session, kind: Kind, listed: _Listed) -> None:
    endpoint = ENDPOINTS[kind]
    query = {"order": endpoint.id_field} | ({"where": 'Type=="ACCREC"'} if kind == "invoice" else {})
    copies: dict[Document, list[Json]] = {}
    kept = partial(_kept, kind, listed.known_ids)
    for found in session.client.pages_as(endpoint.path, query, kept):
        if found is None:
            continue
        document, element = found
        if not is_gone(element):
            listed.standing.add(text(element.get(endpoint.id_field)))
        if document is not None:
            copies.setdefault(document, []).append(element)
    for document, several in copies.items():
        if document not in listed.best or is_gone(listed.best[document][1]):
            listed.best[document] = (kind, best_first(several, None)[0])


def _kept(kind: Kind, known_ids: AbstractSet[str], element: Json) -> tuple[Document | None, Json] | None:
    """What the journal wants to know of a document with our mark, or of one that it knows: there may be tens of thousands, with lines."""
    endpoint, document = ENDPOINTS[kind], marked_document(kind, element)
    if document is None and text(element.get(endpoint.id_field)) not in known_ids:
        return None
    return document, {
        name: element.get(name) for name in (endpoint.id_field, endpoint.number_field, "Status")
    }


def _batched(documents: list[Document]) -> Iterator[list[Document]]:
    """A few hundred at a time: one transaction each."""
    for start in range(0, len(documents), _REMEMBERED_AT_ONCE):
        yield documents[start : start + _REMEMBERED_AT_ONCE]
