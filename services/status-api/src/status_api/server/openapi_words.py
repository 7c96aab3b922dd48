"""What the OpenAPI document says in words: tags, and what a summary has no room for."""

from __future__ import annotations

from status_api.server.operations import Operation

ABOUT = """Status, settings and commands of the Autotask to Xero invoice sync: everything that dashboards, operators and other programs need.

Send `Authorization: Bearer <token>` with every request. Errors are problem details (RFC 9457), and `type` tells them apart: the kinds are listed in
docs/problems.md. Lists have cursors. Money is text with every digit, times are UTC. `as_of` says how old an answer is. Members may be added to
answers and operations may be added within this version, nothing is taken away or changes its meaning; docs/api.md tells how things are retired."""

TAGS = {
    "tenants": "Tenants, their settings and whether they are synced",
    "overview": "Figures: at a glance, over time, by cause; connections and reference data",
    "documents": "Invoices and purchase orders: lists, everything known of one, its timeline and logs",
    "exports": "Lists as files, and support bundles",
    "commands": "What a person wants done, and what became of it",
    "stream": "What changes, as it changes",
    "sessions": "Signing in and out",
    "me": "Who asks: name, password, alert wishes, tokens of one's own",
    "people": "People, their roles, machines and their tokens",
    "audit": "Who did what",
    "service": "This service itself",
}

_BY_PART = {
    "overview": "overview",
    "connections": "overview",
    "reference": "overview",
    "faults": "overview",
    "analytics": "overview",
    "catalogue": "overview",
    "invoices": "documents",
    "purchase-orders": "documents",
    "logs": "documents",
    "commands": "commands",
    "stream": "stream",
    "sessions": "sessions",
    "invitations": "sessions",
    "me": "me",
    "people": "people",
    "tokens": "people",
    "audit": "audit",
}
_OTHERS = "service"

_MORE = {
    "getTenant": "Its ETag is the version that a change of settings or state has to name in If-Match.",
    "getSettings": "`settings` is what was given, `effective` the same with every default filled in. The ETag is the version that a change"
    " has to name in If-Match.",
    "putSettings": "What is left out takes its default. 422 lists every value that can not be. 409 `confirmation-needed` names changes whose"
    " effects in the books can not be taken back: send the same again with their names in `confirm`. A document goes to Xero with the"
    " settings that it was mapped with.",
    "putState": "Pausing lets a call that is under way finish and starts no other. Commands for a paused tenant wait.",
    "getAnalytics": "Days and months are those of the tenant's time zone. A document counts once, in the period in which it got into Xero"
    " for the first time.",
    "getReference": "404 `no-data-yet` until the tenant's connection to Xero has worked once.",
    "listInvoices": "The validator of a list leaves `as_of` out: If-None-Match gets 304 as long as the list itself is the same.",
    "listPurchaseOrders": "The validator of a list leaves `as_of` out: If-None-Match gets 304 as long as the list itself is the same.",
    "getInvoiceOriginal": "Texts are Autotask's, unescaped.",
    "getPurchaseOrderOriginal": "Texts are Autotask's, unescaped.",
    "giveCommand": "The same command again while it is open returns that one with 200. In a paused tenant a command waits and says so.",
    "giveBulkCommand": "Each document is told by itself: accepted, already open, unknown or refused. With Idempotency-Key a repeat does nothing"
    " and gets the first answer with 200.",
    "signIn": "The same answer for a wrong password, an unknown and a disabled person. Tries are counted by account and by address.",
    "createMyToken": "The token is shown once. It never may do more than the person, whatever happens to their roles later.",
    "createMachineToken": "The token is shown once.",
    "invitePerson": "The invitation is shown once and can be used once.",
    "putGrants": "Only roles at places that one administers are replaced; the last admin of every tenant can not be removed.",
    "getHealth": "Answers as long as the process turns, whatever it is connected to.",
}


def tag_of(operation: Operation) -> str:
    """The tag of an operation, by the first part of its path that says what it is about."""
    parts = [part for part in operation.path.split("/") if part not in {"", "api", "v1"}]
    if parts[0] == "tenants":
        parts = [part for part in parts[1:] if part != "{tenant_id}"]
        if not parts or parts[0] in {"settings", "state"}:
            return "tenants"
    if "." in parts[0] or parts[-1] == "bundle":
        return "exports"
    return _BY_PART.get(parts[0], _OTHERS)


def words_of(operation: Operation) -> str:
    """What the description of an operation says: particulars, then who may use it."""
    return " ".join(part for part in (_MORE.get(operation.operation_id), _access(operation)) if part)


def _access(operation: Operation) -> str:
    if operation.open:
        return "Takes no token."
    if operation.own:
        return "Any token will do; what it may not see is not there."
    role = operation.needs.word
    if operation.somewhere:
        return f"Takes the role {role} at one tenant at least; it shows and changes what belongs to those."
    if operation.is_of_a_tenant:
        return f"Takes the role {role} at the tenant. Without any role there the tenant does not exist: 404."
    return f"Takes the role {role} at every tenant."


def described_names() -> set[str]:
    """Operations that have particulars here."""
    return set(_MORE)
