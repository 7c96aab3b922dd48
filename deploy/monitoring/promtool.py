"""promtool's tests, made from the cases of the alerts and from whole scenarios, and the running of promtool."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.monitoring.alert import Alert, Case
from deploy.monitoring.scenarios import Scenario
from deploy.monitoring.series import everything_up

Json = dict[str, Any]

_LENGTH = re.compile(r"(\d+)([mhd])")
_MINUTES = {"m": 1, "h": 60, "d": 1440}
_FIRING = 'group by ({}) (ALERTS{{alertstate="firing"}})'
_FIRED = 'group by ({}) (max_over_time(ALERTS{{alertstate="firing"}}[30d]))'


def minutes(text: str) -> int:
    """Length of `90m`, `2h` or `7d`.

    Raises:
        ValueError: it is none of these.
    """
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is no length of time")
    return int(found[1]) * _MINUTES[found[2]]


def case_test(alert: Alert, case: Case, *, fires: bool) -> Json:
    """One test: the alert with its words as they are read, and every alert that fires, by name."""
    expected = sorted(case.also | ({alert.name} if fires else set()))
    named = {
        "eval_time": case.at,
        "expr": _FIRING.format("alertname"),
        "exp_samples": [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in expected],
    }
    instances = (
        [{"exp_labels": alert.labels | dict(case.labels), "exp_annotations": alert.read_as(case.labels)}]
        if fires
        else []
    )
    worded = {"eval_time": case.at, "alertname": alert.name, "exp_alerts": instances}
    return {
        "name": f"{alert.name} {'fires' if fires else 'is silent'}",
        "interval": "1m",
        "input_series": input_series({**everything_up(minutes(case.at)), **case.series}),
        "promql_expr_test": [named],
        "alert_rule_test": [worded],
    }


def scenario_test(scenario: Scenario) -> Json:
    """A test that exactly its alerts fire at each of its times, or at any time until then, by the labels that each is given with."""
    labels = "alertname, severity, tenant, side, reason"
    samples = [
        {
            "labels": "{" + ",".join(f'{key}="{value}"' for key, value in sorted(each.items())) + "}",
            "value": 1,
        }
        for each in scenario.firing
    ]
    expr = _FIRED.format(labels) if scenario.throughout else _FIRING.format(labels)
    return {
        "name": scenario.name,
        "interval": scenario.interval,
        "input_series": input_series(scenario.series),
        "promql_expr_test": [
            {"eval_time": moment, "expr": expr, "exp_samples": samples} for moment in scenario.at
        ],
    }


def input_series(series: Mapping[str, str]) -> list[Json]:
    """Series as promtool wants them."""
    return [{"series": name, "values": values} for name, values in series.items()]


def file_of(tests: Sequence[Json], rules: str, every: str = "1m") -> Json:
    """A file of tests; `rules`: the rules file, seen from it."""
    return {"rule_files": [rules], "evaluation_interval": every, "tests": list(tests)}


def is_there() -> bool:
    """Whether this machine has promtool."""
    return shutil.which("promtool") is not None


def run(*words: str | Path) -> tuple[bool, str]:
    """Call promtool: whether it was content, and what it said."""
    answer = subprocess.run(  # noqa: S603  # a fixed program and files of ours
        ["promtool", *map(str, words)],  # noqa: S607  # wherever the machine has it
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.returncode == 0, answer.stdout + answer.stderr
