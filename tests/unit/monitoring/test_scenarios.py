"""Whole situations: exactly the expected alerts fire, and one outage is one page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deploy.monitoring import promtool
from deploy.monitoring.inhibition import inhibit_rules, matches, told
from deploy.monitoring.rules import alerts
from deploy.monitoring.scenarios import SCENARIOS, Scenario

Asked = Callable[..., tuple[bool, str]]

every_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)


@every_scenario
def test_no_other_alerts_fire_than_the_situation_is_worth(scenario: Scenario, asked: Asked) -> None:
    held, said = asked(promtool.scenario_test(scenario), scenario.every)
    assert held, said


def _labelled(scenario: Scenario) -> list[dict[str, str]]:
    by_name = {alert.name: alert.labels for alert in alerts()}
    return [by_name[firing["alertname"]] | dict(firing) for firing in scenario.firing]


@every_scenario
def test_no_outage_is_more_than_one_page(scenario: Scenario) -> None:
    left = told(_labelled(scenario))
    assert {alert["alertname"] for alert in left} == scenario.told
    assert sum(alert["severity"] == "page" for alert in left) <= 1


def test_no_inhibition_names_an_alert_that_does_not_exist() -> None:
    for rule in inhibit_rules():
        for matchers in (rule["source_matchers"], rule["target_matchers"]):
            for name in (
                name
                for matcher in matchers
                if matcher.startswith("alertname")
                for name in matcher.partition('"')[2].rstrip('"').split("|")
            ):
                assert name in {alert.name for alert in alerts()}


def test_no_alert_about_a_customers_books_can_be_muted() -> None:
    for name in ("DuplicateInXero", "TakeBackRefused"):
        alert = next(alert for alert in alerts() if alert.name == name)
        labels = alert.labels | {"alertname": name, "tenant": "acme"}
        assert not any(matches(rule["target_matchers"], labels) for rule in inhibit_rules())


def test_no_other_tenants_trouble_is_muted_by_a_tenant_that_is_stuck() -> None:
    stuck = {"alertname": "TenantStuck", "severity": "page", "tenant": "acme"}
    late = [
        {"alertname": "TenantLate", "severity": "ticket", "tenant": tenant} for tenant in ("acme", "bolt")
    ]
    assert told([stuck, *late]) == [stuck, late[1]]
