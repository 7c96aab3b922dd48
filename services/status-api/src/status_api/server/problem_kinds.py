"""Every kind of problem there is: the one list that the OpenAPI document, `docs/problems.md` and the tests go by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from status_api.server.operations import Operation


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem.

    Attributes:
        status: HTTP status.
        slug: stable name; `type` is `urn:invoice-sync:problem:` and this.
        title: short, the same for every occurrence.
        meaning: when it happens.
        remedy: what to do.
        of: operations, or beginnings of their ids, that alone can have it; empty: every one with the status.
    """

    status: int
    slug: str
    title: str
    meaning: str
    remedy: str
    of: tuple[str, ...] = ()

    def is_of(self, operation: Operation) -> bool:
        """Whether an operation can answer with it."""
        return not self.of or operation.operation_id.startswith(self.of)


KINDS: tuple[Kind, ...] = (
    Kind(
        400,
        "bad-body",
        "The body is wrong",
        "The body is no JSON, does not fit its schema, holds a text that can not be stored (NUL, half a character), names a member twice,"
        " or is nested or listed beyond all measure.",
        "`problems` lists what is wrong, each with its place. Nothing was done.",
    ),
    Kind(
        400,
        "bad-parameter",
        "A parameter is wrong",
        "A path part, query parameter, header or cursor can not be read, is not known, or is there twice.",
        "`parameter` names it, `detail` says what is wanted. A cursor belongs to the list with exactly its filters and order.",
    ),
    Kind(
        400,
        "bad-request",
        "The request can not be read",
        "The request broke off, or is no HTTP.",
        "Send it again. Nothing was done.",
    ),
    Kind(
        401,
        "unauthorized",
        "A bearer token is needed",
        "There is no token, or one that is unknown, has ended, was revoked, or whose person is disabled.",
        "Sign in again, or ask for a new token.",
    ),
    Kind(
        401,
        "sign-in-refused",
        "Not signed in",
        "E-mail address or password is wrong, or the person is disabled. Which of them is not told.",
        "Try again, or ask somebody with the role admin for a new invitation.",
        ("signIn", "putPassword"),
    ),
    Kind(
        403,
        "forbidden",
        "Your role does not allow this",
        "Whoever asks is known, but the operation takes a higher role.",
        "`detail` names the role: ask an admin for it.",
    ),
    Kind(
        403,
        "session-needed",
        "This takes a session",
        "Only a person who signed in can do this, not a token that was made for a program.",
        "Sign in with `POST /api/v1/sessions` and use the token of the answer.",
        (
            "signOut",
            "patchMe",
            "putPassword",
            "getAlertWishes",
            "putAlertWishes",
            "listMyTokens",
            "createMyToken",
            "revokeMyToken",
        ),
    ),
    Kind(
        403,
        "roles-elsewhere",
        "This person has roles elsewhere",
        "Somebody has roles at tenants that whoever asks does not administer.",
        "Change only the grants at one's own tenants, or ask an admin of every tenant.",
        ("putPerson", "disablePerson", "renewInvitation", "putGrants", "invitePerson"),
    ),
    Kind(
        404,
        "not-found",
        "There is nothing here",
        "No operation has this path.",
        "Look the path up in `/openapi.json`. A path has no slash at its end and no empty parts.",
    ),
    Kind(
        404,
        "unknown-tenant",
        "No such tenant",
        "There is no such tenant, or whoever asks has no role there: the two are not told apart.",
        "`GET /api/v1/tenants` lists those that one may see. A new one is added to the tenants file.",
    ),
    Kind(
        404,
        "unknown-invoice",
        "This invoice is not known here",
        "No invoice with this Autotask id was ever found for the tenant.",
        "Check that it is the Autotask id, not the number. The command `explain` says why an invoice is not here.",
        ("getInvoice", "giveCommand", "giveBulkCommand"),
    ),
    Kind(
        404,
        "unknown-purchase-order",
        "This purchase order is not known here",
        "No purchase order with this Autotask id was ever found for the tenant.",
        "Check that it is the Autotask id, not the number. The command `explain` says why an order is not here.",
        ("getPurchaseOrder", "giveCommand", "giveBulkCommand"),
    ),
    Kind(
        404,
        "no-data-yet",
        "Not received yet",
        "The thing is known, but what is asked for was not received yet.",
        "Ask again later: it comes with the next try, or once the connection works.",
        ("getInvoiceOriginal", "getPurchaseOrderOriginal", "getReference"),
    ),
    Kind(
        404,
        "unknown-command",
        "No such command",
        "The tenant has no command with this id.",
        "List the tenant's commands.",
        ("getCommand",),
    ),
    Kind(
        404,
        "unknown-bulk-act",
        "No such bulk act",
        "The tenant has no bulk act with this id.",
        "The answer that it was given with has its id and its Location.",
        ("getBulkCommand",),
    ),
    Kind(
        404,
        "unknown-person",
        "No such person",
        "There is nobody with this id whom one administers.",
        "List people.",
        (
            "getPerson",
            "putPerson",
            "disablePerson",
            "getGrants",
            "putGrants",
            "renewInvitation",
            "createMachineToken",
        ),
    ),
    Kind(
        404,
        "unknown-token",
        "No such token",
        "There is no token or session with this id, or it is somebody else's.",
        "List tokens.",
        ("revokeMyToken", "revokeToken"),
    ),
    Kind(
        404,
        "unknown-invitation",
        "This invitation can not be used",
        "It was used, replaced by a newer one, or is too old.",
        "Ask an admin for a new one.",
        ("acceptInvitation",),
    ),
    Kind(
        405,
        "method-not-allowed",
        "This path does not know the method",
        "The path exists, but not with this method.",
        "The header Allow lists the methods; OPTIONS asks for them without doing anything.",
    ),
    Kind(
        409,
        "confirmation-needed",
        "This change has to be confirmed",
        "The change of settings has effects in the books that can not be taken back.",
        "Read `cautions`; if it is meant, send the same again with the settings' names in `confirm`.",
        ("putSettings",),
    ),
    Kind(
        409,
        "last-admin",
        "The last admin can not be removed",
        "Nobody would be left who can sign in and administer every tenant.",
        "Make somebody else an admin of every tenant first.",
        ("putPerson", "disablePerson", "putGrants", "invitePerson"),
    ),
    Kind(
        409,
        "not-a-machine",
        "This person makes their own tokens",
        "A token was asked for on behalf of somebody who signs in, or who is disabled.",
        "The person makes it at `POST /api/v1/me/tokens`.",
        ("createMachineToken", "createMyToken"),
    ),
    Kind(
        409,
        "on-hold",
        "The document is on hold",
        "A person has laid a hold over the document.",
        "`unskip` or `release` lifts it.",
        ("giveBulkCommand", "giveCommand"),
    ),
    Kind(
        412,
        "version-stale",
        "It was changed in between",
        "If-Match names a version that is not the current one: somebody else was faster.",
        "Read again, repeat the change on what is there now. `current_version` and the ETag name it.",
    ),
    Kind(
        413,
        "body-too-large",
        "The body is too large",
        "The body has more bytes than the operation takes.",
        "Send less, or in several requests. Nothing was done.",
    ),
    Kind(
        414,
        "address-too-long",
        "The address is too long",
        "Path and query together are longer than any that make sense.",
        "Shorten the filters.",
    ),
    Kind(
        415,
        "no-json",
        "The body has to be JSON",
        "Content-Type is not application/json, or the body is compressed.",
        "Send JSON in UTF-8 with `Content-Type: application/json`.",
    ),
    Kind(
        422,
        "invalid-settings",
        "These settings can not be used",
        "The settings' schema refuses a value, or two contradict each other.",
        "`problems` lists every one with its place. Nothing was changed.",
        ("putSettings",),
    ),
    Kind(
        422,
        "nothing-to-recreate",
        "There is nothing to make anew",
        "`recreate` was asked for a document that was never here.",
        "Check the id; `explain` says why a document is not here.",
        ("giveCommand",),
    ),
    Kind(
        422,
        "idempotency-key-reused",
        "This Idempotency-Key belongs to another request",
        "The key came with another body in the last 24 hours.",
        "Choose a new key for each new wish. Nothing was done.",
        ("giveBulkCommand",),
    ),
    Kind(
        422,
        "bad-password",
        "This can not be a password",
        "The new password is too short or too long.",
        "`detail` says what is wanted. Every character may be used.",
        ("putPassword", "acceptInvitation"),
    ),
    Kind(
        422,
        "wrong-password",
        "The current password is wrong",
        "A change of password came with a wrong current one.",
        "Try again; tries are counted.",
        ("putPassword",),
    ),
    Kind(
        422,
        "too-many-rows",
        "Too many rows for one export",
        "There are more rows than one file may have.",
        "Narrow them down, for example by `from` and `to`, and take several files.",
        ("export",),
    ),
    Kind(
        428,
        "version-needed",
        "The version that is changed has to be named",
        "A write came without If-Match.",
        "Send If-Match with the ETag that was read.",
    ),
    Kind(
        429,
        "too-many-requests",
        "Too many requests",
        "One person's tokens, or one address without a token, sent more requests in a minute than they may.",
        "Wait as Retry-After says. If-None-Match, longer pages and the stream save requests.",
    ),
    Kind(
        429,
        "too-many-sign-ins",
        "Too many tries to sign in",
        "Too many passwords were tried for the account or from the address.",
        "Wait as Retry-After says.",
        ("signIn", "putPassword"),
    ),
    Kind(
        500,
        "internal-error",
        "This should not have happened",
        "A defect on our side.",
        "Tell whoever runs the installation the `request_id`: the log has the reason under it.",
    ),
    Kind(
        503,
        "unavailable",
        "Temporarily not available",
        "The database, or the schema registry for a write, does not answer.",
        "Try again as Retry-After says.",
    ),
    Kind(
        503,
        "too-many-exports",
        "Too many exports at the same time",
        "As many exports and support bundles as one process makes at a time are being made.",
        "Try again as Retry-After says.",
        ("export", "getInvoiceBundle", "getPurchaseOrderBundle"),
    ),
    Kind(
        503,
        "too-many-streams",
        "Too many streams at the same time",
        "As many streams of changes are open as one process keeps open, or as one person may have.",
        "Read in intervals, and try again as Retry-After says.",
        ("streamChanges",),
    ),
    Kind(
        503,
        "busy",
        "Too many people sign in at this moment",
        "As many passwords as may be at once are being looked at; this one was not.",
        "Try again in a second.",
        ("signIn", "putPassword", "acceptInvitation"),
    ),
)


def kinds_of(status: int, operation: Operation) -> Iterator[Kind]:
    """Kinds with which an operation can answer with a status."""
    return (kind for kind in KINDS if kind.status == status and kind.is_of(operation))
