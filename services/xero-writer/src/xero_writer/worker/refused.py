"""Credentials that Xero refused, remembered beyond the life of a worker: no hand-over and no restart signs in with them again."""

from __future__ import annotations

from service_runtime.refused_credentials import forget_refused, refused_before, remember_refused
from service_runtime.tenants import XeroCredentials
from xero_writer.worker.session import Session, log


def recall(session: Session) -> None:
    """At a worker's start: credentials that were refused before stay refused; others get their try.

    Raises:
        LeaseLostError: somebody else works for this tenant.
    """
    credentials = session.credentials
    if credentials is None:
        return
    with session.engine.connect() as connection:
        before = refused_before(connection, session.tenant_id)
    if before is None:
        return
    if before.are(_parts(credentials)):
        session.circuit.refused(before.words)
        return
    log.info("the credentials refused before have been changed", extra=session.context())
    forget(session)


def note_refused(session: Session, words: str) -> None:
    """Xero refuses the credentials: nobody tries them again until they change or a person asks for it.

    Raises:
        LeaseLostError: somebody else works for this tenant.
    """
    if session.circuit.refused(words) and session.credentials is not None:
        with session.transaction() as tx:
            remember_refused(tx.connection, session.tenant_id, _parts(session.credentials), words)


def forget(session: Session) -> None:
    """The credentials work, or are others.

    Raises:
        LeaseLostError: somebody else works for this tenant.
    """
    with session.transaction() as tx:
        forget_refused(tx.connection, session.tenant_id)


def _parts(credentials: XeroCredentials) -> tuple[str, ...]:
    """Everything that decides whether Xero lets us in."""
    return (
        credentials.client_id,
        credentials.client_secret,
        credentials.grant,
        credentials.organisation_id or "",
    )
