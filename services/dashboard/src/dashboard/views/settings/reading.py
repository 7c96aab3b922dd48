"""What the page reads from status-api, and what the form keeps of it between two callbacks."""

from __future__ import annotations

from typing import Any

from dashboard.api.connection import Json, ProblemError
from dashboard.core.settings_form_reference import Reference
from dashboard.views.visit import Visit
from invoice_events.settings import effective_settings

_NOT_FOUND = 404
_LISTS = ("accounts", "tax_rates", "tracking_categories", "branding_themes")


def read_settings(visit: Visit) -> Json:
    """The settings of the page's tenant, as status-api has them now."""
    return visit.api.get(visit.of_tenant("settings"))


def base_of(answer: Json, *, editable: bool) -> Json:
    """What a form begins with, from the settings' resource."""
    kept = {name: answer[name] for name in ("version", "updated_at", "updated_by")}
    return {**kept, "given": answer["settings"], "editable": editable}


def effective_of(base: Json) -> dict[str, Any]:
    """The settings a form began with, defaults filled in."""
    return dict(effective_settings(base["given"]))


def read_reference(visit: Visit) -> Json | None:
    """What can be chosen in Xero; None while nothing has arrived from there."""
    try:
        answer = visit.api.get(visit.of_tenant("reference"))
    except ProblemError as problem:
        if problem.status == _NOT_FOUND and problem.kind == "no-data-yet":
            return None
        raise
    return {name: answer[name] for name in _LISTS}


def reference_of(kept: Json | None) -> Reference:
    """The lists, from what the page keeps of them."""
    return Reference(kept)
