from __future__ import annotations

import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.asked import QUESTIONS
from benchmarks.figures import Benchmark, Bound, Line, Measured, Session
from benchmarks.read_model import READ_MODEL
from benchmarks.rebuild import REBUILD
from benchmarks.report import document, show, write
from benchmarks.suite import BENCHMARKS, chosen, exit_code, run

AT_MOST = Line("calls", "calls", Bound("<=", 0.03))
AT_LEAST = Line("share", "ratio", Bound(">=", 0.5))
BELOW = Line("change", "%", Bound("<", 10))
TOLD = Line("rate", "documents")


def session() -> Session:
    return Session(1.0, lambda _: None)


def benchmark(name: str, *found: Measured, needs: Sequence[str] = ()) -> Benchmark:
    return Benchmark(name=name, lines=[one.line for one in found], measure=lambda _: list(found), needs=needs)


def broken(_: Session) -> Sequence[Measured]:
    raise RuntimeError("Kafka did not come up\nmany more lines")


@pytest.mark.parametrize(
    ("line", "value", "holds"),
    [
        (AT_MOST, 0.03, True),
        (AT_MOST, 0.0301, False),
        (AT_LEAST, 0.5, True),
        (AT_LEAST, 0.4999, False),
        (BELOW, -3.0, True),
        (BELOW, 10.0, False),
        (TOLD, 1.0, None),
        (TOLD, None, None),
    ],
)
def test_a_bound_is_not_judged_the_wrong_way_round(
    line: Line, value: float | None, *, holds: bool | None
) -> None:
    assert Measured(line, value).holds is holds


def test_what_could_not_be_measured_does_not_pass_for_kept() -> None:
    assert Measured(AT_MOST, None).holds is False


def test_one_broken_bound_is_not_lost_among_kept_ones() -> None:
    kept = [Measured(AT_MOST, 0.01), Measured(TOLD, 7.0)]
    assert exit_code(kept) == 0
    assert exit_code([*kept, Measured(AT_LEAST, 0.1)]) == 1


def test_a_failing_benchmark_leaves_neither_a_hole_in_the_table_nor_stops_the_others() -> None:
    failing = Benchmark(name="failing", lines=(AT_MOST, TOLD), measure=broken)
    found = run([failing, benchmark("good", Measured(AT_LEAST, 0.9))], session())
    assert [one.line for one in found] == [AT_MOST, TOLD, AT_LEAST]
    assert [one.value for one in found] == [None, None, 0.9]
    assert found[0].note == "not measured: Kafka did not come up"
    assert exit_code(found) == 1


def test_nothing_that_a_benchmark_needs_is_left_out() -> None:
    registry = [
        benchmark("load"),
        benchmark("other"),
        benchmark("middle", needs=("load",)),
        benchmark("last", needs=("middle",)),
    ]
    assert [one.name for one in chosen(registry, ["last"])] == ["load", "middle", "last"]
    assert [one.name for one in chosen(registry, [])] == ["load", "other", "middle", "last"]
    assert [one.name for one in chosen(registry, ["other"])] == ["other"]


def test_the_registry_does_not_need_what_comes_later_or_is_unknown() -> None:
    before: set[str] = set()
    for one in BENCHMARKS:
        assert set(one.needs) <= before
        assert one.name not in before
        before.add(one.name)


def test_no_two_figures_have_one_name() -> None:
    figures = [line.figure for one in BENCHMARKS for line in one.lines]
    assert len(figures) == len(set(figures))


def test_every_measured_bound_of_the_contract_is_listed() -> None:
    bounds = {line.figure: str(line.bound) for one in BENCHMARKS for line in one.lines if line.bound}
    memory = [figure for figure in bounds if figure.startswith("memory")]
    assert {bounds.pop(figure) for figure in memory} == {"<= 150"}
    assert len(memory) == 5
    reading = [bounds.pop(line.figure) for line in READ_MODEL.lines if line.bound]
    assert sorted(reading) == ["<= 1.5"] * len(QUESTIONS) + ["<= 2"] * len(QUESTIONS)
    assert [bounds.pop(line.figure) for line in REBUILD.lines if line.bound] == ["<= 1.5", "<= 1.3", "<= 150"]
    assert {"list", "search", "open", "overview", "analytics"} <= set(QUESTIONS)
    assert sorted(bounds.values()) == [
        "< 10",
        "<= 0",
        "<= 0.03",
        "<= 0.03",
        "<= 0.03",
        "<= 1.05",
        "<= 3",
        "<= 5",
        ">= 0.5",
        ">= 0.5",
        ">= 0.8",
    ]


def test_scaling_down_never_leaves_nothing_to_count() -> None:
    small = Session(0.001, lambda _: None)
    assert small.scaled(100) == 1
    assert small.scaled(100, at_least=20) == 20
    assert session().scaled(100) == 100


def test_the_json_is_not_without_a_verdict_or_a_figure(tmp_path: Path) -> None:
    figures = [Measured(AT_MOST, 0.0211119, "twenty calls"), Measured(TOLD, 7.0), Measured(AT_LEAST, None)]
    file = tmp_path / "build" / "bench.json"
    write(figures, file)
    told = json.loads(file.read_text(encoding="utf-8"))
    assert told == document(figures)
    assert told == [
        {
            "figure": "calls",
            "value": 0.0211,
            "bound": "<= 0.03",
            "holds": True,
            "unit": "calls",
            "note": "twenty calls",
        },
        {
            "figure": "rate",
            "value": 7.0,
            "bound": None,
            "holds": None,
            "unit": "documents",
            "note": "",
        },
        {
            "figure": "share",
            "value": None,
            "bound": ">= 0.5",
            "holds": False,
            "unit": "ratio",
            "note": "",
        },
    ]


def test_rounding_for_the_file_does_not_hide_a_broken_bound() -> None:
    told = document([Measured(AT_MOST, 0.03001)])
    assert told[0]["holds"] is False


def test_the_table_does_not_show_a_verdict_where_there_is_none() -> None:
    console = Console(file=StringIO(), width=200)
    show([Measured(AT_MOST, 0.04), Measured(TOLD, 2950.0)], console)
    assert isinstance(console.file, StringIO)
    lines = console.file.getvalue().splitlines()
    calls = next(line for line in lines if "calls" in line and "0.040" in line)
    rate = next(line for line in lines if "2,950" in line)
    assert "FAILS" in calls
    assert "FAILS" not in rate
    assert "holds" not in rate
