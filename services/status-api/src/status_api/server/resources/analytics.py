"""Figures over time: what got into Xero by day or month, what failed and why, how long it took."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from invoice_events.names import KINDS, Kind
from invoice_events.settings import effective_settings, zone
from status_api.core.durations import percentile
from status_api.core.periods import MOST, PERS, USUAL, BadSpanError, Span, span, with_one_before
from status_api.core.views import told
from status_api.queries import figures
from status_api.server.operations import TENANT, Answer, Operation, Parameter, Request, ref
from status_api.server.problems import bad_parameter
from status_api.server.resources.common import as_of, date_of, tenant_of
from status_api.server.resources.overview import entry_of

_DATE = {"type": "string", "format": "date"}
_DURATIONS = f"at most {MOST['day']} days or {MOST['month']} months"


def analytics(request: Request) -> Answer:
    """Synced, failed and durations of one kind of documents by period."""
    tenant = tenant_of(request)
    kind: Kind = request.query["kind"]
    where = zone(effective_settings(tenant.settings))
    asked = _asked(request, where)
    longer = with_one_before(asked, where)
    with request.api.engine.connect() as connection:
        synced = figures.synced_by_period(connection, tenant.tenant_id, kind, longer.bounds)
        failed = figures.failed_by_period(connection, tenant.tenant_id, kind, asked.bounds)
        age = as_of(connection)
    nothing = (0, [0] * len(figures.CLASSES))
    by_place = [synced.get(place, nothing) for place in range(len(longer.names))]
    names = asked.names
    view = {
        "kind": kind,
        "per": asked.per,
        "time_zone": where.key,
        "from": asked.days[0],
        "before": asked.days[-1],
        "synced": sum(documents for documents, _ in by_place[1:]),
        "time_to_xero": _durations([classes for _, classes in by_place[1:]]),
        "periods": [
            {
                "name": name,
                "synced": documents,
                "change": documents - by_place[place][0],
                "failed_tries": sum(tries.get(place, 0) for tries in failed.values()),
                "time_to_xero": _durations([classes]),
            }
            for place, (name, (documents, classes)) in enumerate(zip(names, by_place[1:], strict=True))
        ],
        "faults": [
            {
                "cause": entry_of(code),
                "tries": sum(tries.values()),
                "by_period": [tries.get(place, 0) for place in range(len(names))],
            }
            for code, tries in sorted(failed.items(), key=_most_tries_first)
        ],
        "as_of": age,
    }
    return Answer(told(view))


def _most_tries_first(fault: tuple[str, dict[int, int]]) -> tuple[int, str]:
    code, tries = fault
    return -sum(tries.values()), code


def _asked(request: Request, where: ZoneInfo) -> Span:
    """The span that a request asks for.

    Raises:
        Problem: it can not be told.
    """
    try:
        return span(
            request.query["per"], date_of(request, "from"), date_of(request, "to"), request.api.now(), where
        )
    except BadSpanError as error:
        raise bad_parameter("from" if "from" in request.query else "to", str(error)) from error


def _durations(parts: Sequence[Sequence[int]]) -> dict[str, Any]:
    classes = [sum(column) for column in zip(*parts, strict=True)]
    return {"documents": sum(classes)} | {
        f"p{percent}": _seconds(classes, percent) for percent in (50, 90, 99)
    }


def _seconds(classes: Sequence[int], percent: int) -> float | None:
    found = percentile(classes, percent)
    return None if found is None else round(found, 1)


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/tenants/{tenant_id}/analytics",
        "getAnalytics",
        "What got into Xero for the first time by day or month of the tenant, what failed by cause, how long it took",
        {200: ref("Analytics")},
        analytics,
        (404,),
        (
            TENANT,
            Parameter("kind", "query", {"enum": list(KINDS), "default": KINDS[0]}, "Which documents"),
            Parameter("per", "query", {"enum": list(PERS), "default": "month"}, "Length of the periods"),
            Parameter(
                "from",
                "query",
                _DATE,
                f"A day of the first period; left out: {USUAL['day']} days or {USUAL['month']} months are told; {_DURATIONS}",
            ),
            Parameter("to", "query", _DATE, "A day of the last period; left out: today"),
        ),
    ),
)
