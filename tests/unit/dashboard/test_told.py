"""Times, money and roles as people are told them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.core.money import show_money, show_quantity
from dashboard.core.roles import is_admin_everywhere, is_admin_somewhere, may, role_at
from dashboard.core.times import parse_time, show_age, show_date, show_month, show_time, zone_named

AUCKLAND = ZoneInfo("Pacific/Auckland")
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", ["", "Middle/Earth", "../../etc/passwd", "/etc/localtime", "%00", "Pacific"])
def test_a_zone_that_does_not_exist_is_utc(name: str) -> None:
    assert zone_named(name) == ZoneInfo("UTC")


def test_a_zone_is_read_as_the_browser_writes_it() -> None:
    assert zone_named("Pacific%2FAuckland") == zone_named("Pacific/Auckland") == AUCKLAND


def test_a_time_is_told_in_the_zone_of_the_person_over_the_change_of_clocks() -> None:
    assert show_time("2026-05-04T04:20:09Z", AUCKLAND) == "4 May 2026, 16:20"
    assert show_time("2026-05-04T04:20:09Z", AUCKLAND, seconds=True) == "4 May 2026, 16:20:09"
    assert show_time("2026-04-04T13:30:00Z", AUCKLAND) == "5 Apr 2026, 02:30"
    assert show_time("2026-04-04T14:30:00Z", AUCKLAND) == "5 Apr 2026, 02:30"
    assert show_time("2026-05-04T04:20:09.123456Z", ZoneInfo("UTC")) == "4 May 2026, 04:20"
    assert show_time(None, AUCKLAND) == ""


def test_a_business_date_is_the_same_in_every_zone() -> None:
    assert show_date("2026-05-04") == "4 May 2026"
    assert show_date(None) == ""
    assert show_month("2026-05") == "May 2026"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-5, "just now"),
        (0, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (3_599, "59 min ago"),
        (3_600, "1 h ago"),
        (86_399, "23 h ago"),
        (86_400, "1 d ago"),
        (13 * 86_400, "13 d ago"),
        (14 * 86_400, "21 Apr 2026, 00:00"),
    ],
)
def test_an_age_is_told_in_one_unit_and_an_old_one_as_a_day(seconds: int, told: str) -> None:
    then = (NOW - timedelta(seconds=seconds)).isoformat()
    assert show_age(then, NOW, AUCKLAND) == told


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001  # made aware below
def test_no_time_is_moved_by_reading_it(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    assert parse_time(aware.isoformat().replace("+00:00", "Z")) == aware


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("0", "0.00"),
        ("1234.5", "1,234.50"),
        ("-1234.5600", "\N{MINUS SIGN}1,234.56"),
        ("0.0001", "0.0001"),
        ("1E+3", "1,000.00"),
        ("99999999999999.9999", "99,999,999,999,999.9999"),
        (None, ""),
    ],
)
def test_no_digit_of_an_amount_is_hidden(amount: str | None, told: str) -> None:
    assert show_money(amount) == told


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**14), max_value=10**14))
def test_an_amount_reads_back_as_itself(amount: Decimal) -> None:
    told = show_money(format(amount, "f"), "NZD")
    number, _, currency = told.rpartition(" ")
    assert Decimal(number.replace(",", "").replace("\N{MINUS SIGN}", "-")) == amount
    assert currency == "NZD"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**9), max_value=10**9))
def test_a_quantity_reads_back_as_itself(number: Decimal) -> None:
    told = show_quantity(format(number, "f")).replace(",", "").replace("\N{MINUS SIGN}", "-")
    assert Decimal(told) == number


def me(*grants: tuple[str | None, str]) -> dict[str, object]:
    return {"grants": [{"tenant_id": tenant, "role": role} for tenant, role in grants]}


def test_the_greatest_role_at_a_tenant_counts_and_that_of_another_does_not() -> None:
    kim = me((None, "viewer"), ("acme", "operator"))
    assert role_at(kim, "acme") == "operator"
    assert role_at(kim, "beta") == "viewer"
    assert role_at(me(("acme", "admin")), "beta") is None
    assert may(kim, "viewer", "acme")
    assert may(kim, "operator", "acme")
    assert not may(kim, "admin", "acme")
    assert not may(kim, "operator", "beta")
    assert not may(me(), "viewer", "acme")


def test_an_admin_of_one_tenant_is_none_of_all() -> None:
    assert is_admin_somewhere(me(("acme", "admin")))
    assert not is_admin_everywhere(me(("acme", "admin")))
    assert is_admin_everywhere(me((None, "admin")))
    assert not is_admin_somewhere(me((None, "operator")))
