"""`python -m deploy.monitoring`, part of `make check`: rules and dashboards are what the code writes, every query names what there is, and promtool takes them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from deploy.monitoring import promtool
from deploy.monitoring.dashboards.all import dashboard_queries
from deploy.monitoring.generate import ROOT, RULES, generated
from deploy.monitoring.inhibition import ALERTMANAGER
from deploy.monitoring.queries import findings
from deploy.monitoring.rules import as_yaml, groups

_NO_PROMTOOL = (
    "monitoring: rules and queries NOT read by promtool: it is not installed (Debian's package prometheus)"
)
_NO_AMTOOL = "monitoring: the Alertmanager example NOT read by amtool: it is not installed"
_RATE_INTERVAL = "$__rate_interval"


def main() -> int:
    """Check everything this machine can; what it can not is said. 0 = no finding."""
    problems = [*_stale(), *_unknown_names()]
    if promtool.is_there():
        problems += _refused_by_promtool()
    else:
        _say(_NO_PROMTOOL)
    if shutil.which("amtool"):
        problems += _refused_by_amtool()
    else:
        _say(_NO_AMTOOL)
    for problem in problems:
        sys.stderr.write(f"monitoring: {problem}\n")
    if not problems:
        _say(f"monitoring: {len(queries())} queries name what is there")
    return 1 if problems else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def queries() -> dict[str, str]:
    """Every query of rules and dashboards, by where it stands."""
    rules = groups()["groups"][0]["rules"]
    return {rule.get("record") or rule["alert"]: rule["expr"] for rule in rules} | dict(dashboard_queries())


def _stale() -> Iterator[str]:
    for file, text in generated().items():
        if not file.is_file() or file.read_text("utf-8") != text:
            yield f"{file.relative_to(ROOT)} is not what `make generate` writes"


def _unknown_names() -> Iterator[str]:
    for place, query in queries().items():
        yield from (f"{place}: {said}" for said in findings(query))


def _refused_by_promtool() -> Iterator[str]:
    content, said = promtool.run("check", "rules", RULES)
    if not content:
        yield said
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "queries.yaml"
        file.write_text(as_yaml(as_rules(dict(dashboard_queries()))), encoding="utf-8")
        content, said = promtool.run("check", "rules", file)
        if not content:
            yield said


def as_rules(asked: dict[str, str]) -> promtool.Json:
    """Grafana's queries in a form that promtool reads: as rules, with the interval that Grafana would put in."""
    rules = [
        {"record": f"query:{number}", "expr": query.replace(_RATE_INTERVAL, "5m")}
        for number, query in enumerate(asked.values())
    ]
    return {"groups": [{"name": "queries", "rules": rules}]}


def _refused_by_amtool() -> Iterator[str]:
    answer = subprocess.run(  # noqa: S603  # a fixed program and a file of ours
        ["amtool", "check-config", str(ALERTMANAGER)],  # noqa: S607  # wherever the machine has it
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        yield answer.stdout + answer.stderr


if __name__ == "__main__":
    sys.exit(main())
