"""The tab Analytics: what got into Xero over time, how long it took, and what stood in the way."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.api.connection import Json, ProblemError
from dashboard.components.aria import aria
from dashboard.components.figures import as_of_note, big_number, card
from dashboard.components.parts import digest
from dashboard.components.records import records
from dashboard.components.states import empty_state, error_state
from dashboard.core.addresses import tab_href
from dashboard.core.analytics import (
    KINDS,
    PERS,
    Wanted,
    change_words,
    chart_rows,
    is_empty,
    period_words,
    seconds_words,
    summary_words,
    time_rows,
)
from dashboard.core.figures import LISTS, NOUNS, cause_title
from dashboard.core.figures import change_words as change_since
from dashboard.core.money import show_count
from dashboard.views.visit import Visit

_BAD_REQUEST = 400
_HEIGHT = 260
_QUIET_CHART = {"accessibilityLayer": False}
"""A chart is a picture here: its figures stand in the table below it, and nothing in it takes the focus."""

_STILL = {"isAnimationActive": False}
"""It is drawn anew while somebody looks at it: it must not dance."""
_AXIS = {"interval": "equidistantPreserveStart", "minTickGap": 14}


def content(visit: Visit, me: Json) -> Component:  # noqa: ARG001  # every tab is given the person
    """Choices and figures."""
    wanted = Wanted.of_address(visit.address)
    figures, as_of = _figures(visit, wanted)
    return html.Div(
        [
            _choices(wanted),
            html.Div(figures, id="analytics-figures"),
            html.Div(as_of_note(visit, as_of), id="analytics-age"),
            dcc.Store(id="analytics-wanted", data=wanted.query()),
            dcc.Store(id="analytics-drawn", data=digest(figures)),
        ]
    )


def _choices(wanted: Wanted) -> Component:
    return dmc.Group(
        [
            _segments("kind", "Which documents", KINDS, wanted.kind),
            _segments("per", "Length of the periods", PERS, wanted.per),
            _day("from", "From", wanted.first),
            _day("to", "To", wanted.last),
        ],
        align="flex-end",
        gap="sm",
        mb="md",
    )


def _segments(name: str, label: str, words: dict[str, str], value: str) -> Component:
    data = [{"value": each, "label": told} for each, told in words.items()]
    return dmc.SegmentedControl(id=f"analytics-{name}", data=data, value=value, **aria(label=label))


def _day(name: str, label: str, value: str) -> Component:
    return dmc.DatePickerInput(
        id=f"analytics-{name}",
        label=label,
        placeholder="Today" if name == "to" else "Automatic",
        value=value or None,
        valueFormat="D MMM YYYY",
        clearable=True,
        clearButtonProps={"aria-label": f"{label}: automatic"},
        w=170,
    )


def _figures(visit: Visit, wanted: Wanted) -> tuple[list[Component], str | None]:
    """The figures, and the time they are of."""
    try:
        read = visit.api.get(visit.of_tenant("analytics"), wanted.query())
    except ProblemError as problem:
        if problem.status != _BAD_REQUEST:
            raise
        told = error_state("These figures can not be told", problem.detail, problem.request_id)
        return [told], visit.now.isoformat()
    if is_empty(read):
        words = "Once documents get into Xero, their number, their times and their faults stand here."
        return [empty_state("Nothing was synced in this time", words)], read["as_of"]
    cards = [_synced(read), _time(read), _faults(visit, read)]
    return [html.Div(cards, className="cards cards-broad")], read["as_of"]


def _synced(read: Json) -> Component:
    """How many got into Xero, period by period, and against the one before."""
    last = read["periods"][-1]
    noun = NOUNS[read["kind"]][0 if last["synced"] == 1 else 1]
    figure = big_number(
        last["synced"],
        f"{noun} synced in {period_words(last['name'])}"
        if read["per"] == "month"
        else f"{noun} synced on {period_words(last['name'])}",
        change_since(read["periods"]),
    )
    chart = dmc.BarChart(
        data=chart_rows(read["periods"]),
        dataKey="period",
        series=[{"name": "Synced", "color": "indigo.5"}],
        h=_HEIGHT,
        maxBarWidth=56,
        tickLine="none",
        xAxisProps=_AXIS,
        yAxisProps={"allowDecimals": False, "width": 44},
        barChartProps=_QUIET_CHART,
        barProps=_STILL,
        mt="md",
    )
    table = records(
        "Synced, period by period",
        ("Period", "Synced", "Change", "Failed tries", "Half within", "9 of 10 within", "99 of 100 within"),
        [_row(period) for period in reversed(read["periods"])],
    )
    zone = f"Days and months of the tenant: {read['time_zone']}. A document counts once, when it first got into Xero."
    return card(
        "Synced over time",
        [
            figure,
            html.Div(chart, role="img", **aria(label=summary_words(read))),
            html.P(zone, className="quiet"),
            html.Details(
                [html.Summary("The figures as a table"), table], id="synced-table", className="as-table"
            ),
        ],
        name="synced",
        wide=True,
    )


def _row(period: Json) -> list[Any]:
    times = period["time_to_xero"]
    return [
        period_words(period["name"]),
        show_count(period["synced"]),
        change_words(period["change"]),
        show_count(period["failed_tries"]),
        *[seconds_words(times[name]) for name in ("p50", "p90", "p99")],
    ]


def _time(read: Json) -> Component:
    """How long it took from Autotask to Xero."""
    times = read["time_to_xero"]
    told = (("p50", "half within"), ("p90", "9 of 10 within"), ("p99", "99 of 100 within"))
    figures = html.Dl(
        [html.Div([html.Dt(words), html.Dd(seconds_words(times[name]))]) for name, words in told],
        className="times",
    )
    if not times["documents"]:
        return card(
            "Time to Xero", [html.P("No document tells when it was found in this time.")], name="times"
        )
    chart = dmc.LineChart(
        data=time_rows(read["periods"]),
        dataKey="period",
        series=[{"name": "Half within", "color": "teal.6"}, {"name": "9 of 10 within", "color": "orange.6"}],
        h=_HEIGHT - 60,
        curveType="monotone",
        unit=" s",
        withLegend=True,
        tickLine="none",
        xAxisProps=_AXIS,
        yAxisProps={"width": 56},
        lineChartProps=_QUIET_CHART,
        lineProps=_STILL,
        mt="md",
    )
    words = f"From the first time a document was found in Autotask until it was in Xero, of {show_count(times['documents'])}. Estimated: at most a factor of two away."
    label = f"Time to Xero over the periods. Half within {seconds_words(times['p50'])}, 9 of 10 within {seconds_words(times['p90'])}."
    return card(
        "Time to Xero",
        [figures, html.Div(chart, role="img", **aria(label=label)), html.P(words, className="quiet")],
        name="times",
    )


def _faults(visit: Visit, read: Json) -> Component:
    """What tries failed with, most frequent first, each with the way to the documents that have it now."""
    faults = sorted(read["faults"], key=lambda fault: -fault["tries"])
    if not faults:
        return card("Faults by cause", [html.P("No try failed in this time.")], name="causes")
    most = faults[0]["tries"]
    bars = [
        html.Li(
            [
                html.Div(
                    [
                        dmc.Anchor(
                            cause_title(fault["cause"]),
                            href=tab_href(visit.tenant, LISTS[read["kind"]], cause=fault["cause"]["code"]),
                            size="sm",
                        ),
                        html.B(show_count(fault["tries"])),
                    ],
                    className="budget-words",
                ),
                html.Div(
                    html.Div(className="bar-fault", style={"width": f"{fault['tries'] / most:.2%}"}),
                    className="budget-bar",
                    **aria(hidden="true"),
                ),
            ]
        )
        for fault in faults
    ]
    words = (
        "Failed tries; a document may have several. The link leads to the documents that have the cause now."
    )
    return card(
        "Faults by cause",
        [html.Ol(bars, className="bars"), html.P(words, className="quiet")],
        name="causes",
    )


def register(app: Dash) -> None:
    """Choose, and follow what changes."""

    @app.callback(
        output=(
            Output("analytics-figures", "children"),
            Output("analytics-age", "children"),
            Output("analytics-drawn", "data"),
            Output("analytics-wanted", "data"),
            Output("shown", "data", allow_duplicate=True),
        ),
        inputs={
            "given": {name: Input(f"analytics-{name}", "value") for name in ("kind", "per", "from", "to")},
            "before": State("analytics-wanted", "data"),
            "address": State("address", "data"),
        },
        prevent_initial_call=True,
    )
    def choose(given: Json, before: Json, address: Json) -> tuple[Any, ...]:
        wanted, visit = Wanted.of_fields(given), Visit.of(address)
        if wanted.query() == before:
            return (no_update,) * 5
        figures, as_of = _figures(visit, wanted)
        shown = {"query": wanted.shown(), "push": False}
        return figures, as_of_note(visit, as_of), digest(figures), wanted.query(), shown

    @app.callback(
        Output("analytics-figures", "children", allow_duplicate=True),
        Output("analytics-age", "children", allow_duplicate=True),
        Output("analytics-drawn", "data", allow_duplicate=True),
        Input("changes", "data"),
        State("analytics-wanted", "data"),
        State("analytics-drawn", "data"),
        State("address", "data"),
        prevent_initial_call=True,
    )
    def follow(changes: Json | None, query: Json, drawn: str, address: Json) -> tuple[Any, ...]:
        if changes is None or not (changes["reset"] or query["kind"] in changes["subjects"]):
            return (no_update,) * 3
        visit = Visit.of(address)
        figures, as_of = _figures(visit, Wanted.of_fields(query))
        now, age = digest(figures), as_of_note(visit, as_of)
        return (no_update, age, no_update) if now == drawn else (figures, age, now)
