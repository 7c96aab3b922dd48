"""One page of a list, read from status-api, and what is told around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard.api.connection import ProblemError
from dashboard.components.icons import icon
from dashboard.components.states import empty_state
from dashboard.core.addresses import href, tab_href
from dashboard.core.listing import Wanted, range_words
from dashboard.core.listing_rows import Row, rows_of
from dashboard.core.times import parse_time, show_time
from dashboard.views.documents.kinds import DocumentKind
from dashboard.views.visit import Visit

_STALE_SECONDS = 60
_BAD_REQUEST = 400
_SHORTEST_ID = 4
"""Of fewer digits one has probably only begun to type."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page that was read.

    Attributes:
        wanted: which; not the one that was asked for if its cursor is none of this list any more.
        rows: for the grid.
        next_cursor: of the page after it; None on the last one.
        as_of: everything until then is in it.
        moved: whether the newest page is shown in place of one that is gone.
    """

    wanted: Wanted
    rows: list[Row]
    next_cursor: str | None
    as_of: str | None
    moved: bool = False

    def for_store(self, n: int) -> dict[str, Any]:
        """What the browser needs to go on from here; `n` is the question that this answers."""
        return {"next": self.next_cursor, "as_of": self.as_of, "n": n}


def read_page(visit: Visit, kind: DocumentKind, wanted: Wanted) -> Found:
    """The page; the newest one if the address has a cursor that belongs to another list.

    Raises:
        StatusApiError: status-api did not answer, or refused.
    """
    try:
        answer = visit.api.get(visit.of_tenant(kind.resource), wanted.query())
    except ProblemError as problem:
        if problem.status != _BAD_REQUEST or problem.body.get("parameter") != "cursor" or not wanted.after:
            raise
        return replace(read_page(visit, kind, replace(wanted, after="", page=1)), moved=True)
    rows = rows_of(answer["items"], visit.now, visit.zone)
    return Found(wanted, rows, answer["next_cursor"], answer["as_of"])


def words_of(visit: Visit, kind: DocumentKind, found: Found, total: int | None) -> list[Component]:
    """Which part of the list is shown, and the way on for somebody who looks for an id that is not in it."""
    more = found.next_cursor is not None
    words = range_words(found.wanted, len(found.rows), more=more, total=total, kind=kind.kind)
    told: list[Component] = [html.Span(words)]
    asked = found.wanted.id_asked
    missing = bool(found.rows) and all(str(row["id"]) != asked for row in found.rows)
    if asked is not None and len(asked) >= _SHORTEST_ID and missing:
        told += [html.Span(f"{asked} itself is not here."), _why(visit, kind, asked)]
    return told


def notes_of(visit: Visit, found: Found) -> list[Component]:
    """What has to be known about the page that is shown."""
    notes: list[Component] = []
    if found.moved:
        notes.append(
            _note("gray", "That page is gone: its filter or order was another. This is the newest page.")
        )
    late = _late_seconds(visit, found.as_of)
    if late is None:
        notes.append(_note("yellow", "Nothing was read from Kafka yet: what is there will come up here."))
    elif late > _STALE_SECONDS:
        words = f"As of {show_time(found.as_of, visit.zone, seconds=True)}: newer changes are not here yet. They come by themselves."
        notes.append(_note("yellow", words))
    return notes


def away_note(visit: Visit, as_of: str | None) -> Component:
    """What is told while status-api does not answer: what one sees stays, with its age."""
    since = f"What you see is as of {show_time(as_of, visit.zone, seconds=True)}. " if as_of else ""
    return _note(
        "yellow", f"The service does not answer. {since}Nothing is lost; this page tries again by itself."
    )


def nothing_found(visit: Visit, kind: DocumentKind, wanted: Wanted) -> Component:
    """What stands in the place of an empty list: why, and what to do."""
    asked = wanted.id_asked
    if asked is not None:
        return empty_state(
            f"{asked} is not in this list",
            "Perhaps it was stamped by another integration, is older than the days that are synced, or waits"
            " for something in Autotask. Ask: the answer says which, and what to do.",
            _why(visit, kind, asked),
            *_other_filters(wanted),
        )
    if wanted.is_narrowed:
        return empty_state(
            f"No {kind.plural} match",
            "Nothing fits all of the filters together. Clear them, or type less of the id, number or name.",
        )
    return empty_state(
        f"No {kind.plural} yet",
        "What the engine finds in Autotask comes up here by itself. Nothing comes while the engine is Paused.",
        dmc.Anchor("Look at the Sync Logs", href=tab_href(visit.tenant, "sync-logs")),
    )


def _other_filters(wanted: Wanted) -> list[Component]:
    if not replace(wanted, text="").is_narrowed:
        return []
    return [dmc.Text("Other filters are on, too: it may be here without them.", size="sm", c="dimmed")]


def _late_seconds(visit: Visit, as_of: str | None) -> float | None:
    return None if as_of is None else (visit.now - parse_time(as_of)).total_seconds()


def _why(visit: Visit, kind: DocumentKind, number: str) -> Component:
    return dmc.Anchor(
        "Why isn't it here?",
        href=href("t", visit.tenant, "explain", id=number, kind=kind.kind),
        fw=600,
        className="why",
    )


def _note(colour: str, words: str, *more: Component) -> Component:
    return dmc.Alert(
        dmc.Group([dmc.Text(words, size="sm"), *more], gap="sm"),
        color=colour,
        variant="light",
        icon=icon("warning" if colour == "yellow" else "help"),
        p="xs",
    )
