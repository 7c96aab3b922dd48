"""Alerts on PostgreSQL, with a real mail server, through simulated days."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from service_runtime.leases import LeaseLostError, Leases
from status_api.core.alerts import AGAIN, ChatTarget
from status_api.notify.noticing import Audience, Noticing
from status_api.notify.sending import Sending
from status_api.stores import alerts as store
from tests.integration.status_api.conftest import NOW, ReadModel
from tests.integration.status_api.notify_kit import DASHBOARD, SECRETS, Notifier, mail_server

pytestmark = pytest.mark.stack

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def notifier(read_model: ReadModel) -> Notifier:
    """Three tenants, nobody who wants to be told."""
    made = Notifier(read_model, ChatTarget("chat/url-every", None), ChatTarget("chat/finance", "finance"))
    for tenant in ("acme", "beta", "gamma"):
        made.tenant(tenant)
    return made


def test_a_day_of_faults_reaches_everybody_concerned_within_the_hour_and_nobody_else(
    notifier: Notifier,
) -> None:
    """A hundred faults at random times: one mail in time after each, none to others, nothing of an invoice, no storm."""
    everything, only_acme = [(None, "admin")], [("acme", "viewer")]
    concerned = {
        notifier.person("ada", [*everything], [(None, True, False)]): {"acme", "beta", "gamma"},
        notifier.person("ben", [*only_acme], [(None, True, False)]): {"acme"},
        notifier.person("cyd", [("acme", "viewer"), ("beta", "operator")], [("beta", True, False)]): {"beta"},
        notifier.person("dan", [*everything], [(None, True, False), ("acme", False, False)]): {"beta", "gamma"},
        notifier.person("eve", [*everything], []): set(),
    }  # fmt: skip
    chance = random.Random(20260520)
    faults = sorted(
        (chance.randrange(24 * 3600), chance.choice(("acme", "beta", "gamma")), chance.choice(CODES), number)
        for number in range(1, 101)
    )
    with mail_server(notifier.mailbox, notifier.port):
        for at, tenant, code, number in faults:
            notifier.pass_time(NOW + timedelta(seconds=at) - notifier.clock.at, 2 * MINUTE)
            notifier.fault(number, tenant, code)
        notifier.pass_time(2 * HOUR, 2 * MINUTE)
    for address, tenants in concerned.items():
        mails = notifier.mailbox.to(address)
        for at, tenant, _, number in faults:
            noted = NOW + timedelta(seconds=at)
            about = [one for one in mails if f"/t/{tenant}" in one.text and one.at >= noted]
            if tenant in tenants:
                assert about[0].at - noted < HOUR, (address, number)
            else:
                assert about == [], address
        for tenant in tenants:
            mine = [one for one in mails if f"/t/{tenant}" in one.text]
            counted = sum(int(one.mail["Subject"].split(": ")[1].split()[0]) for one in mine)
            assert counted == sum(fault[1] == tenant for fault in faults)
            assert len(mine) <= 24 * len(CODES)
            per_hour = Counter((one.at - NOW) // HOUR for one in mine)
            assert max(per_hour.values()) <= len(CODES) + 1
    assert {one.to for one in notifier.mailbox.got} == {one for one, tenants in concerned.items() if tenants}
    for one in notifier.mailbox.got:
        assert not any(secret in one.text for secret in SECRETS)


CODES = ("CONTACT_NOT_FOUND", "TAX_MISSING", "UNKNOWN")


def test_a_mail_server_that_is_dead_for_hours_loses_no_alert_and_holds_up_no_chat(notifier: Notifier) -> None:
    ada = notifier.person("ada", [("acme", "viewer")], [(None, True, False)])
    for number in range(1, 31):
        notifier.fault(number)
        notifier.pass_time(6 * MINUTE)
        if number == 15:
            notifier.start()  # what waits outlives the process
    assert notifier.mailbox.got == []
    (told,) = (box for key, box in notifier.chats.items() if key == "chat/url-every")
    assert sum(int(message.subject.split(": ")[1].split()[0]) for message in told.got) >= 20
    with mail_server(notifier.mailbox, notifier.port):
        notifier.pass_time(10 * MINUTE)
    (mail,) = notifier.mailbox.to(ada)
    assert "30 documents at fault" in mail.text


def test_an_address_that_is_refused_holds_up_nobody(notifier: Notifier) -> None:
    bad = notifier.person("bad", [("acme", "viewer")], [(None, True, False)])
    good = notifier.person("good", [("acme", "viewer")], [(None, True, False)])
    notifier.mailbox.refused.add(bad)
    notifier.fault(1)
    with mail_server(notifier.mailbox, notifier.port):
        notifier.pass_time(5 * MINUTE)
        assert [one.to for one in notifier.mailbox.got] == [good]
        notifier.mailbox.refused.clear()
        notifier.pass_time(HOUR)
    assert [one.to for one in notifier.mailbox.got] == [good, bad]


def test_a_crash_between_sending_and_recording_repeats_one_message_and_no_more(
    notifier: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = notifier.person("ada", [(None, "viewer")], [(None, True, False)])
    for number, tenant in enumerate(("acme", "beta", "gamma"), start=1):
        notifier.fault(number, tenant)

    def lost(*_: object) -> None:
        raise OperationalError("", {}, Exception("gone"))

    with mail_server(notifier.mailbox, notifier.port):
        with monkeypatch.context() as broken:
            broken.setattr(store, "told", lost)
            with pytest.raises(OperationalError):
                notifier.pass_time(5 * MINUTE)
            assert len(notifier.mailbox.got) == 1
            with pytest.raises(OperationalError):
                notifier.pass_time(MINUTE)  # nothing more is sent before what was sent is recorded
            assert len(notifier.mailbox.got) == 1
        notifier.start()
        notifier.pass_time(2 * HOUR)
    mails = notifier.mailbox.to(ada)
    assert len(mails) == 4
    assert len({one.mail["Message-ID"] for one in mails}) == 3


def test_a_database_that_comes_back_repeats_nothing(
    notifier: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    notifier.person("ada", [("acme", "viewer")], [(None, True, False)])
    notifier.fault(1)

    def lost(*_: object) -> None:
        raise OperationalError("", {}, Exception("gone"))

    with mail_server(notifier.mailbox, notifier.port):
        with monkeypatch.context() as broken:
            broken.setattr(store, "told", lost)
            with pytest.raises(OperationalError):
                notifier.pass_time(5 * MINUTE)
        notifier.pass_time(2 * HOUR)
    assert len(notifier.mailbox.got) == 1


def test_a_replica_whose_lease_is_gone_notices_and_sends_nothing(notifier: Notifier) -> None:
    engine = notifier.read_model.engine
    notifier.execute("DELETE FROM lease")
    first, second = Leases(engine, 60), Leases(engine, 60)
    old = first.acquire("alerts/notice")
    assert old is not None
    assert second.acquire("alerts/notice") is None
    first.release("alerts/notice")
    assert second.acquire("alerts/notice") is not None
    notifier.fault(1)
    notifier.believe()
    with pytest.raises(LeaseLostError):
        Noticing(engine, old, Audience(mail=True, chats=[]), notifier.clock).look()
    notifier.pass_time(5 * MINUTE)
    notifier.fault(2, code="TAX_MISSING")
    notifier.believe()
    notifier.noticing.look()
    chat = ChatTarget("chat/url-every", None)
    stale = Sending(engine, old, notifier.chats[chat.key], chat, None, notifier.clock)
    before = len(notifier.chats[chat.key].got)
    notifier.clock.move(hours=2)
    with pytest.raises(LeaseLostError):
        stale.turn(notifier.stopping)
    assert len(notifier.chats[chat.key].got) == before


def test_a_read_model_that_is_filled_again_tells_nothing_twice(notifier: Notifier) -> None:
    notifier.person("ada", [("acme", "viewer")], [(None, True, False)])
    with mail_server(notifier.mailbox, notifier.port):
        notifier.fault(1, revision=1)
        notifier.pass_time(2 * HOUR)
        notifier.fault(1, revision=2)
        notifier.pass_time(2 * HOUR)
        assert len(notifier.mailbox.got) == 2
        notifier.read_model.clear()
        notifier.pass_time(5 * MINUTE)
        notifier.fault(1, revision=1)
        notifier.pass_time(2 * HOUR)
        notifier.fault(1, revision=2)
        notifier.pass_time(2 * HOUR)
    assert len(notifier.mailbox.got) == 2


def test_what_is_not_known_to_be_the_latest_yet_is_not_told(notifier: Notifier) -> None:
    """While topics are read again from their beginning, documents pass through faults that are long over."""
    notifier.person("ada", [("acme", "viewer")], [(None, True, False)])
    notifier.believe()
    notifier.clock.move(hours=1)
    notifier.fault(1)
    notifier.connection("down")
    notifier.clock.move(hours=1)
    with mail_server(notifier.mailbox, notifier.port):
        notifier.turn()
        notifier.clock.move(hours=1)
        notifier.turn()
    assert notifier.mailbox.got == []


def test_a_fault_that_is_not_final_is_told_to_nobody(notifier: Notifier) -> None:
    notifier.person("ada", [("acme", "viewer")], [(None, True, False)])
    with mail_server(notifier.mailbox, notifier.port):
        notifier.fault(1, attempt=1)
        notifier.pass_time(2 * HOUR)
        assert notifier.mailbox.got == []
        notifier.fault(1, revision=2, attempt=1, strike=False, final=True, code="EVENT_UNREADABLE")
        notifier.pass_time(5 * MINUTE)
    assert len(notifier.mailbox.got) == 1


def test_a_connection_is_told_once_when_it_turns_red_and_once_when_it_works_again(notifier: Notifier) -> None:
    ada = notifier.person("ada", [("acme", "viewer")], [(None, True, False)])
    with mail_server(notifier.mailbox, notifier.port):
        notifier.connection("connected")
        notifier.pass_time(MINUTE)
        notifier.connection("refused")
        notifier.pass_time(5 * MINUTE)
        (red,) = notifier.mailbox.to(ada)
        assert "Xero refuses our access" in red.text
        notifier.pass_time(5 * HOUR, 5 * MINUTE)
        assert len(notifier.mailbox.got) == 1
        late = notifier.person("late", [("acme", "viewer")], [(None, True, False)])
        notifier.connection("connected")
        notifier.pass_time(5 * HOUR, 5 * MINUTE)
    assert ["works again" in one.text for one in notifier.mailbox.to(ada)] == [False, True]
    assert notifier.mailbox.to(late) == []


def test_a_connection_that_flaps_all_day_is_no_storm(notifier: Notifier) -> None:
    notifier.person("ada", [("acme", "viewer")], [(None, True, False)])
    with mail_server(notifier.mailbox, notifier.port):
        for _ in range(36):
            notifier.connection("down")
            notifier.pass_time(5 * MINUTE)
            notifier.connection("connected")
            notifier.pass_time(5 * MINUTE)
        notifier.pass_time(2 * HOUR, 5 * MINUTE)
    assert 6 <= len(notifier.mailbox.got) <= 2 * (6 * HOUR // AGAIN + 1)
    assert "works again" in notifier.mailbox.got[-1].text


def test_a_role_or_wish_that_ended_meanwhile_tells_nobody_more(notifier: Notifier) -> None:
    notifier.person("ada", [("acme", "viewer")], [(None, True, False)])
    notifier.person("ben", [("acme", "viewer")], [(None, True, False)])
    notifier.person("cyd", [("acme", "viewer")], [(None, True, False)])
    notifier.fault(1)
    notifier.pass_time(MINUTE)
    notifier.execute("DELETE FROM person_grant WHERE person_id = 'ada'")
    notifier.execute("UPDATE alert_wish SET \"on\" = false WHERE person_id = 'ben'")
    notifier.execute("UPDATE person SET state = 'disabled' WHERE person_id = 'cyd'")
    with mail_server(notifier.mailbox, notifier.port):
        notifier.pass_time(2 * HOUR, 5 * MINUTE)
    assert notifier.mailbox.got == []


def test_details_reach_who_wants_them_and_are_not_kept_after_that(notifier: Notifier) -> None:
    ada = notifier.person("ada", [("acme", "viewer")], [(None, True, True)])
    ben = notifier.person("ben", [("acme", "viewer")], [(None, True, False)])
    notifier.tenant("delta", '{"detailed": true, "targets": ["finance"]}')
    with mail_server(notifier.mailbox, notifier.port):
        notifier.fault(1)
        notifier.fault(2, "delta")
        notifier.pass_time(5 * MINUTE)
    (detailed,), (generic,) = notifier.mailbox.to(ada), notifier.mailbox.to(ben)
    assert "Hush Holdings" in detailed.text
    assert "Example Company One" in detailed.text
    assert not any(secret in generic.text for secret in SECRETS)
    assert f"{DASHBOARD}/t/acme" in generic.text
    (told,) = notifier.chats["chat/finance"].got
    assert "Hush Holdings" in told.body
    acme, delta = sorted(notifier.chats["chat/url-every"].got, key=lambda one: one.subject)
    assert "Hush Holdings" not in acme.body
    assert "Hush Holdings" in delta.body
    kept = notifier.read_model.rows("SELECT * FROM alert_waiting")
    assert kept
    assert not any(secret in str(kept) for secret in SECRETS)


def test_what_was_never_wanted_is_not_kept(notifier: Notifier) -> None:
    notifier.person("ada", [("acme", "viewer")], [(None, True, False)])
    notifier.fault(1)
    notifier.pass_time(MINUTE)
    kept = notifier.read_model.rows("SELECT * FROM alert_waiting")
    assert {row["count"] for row in kept} == {1}
    assert not any(secret in str(kept) for secret in SECRETS)


def test_a_chat_target_that_is_down_is_told_later_and_holds_up_no_other(notifier: Notifier) -> None:
    notifier.execute(
        "UPDATE tenant SET settings = CAST(:settings AS jsonb) WHERE tenant_id = 'acme'",
        settings='{"alerts": {"targets": ["finance"]}}',
    )
    notifier.chats["chat/finance"].down = True
    notifier.fault(1)
    notifier.pass_time(10 * MINUTE)
    assert len(notifier.chats["chat/url-every"].got) == 1
    assert notifier.chats["chat/finance"].got == []
    notifier.chats["chat/finance"].down = False
    notifier.pass_time(10 * MINUTE)
    assert [len(box.got) for box in notifier.chats.values()] == [1, 1]


def test_more_faults_at_once_than_a_transaction_takes_are_all_told(notifier: Notifier) -> None:
    notifier.execute(
        "INSERT INTO document (tenant_id, kind, id, fault_revision, fault_at, fault_attempt, fault_code, fault_text, fault_strike,"
        " fault_final) SELECT 'acme', 'invoice', id, 1, :at, 3, 'UNKNOWN', 'x', true, false FROM generate_series(1, 2500) id",
        at=notifier.clock.at,
    )
    notifier.pass_time(5 * MINUTE)
    (message,) = notifier.chats["chat/url-every"].got
    assert "2500 documents at fault" in message.subject
