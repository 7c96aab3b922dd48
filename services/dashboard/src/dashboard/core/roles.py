"""What a person may do where, from status-api's `me`. status-api decides; a page only leaves out what it would refuse."""

from __future__ import annotations

from typing import Any

ROLES = ("viewer", "operator", "admin")
"""From least to most."""


def role_at(me: dict[str, Any], tenant: str) -> str | None:
    """The greatest role at a tenant; None without any."""
    roles = {grant["role"] for grant in me["grants"] if grant["tenant_id"] in (None, tenant)}
    return max(roles, key=ROLES.index, default=None)


def may(me: dict[str, Any], role: str, tenant: str) -> bool:
    """Whether somebody has a role, or a greater one, at a tenant."""
    found = role_at(me, tenant)
    return found is not None and ROLES.index(found) >= ROLES.index(role)


def is_admin_somewhere(me: dict[str, Any]) -> bool:
    """Whether somebody administers any tenant."""
    return any(grant["role"] == "admin" for grant in me["grants"])


def is_admin_everywhere(me: dict[str, Any]) -> bool:
    """Whether somebody administers every tenant, those that come later included."""
    return any(grant["role"] == "admin" and grant["tenant_id"] is None for grant in me["grants"])
