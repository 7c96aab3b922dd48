"""The grid of a list: its columns, and how it stands. What a cell looks like is in `assets/grid.js` and `grid.css`."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
from dash.development.base_component import Component

from dashboard.core.listing import DEFAULT_SORT
from dashboard.core.listing_rows import Row

Json = dict[str, Any]

HEADERS = {
    "status": "Status",
    "id": "ID",
    "number": "Number",
    "party": "Client",
    "date": "Date",
    "total": "Total",
    "xero": "Xero number",
    "cause": "Cause",
    "changed": "Changed",
}
"""Columns in their order; all but the first can be left out."""
_SORTED_BY_SERVER = {"id", "date", "changed"}

_LOOKS: dict[str, Json] = {
    "status": {"cellRenderer": "DocumentStatus", "width": 186, "pinned": "left", "lockPosition": "left"},
    "id": {"width": 76, "headerTooltip": "Autotask ID"},
    "number": {"width": 98, "tooltipField": "number"},
    "party": {"minWidth": 124, "flex": 3, "tooltipField": "party"},
    "date": {"width": 116},
    "total": {"width": 126, "cellClass": "amount", "headerClass": "ag-right-aligned-header"},
    "xero": {"width": 126, "tooltipField": "xero"},
    "cause": {"minWidth": 150, "flex": 4, "tooltipField": "cause"},
    "changed": {"width": 118, "tooltipField": "moment"},
}


def column_choices(party: str) -> list[tuple[str, str]]:
    """Columns that a person may leave out, with their headers."""
    return [(field, _header(field, party)) for field in HEADERS if field != "status"]


def _header(field: str, party: str) -> str:
    return party if field == "party" else HEADERS[field]


def column_defs(party: str, sort: str) -> list[Json]:
    """Every column; `party` heads the one of clients or vendors, `sort` is the order that the rows come in."""
    return [_column(field, party, sort) for field in HEADERS]


def _column(field: str, party: str, sort: str) -> Json:
    column = {"field": field, "headerName": _header(field, party), **_LOOKS[field]}
    if field in _SORTED_BY_SERVER:
        column |= {
            "sortable": True,
            "sortingOrder": ["desc", "asc"],
            # The rows come in order: the grid itself must never put 500 of many thousand into another one.
            "comparator": {"function": "documentsAsTheyCame"},
            "unSortIcon": True,
        }
    if field == sort.lstrip("-"):
        column["sort"] = "desc" if sort == DEFAULT_SORT or sort.startswith("-") else "asc"
    return column


def grid(rows: list[Row], columns: list[Json], *, selectable: bool) -> Component:
    """The grid. Only what one sees of the rows is drawn; they are told apart by their id, so that a change moves nothing."""
    options: Json = {
        "theme": {"function": "documentsTheme(themeQuartz)"},
        "getRowHeight": {"function": "documentsHeight()"},
        "headerHeight": 40,
        "suppressMultiSort": True,
        "suppressDragLeaveHidesColumns": True,
        "suppressColumnMoveAnimation": True,
        "animateRows": False,
        "enableCellTextSelection": True,
        "ensureDomOrder": True,
        "tooltipShowDelay": 400,
        "tabToNextCell": {"function": "documentsLeave(params)"},
        "suppressNoRowsOverlay": True,
    }
    if selectable:
        options["rowSelection"] = {
            "mode": "multiRow",
            "checkboxes": True,
            "headerCheckbox": True,
            "enableClickSelection": False,
        }
        options["selectionColumnDef"] = {"width": 44, "pinned": "left", "lockPosition": "left"}
    return dag.AgGrid(
        id="list-grid",
        rowData=rows,
        columnDefs=columns,
        defaultColDef={
            "sortable": False,
            "resizable": True,
            "filter": False,
            "suppressHeaderMenuButton": True,
        },
        getRowId="params.data.name",
        dashGridOptions=options,
        eventListeners={
            "sortChanged": ["documentsSorted(params)"],
            "cellKeyDown": ["documentsKey(params)"],
            "cellClicked": ["documentsClicked(params)"],
        },
        className="documents",
        style={"height": None, "width": "100%"},
    )
