"""Who is told what, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from invoice_events.catalogue import catalogue
from status_api.core.access import Grant, Role
from status_api.core.alert_texts import compose, example_line
from status_api.core.alerts import (
    AGAIN,
    GATHER,
    INSTALLATION,
    AlertsOf,
    ChatTarget,
    Circuit,
    News,
    Pause,
    Reader,
    Waiting,
    Wish,
    concern_of_chat,
    connection_cause,
    dead_letters_cause,
    due_groups,
    look_at_circuit,
    recipients,
    told_of_red,
    works_again_cause,
)

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ACME = AlertsOf("Acme Managed IT")
TENANTS = {"acme": ACME, "beta": AlertsOf("Beta")}
VIEWER = (Grant("acme", Role.VIEWER),)
EVERYWHERE = (Grant(None, Role.VIEWER),)


def reader(grants: tuple[Grant, ...], *wishes: Wish) -> Reader:
    return Reader("p1", "anna@example.com", grants, wishes)


def waiting(cause: str = "CONTACT_NOT_FOUND", count: int = 1, **more: object) -> Waiting:
    return replace(Waiting("mail/p1", "acme", cause, count, NOW), **more)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("who", "tenant", "told"),
    [
        (reader(VIEWER, Wish(None, on=True, detailed=False)), "acme", True),
        (reader(VIEWER, Wish(None, on=True, detailed=False)), "beta", False),
        (reader((), Wish("acme", on=True, detailed=False)), "acme", False),
        (reader(VIEWER), "acme", False),
        (reader(VIEWER, Wish(None, on=True, detailed=False), Wish("acme", on=False, detailed=False)), "acme", False),
        (reader(VIEWER, Wish(None, on=False, detailed=False), Wish("acme", on=True, detailed=False)), "acme", True),
        (reader(VIEWER, Wish("acme", on=True, detailed=False)), INSTALLATION, False),
        (reader(EVERYWHERE, Wish("acme", on=True, detailed=False)), INSTALLATION, False),
        (reader(EVERYWHERE, Wish(None, on=True, detailed=False)), INSTALLATION, True),
        (reader(EVERYWHERE, Wish(None, on=True, detailed=False)), "gone", False),
    ],
)  # fmt: skip
def test_nobody_is_told_who_may_not_see_it_or_does_not_want_it(who: Reader, tenant: str, told: bool) -> None:  # noqa: FBT001  # a row of the table
    found = recipients(News(tenant, "UNKNOWN", 1), [who], [], TENANTS)
    assert [one.target for one in found] == (["mail/p1"] if told else [])


def test_a_tenant_that_wants_no_alerts_is_told_of_to_nobody() -> None:
    who = reader(VIEWER, Wish(None, on=True, detailed=True))
    chat = ChatTarget("chat/ops", None)
    silent = {"acme": replace(ACME, on=False)}
    assert recipients(News("acme", "UNKNOWN", 1), [who], [chat], silent) == []


def test_a_named_chat_target_is_told_of_no_tenant_that_does_not_name_it() -> None:
    named, every = ChatTarget("chat/finance", "finance"), ChatTarget("chat/url-1", None)
    assert concern_of_chat(named, ACME) is None
    assert concern_of_chat(named, replace(ACME, targets=frozenset({"finance"}))) is not None
    assert concern_of_chat(named, None) is None
    assert concern_of_chat(every, ACME) is not None
    assert concern_of_chat(every, None) is not None


def test_details_go_to_those_only_who_want_them() -> None:
    chat = ChatTarget("chat/url-1", None)
    people = [
        reader(VIEWER, Wish(None, on=True, detailed=True)),
        Reader("p2", "b@example.com", VIEWER, (Wish(None, on=True, detailed=False),)),
    ]
    found = {
        one.target: one.detailed for one in recipients(News("acme", "UNKNOWN", 1), people, [chat], TENANTS)
    }
    assert found == {"mail/p1": True, "mail/p2": False, "chat/url-1": False}


def test_a_burst_is_one_message_and_the_first_comes_within_five_minutes() -> None:
    rows = [waiting(), waiting("TAX_MISSING", since=NOW + MINUTE)]
    assert due_groups(rows, NOW + GATHER - timedelta(seconds=1)) == []
    assert due_groups(rows, NOW + GATHER) == [tuple(rows)]
    assert timedelta(minutes=5) > GATHER


def test_the_same_cause_is_not_told_again_before_its_time_and_not_later_than_an_hour() -> None:
    row = waiting(told_at=NOW, since=NOW)
    assert due_groups([row], NOW + AGAIN - timedelta(seconds=1)) == []
    assert due_groups([row], NOW + AGAIN) == [(row,)]
    assert timedelta(minutes=50) < AGAIN < timedelta(hours=1) - GATHER


def test_another_cause_does_not_wait_for_the_hour_of_the_first_and_takes_along_what_waits() -> None:
    old, new = waiting(told_at=NOW), waiting("TAX_MISSING")
    assert due_groups([old, new], NOW + GATHER) == [(old, new)]


def test_quiet_while_nothing_is_new() -> None:
    assert due_groups([waiting(count=0, told_at=NOW)], NOW + timedelta(days=1)) == []


def test_what_could_not_be_taken_back_does_not_wait_for_more() -> None:
    row = waiting("CAN_NOT_TAKE_BACK")
    assert due_groups([row], NOW) == [(row,)]
    message = compose([row], "Acme", None, detailed=False)
    assert message.urgent
    assert message.subject.startswith("Urgent: ")


def test_tenants_and_targets_are_not_mixed_in_one_message() -> None:
    rows = [waiting(), waiting(tenant_id="beta"), waiting(target="mail/p2")]
    assert sorted(len(group) for group in due_groups(rows, NOW + GATHER)) == [1, 1, 1]


def looks(*states: tuple[int, str]) -> list[tuple[int, str]]:
    """What is told when, of a connection whose state is looked at each minute; a state holds until the next."""
    known: Circuit | None = None
    told = []
    end = states[-1][0] + 10
    for minute in range(end):
        now = NOW + minute * MINUTE
        at, state = max((one for one in states if one[0] <= minute), key=lambda one: one[0])
        known, tell = look_at_circuit(known, state, NOW + at * MINUTE, now)
        told += [(minute, tell)] if tell else []
    return told


def test_a_connection_that_is_red_for_long_is_told_once() -> None:
    assert looks((0, "down"), (300, "down")) == [(2, "down")]


def test_a_connection_that_recovers_at_once_is_not_told() -> None:
    assert looks((0, "throttled"), (1, "connected"), (5, "down"), (6, "connected")) == []


def test_works_again_is_told_once_for_each_red_that_was_told() -> None:
    assert looks((0, "down"), (10, "connected"), (20, "down"), (30, "connected"), (200, "connected")) == [
        (2, "down"), (10, "works"), (22, "down"), (30, "works"),
    ]  # fmt: skip


def test_other_kinds_of_red_are_the_same_red_but_refused_is_told() -> None:
    assert looks((0, "down"), (5, "throttled"), (9, "down"), (20, "refused"), (25, "down"), (30, "connected")) == [
        (2, "down"), (20, "refused"), (30, "works"),
    ]  # fmt: skip


def test_works_again_goes_to_those_only_who_were_told_of_red() -> None:
    red = connection_cause("xero", "down")
    rows = [
        waiting(red, 0, target="a", told_at=NOW),
        waiting(red, 1, target="b"),
        waiting(red, 0, target="c", told_at=NOW - MINUTE),
        waiting(connection_cause("autotask", "down"), 1, target="d"),
        waiting(works_again_cause("xero"), 1, target="e"),
        waiting(red, 1, target="f", tenant_id="beta"),
    ]
    assert told_of_red(rows, "acme", "xero", NOW) == {"a", "b"}


SECRETS = ("48213", "INV-1001", "Contoso", "1234.56")
EXAMPLE = example_line("invoice", 48213, "Contoso owes 1234.56", "INV-1001", "Contoso")


def test_the_generic_text_of_no_cause_holds_anything_of_a_document() -> None:
    causes = [
        *catalogue(),
        *(
            connection_cause(side, state)
            for side in ("autotask", "xero")
            for state in ("down", "throttled", "refused")
        ),
        works_again_cause("xero"),
        dead_letters_cause("poller"),
        "SOMETHING_NEW",
    ]
    for cause in causes:
        message = compose([waiting(cause, 3, examples=(EXAMPLE,))], "Acme", None, detailed=False)
        told = message.subject + message.body
        assert not any(secret in told for secret in SECRETS), cause
        assert "3" in told or cause.startswith("connection/")
        assert "\n" not in message.subject
        assert not message.subject.endswith(": ")


def test_details_are_told_if_wanted_and_so_is_how_much_is_left_out() -> None:
    message = compose([waiting(count=3, examples=(EXAMPLE,))], "Acme", None, detailed=True)
    assert EXAMPLE in message.body
    assert "2 more" in message.body


def test_the_link_leads_to_the_tenant_and_a_name_can_not_break_the_subject() -> None:
    message = compose([waiting()], "Acme\r\nBcc: all", "https://sync.example.com", detailed=False)
    assert "https://sync.example.com/t/acme\n" in message.body
    assert message.subject == "Acme Bcc: all: 1 document at fault"
    about_all = compose(
        [waiting("dead-letters/poller", tenant_id="")], "", "https://x.example", detailed=False
    )
    assert "See https://x.example\n" in about_all.body


def test_a_repeated_message_has_the_same_key_and_another_one_has_not() -> None:
    keys = [
        compose([row], "Acme", None, detailed=False).key for row in (waiting(), waiting(), waiting(count=2))
    ]
    assert keys[0] == keys[1] != keys[2]


def test_pauses_grow_to_their_bound() -> None:
    pause, at, lengths = Pause(15 * MINUTE, 60 * MINUTE), NOW, []
    assert pause.is_over(at)
    for _ in range(4):
        pause.failed(at)
        lengths.append(pause.length / MINUTE)
        assert not pause.is_over(at + pause.length - MINUTE)
        at += pause.length
        assert pause.is_over(at)
    assert lengths == [15, 30, 60, 60]
