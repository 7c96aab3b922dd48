"""JSON Schemas of people, tokens, sessions and the audit."""

from __future__ import annotations

from status_api.core.access import ROLES
from status_api.core.passwords import LONGEST, SHORTEST
from status_api.core.tokens import LONGEST_LIFE
from status_api.server.operations import JsonSchema, ref
from status_api.server.shapes import (
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    TIME_OR_NULL,
    YES_NO,
    or_null,
    record,
)

_ROLE: JsonSchema = {"enum": list(ROLES)}
ID: JsonSchema = {"type": "string", "maxLength": 100, "pattern": "^[A-Za-z0-9_-]+$"}
"""Of a person, token or tenant: no character that a database could not take."""
_TENANT_OR_EVERY: JsonSchema = ID | {
    "type": ["string", "null"],
    "description": "null: every tenant, those that come later included",
}
_EMAIL: JsonSchema = {"type": "string", "minLength": 3, "maxLength": 254}
_NAME: JsonSchema = {"type": "string", "minLength": 1, "maxLength": 200}
_PASSWORD: JsonSchema = {"type": "string", "format": "password", "writeOnly": True}
_NEW_PASSWORD = _PASSWORD | {
    "description": f"{SHORTEST} to {LONGEST} characters, any of them; every one counts, blanks too"
}
_SECRET: JsonSchema = {"type": "string", "maxLength": 200}
_GRANT = record(tenant_id=_TENANT_OR_EVERY, role=_ROLE)
_WISH = record(tenant_id=_TENANT_OR_EVERY, on=YES_NO, detailed=YES_NO)
_GRANTS: JsonSchema = {"type": "array", "maxItems": 1000, "items": _GRANT}
_TENANTS: JsonSchema = {
    "type": ["array", "null"],
    "items": ID,
    "minItems": 1,
    "maxItems": 1000,
    "description": "null: wherever its person has a role",
}
_MOST_ROLE: JsonSchema = {
    "enum": [*ROLES, None],
    "description": "never more than this role; null: whatever its person may do",
}

SHOWN_ONCE: JsonSchema = {"type": "string", "description": "shown once: only its digest is kept"}


def _takes(required: tuple[str, ...], **properties: JsonSchema) -> JsonSchema:
    return {
        "type": "object",
        "required": list(required),
        "additionalProperties": False,
        "properties": properties,
    }


def lines_of(name: str) -> JsonSchema:
    """A page of a list that is not folded from Kafka: it is never older than the request."""
    return {
        "type": "object",
        "required": ["items", "next_cursor"],
        "additionalProperties": False,
        "properties": {
            "items": {"type": "array", "items": ref(name)},
            "next_cursor": TEXT_OR_NULL | {"description": "null on the last page"},
        },
    }


SIGN_IN_BODY = _takes(("email", "password"), email={"type": "string", "maxLength": 1000}, password=_PASSWORD)
ACCEPT_BODY = _takes(("invitation", "password"), invitation=_SECRET, password=_NEW_PASSWORD)
INVITE_BODY = _takes(
    ("email", "name", "grants"),
    email=_EMAIL,
    name=_NAME,
    grants=_GRANTS | {"minItems": 1},
    machine=YES_NO
    | {
        "description": "true: no invitation is made; it never signs in and gets its token by POST /api/v1/tokens"
    },
)
PERSON_BODY = _takes((), name=_NAME, state={"enum": ["active", "disabled"]})
GRANTS_BODY = _takes(("grants",), grants=_GRANTS)
ME_BODY = _takes(("name",), name=_NAME)
PASSWORD_BODY = _takes(("current", "new"), current=_PASSWORD, new=_NEW_PASSWORD)
_TOKEN_PARTS: dict[str, JsonSchema] = {
    "name": _NAME | {"description": "what it is for"},
    "expires_at": TIME | {"description": f"with its offset, at most {LONGEST_LIFE.days} days away"},
    "most_role": _MOST_ROLE,
    "tenants": _TENANTS,
}
TOKEN_BODY = _takes(("name", "expires_at"), **_TOKEN_PARTS)
MACHINE_TOKEN_BODY = _takes(("person_id", "name", "expires_at"), person_id=ID, **_TOKEN_PARTS)
WISHES_BODY = _takes(("items",), items={"type": "array", "maxItems": 1000, "items": _WISH})

_PERSON: dict[str, JsonSchema] = {
    "person_id": TEXT,
    "email": TEXT,
    "name": TEXT,
    "state": {"enum": ["active", "disabled"]},
    "can_sign_in": YES_NO | {"description": "false: invited and not come yet, or a machine"},
    "grants": {
        "type": "array",
        "items": ref("Grant"),
        "description": "those that the asker administers; one's own are all there",
    },
}
_INVITATION = record(token=SHOWN_ONCE, expires_at=TIME)
_TOKEN: dict[str, JsonSchema] = {
    "token_id": TEXT,
    "person_id": TEXT,
    "email": TEXT,
    "name": TEXT,
    "kind": {"enum": ["session", "token"]},
    "most_role": _MOST_ROLE,
    "tenants": {"type": ["array", "null"], "items": TEXT},
    "created_at": TIME,
    "expires_at": TIME,
    "last_used_at": TIME_OR_NULL | {"description": "not more exact than ten minutes"},
    "revoked_at": TIME_OR_NULL,
}

PEOPLE_SCHEMAS: dict[str, JsonSchema] = {
    "Grant": _GRANT,
    "Person": record(**_PERSON),
    "InvitedPerson": record(
        **_PERSON,
        invitation=or_null(_INVITATION)
        | {"description": "null for somebody who was known already, and for machines"},
    ),
    "Invitation": _INVITATION,
    "Grants": record(items={"type": "array", "items": ref("Grant")}),
    "Session": record(token=SHOWN_ONCE, expires_at=TIME, person=ref("Person")),
    "Me": record(
        name=TEXT | {"description": "as it stands in histories and in the audit"},
        person=or_null(ref("Person")) | {"description": "null for the token of the environment"},
        token_id=TEXT_OR_NULL,
        in_session=YES_NO,
        grants={
            "type": "array",
            "items": ref("Grant"),
            "description": "what this token may do: at most what the person may",
        },
    ),
    "Token": record(**_TOKEN),
    "NewToken": record(token=SHOWN_ONCE, **_TOKEN),
    "AlertWish": _WISH,
    "AlertWishes": record(items={"type": "array", "items": ref("AlertWish")}),
    "AuditLine": record(
        id=NUMBER,
        at=TIME,
        actor=TEXT,
        action=TEXT,
        tenant_id=TEXT_OR_NULL,
        subject=TEXT_OR_NULL,
        request_id=TEXT_OR_NULL,
        token_id=TEXT_OR_NULL,
    ),
}
