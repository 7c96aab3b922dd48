"""Each alert fires when it should, keeps silent when it should, and leads to a runbook that helps."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.k8s.checks.processes import PROCESSES
from deploy.monitoring import promtool
from deploy.monitoring.alert import Alert
from deploy.monitoring.generate import ROOT
from deploy.monitoring.metric_list import SERVICES
from deploy.monitoring.objectives import codes_of_ours
from deploy.monitoring.queries import findings
from deploy.monitoring.rules import alerts

Asked = Callable[..., tuple[bool, str]]
_EVERY = "2m"
_RUNBOOKS = ROOT / "docs/operations"
_FENCE = re.compile(r"^```\n(.*?)^```", re.MULTILINE | re.DOTALL)
_QUERY = re.compile(r"promtool query instant \$PROMETHEUS '([^']+)'")

every_alert = pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert.name)


@every_alert
def test_no_alert_keeps_silent_about_what_it_is_for(alert: Alert, asked: Asked) -> None:
    held, said = asked(promtool.case_test(alert, alert.firing, fires=True), _EVERY)
    assert held, said


@every_alert
def test_no_alert_fires_without_need(alert: Alert, asked: Asked) -> None:
    held, said = asked(promtool.case_test(alert, alert.silent, fires=False), _EVERY)
    assert held, said


def test_no_case_holds_whatever_the_rules_say(asked: Asked) -> None:
    alert = next(alert for alert in alerts() if alert.name == "OutboxOld")
    silent = replace(alert.silent, labels=alert.firing.labels)
    assert not asked(promtool.case_test(alert, silent, fires=True), _EVERY)[0]
    assert not asked(promtool.case_test(alert, alert.firing, fires=False), _EVERY)[0]
    unexpected = replace(alert.firing, also=frozenset({"InvoicesLate"}))
    assert not asked(promtool.case_test(alert, unexpected, fires=True), _EVERY)[0]


def test_no_name_is_given_twice() -> None:
    names = [alert.name for alert in alerts()]
    assert len(names) == len(set(names))


def _sections(page: Path) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@every_alert
def test_no_alert_is_without_a_runbook_that_helps(alert: Alert) -> None:
    file, _, anchor = alert.runbook.partition("#")
    assert anchor == alert.name.lower()
    section = _sections(ROOT / file)[alert.name]
    if "The same" in section:
        assert alert.severity == "ticket", "a page has a section of its own"
        return
    commands = [line for fence in _FENCE.findall(section) for line in fence.splitlines()]
    assert len(commands) >= 3
    assert "**For customers.**" in section
    assert "**Ways out" in section


def test_no_runbook_asks_for_metrics_that_do_not_exist() -> None:
    asked = {
        query: page.name
        for page in _RUNBOOKS.glob("*.md")
        for query in _QUERY.findall(page.read_text("utf-8"))
    }
    assert asked
    assert [(asked[query], said) for query in asked for said in findings(query)] == []


def test_no_runbook_is_about_an_alert_that_does_not_exist() -> None:
    pages = {alert.page for alert in alerts()}
    headings = {name for page in pages for name in _sections(_RUNBOOKS / page)}
    assert headings == {alert.name for alert in alerts()}


def test_no_alert_is_missing_from_the_list_or_told_with_another_severity() -> None:
    rows = re.findall(
        r"^\| ((?:`\w+`(?:, )?)+) \| ([a-z, ]+) \|",
        (_RUNBOOKS / "alerts.md").read_text("utf-8"),
        re.MULTILINE,
    )
    told: dict[str, str] = {}
    for names, severities in rows:
        named, severe = re.findall(r"`(\w+)`", names), severities.split(", ")
        told |= dict(zip(named, severe * len(named) if len(severe) == 1 else severe, strict=False))
    assert told == {alert.name: alert.severity for alert in alerts()}


def test_no_code_of_ours_is_told_wrongly() -> None:
    """A code that is new on our side has to be looked at: does it come from the customers' data?"""
    ours = {"EVENT_UNREADABLE", "REQUEST_REJECTED", "TENANT_DATA_MISSING", "XERO_AMOUNTS_DIFFER"}
    assert set(codes_of_ours()) == ours
    row = re.search(r"^\| faults of ours \|.*$", (_RUNBOOKS / "alerts.md").read_text("utf-8"), re.MULTILINE)
    assert row is not None
    told = {code: (_RUNBOOKS / "faults-of-ours.md").read_text("utf-8").count(f"- `{code}`") for code in ours}
    assert told == dict.fromkeys(ours, 1)
    assert {code for code in ours if f"`{code}`" in row[0]} == ours


def test_no_service_is_watched_under_a_name_that_its_pods_do_not_have() -> None:
    monitor = (ROOT / "deploy/k8s/components/prometheus-operator/pod-monitor.yaml").read_text("utf-8")
    named = re.search(r"operator: In, values: \[([^\]]+)\]", monitor)
    assert named is not None
    assert set(SERVICES) == set(named[1].split(", ")) == {process.name for process in PROCESSES}
