"""`status-api notify` as a process, and dead letters on a real broker."""

from __future__ import annotations

import itertools
import uuid
from pathlib import Path
from typing import NoReturn

import pytest
import requests

from local_stack.topics import Topic
from service_runtime.kafka import make_consumer
from status_api.notify.dead_letters import DeadLetterWatch
from status_api.notify.noticing import Audience
from tests.integration.status_api.conftest import ReadModel
from tests.integration.status_api.notify_kit import Notifier, mail_server
from tests.integration.status_api.test_serving import process
from tests.support.topics import Topics
from tests.support.waiting import wait_until

pytestmark = pytest.mark.stack


@pytest.fixture
def notifier(read_model: ReadModel) -> Notifier:
    """One tenant, one person of theirs and one of the installation."""
    made = Notifier(read_model)
    made.execute("DELETE FROM lease")
    made.tenant("acme")
    made.person("ada", [("acme", "viewer")], [(None, True, False)])
    made.person("root", [(None, "admin")], [(None, True, False)])
    return made


def watched(notifier: Notifier, bootstrap: str) -> dict[tuple[str, str, str], int]:
    """What waits after dead letters were read to their ends, as a process that starts now would."""
    watch = DeadLetterWatch(
        notifier.read_model.engine, None, Audience(mail=True, chats=[]), make_nothing, notifier.clock
    )
    consumer = make_consumer({"bootstrap.servers": bootstrap}, f"tests-{uuid.uuid4()}", "tests")
    turns = itertools.count()
    try:
        watch.follow(consumer, lambda: next(turns) >= 8)
    finally:
        consumer.close()
    rows = notifier.read_model.rows("SELECT target, tenant_id, cause, count FROM alert_waiting")
    return {(row["target"], row["tenant_id"], row["cause"]): row["count"] for row in rows}


def make_nothing() -> NoReturn:
    raise AssertionError("it is given its consumer")


def test_no_dead_letter_is_overlooked_or_told_twice_and_others_services_are_left_to_them(
    notifier: Notifier, kafka: str, kafka_topics: tuple[Topic, ...]
) -> None:
    topics = Topics(kafka)
    watched(notifier, kafka)  # what other tests left
    notifier.execute("DELETE FROM alert_waiting")
    topics.send_raw("poller.dlq", b"acme/invoice/1", [("tenant", b"acme")], b"?")
    topics.send_raw("poller.dlq", b"acme", [], b"?")
    topics.send_raw("status-api.dlq", b"\xff", [("tenant", b"nobody")], b"?")
    topics.send_raw("mapper.dlq", b"acme/invoice/1", [("tenant", b"acme")], b"?")
    wanted = {
        ("mail/ada", "acme", "dead-letters/poller"): 2,
        ("mail/root", "acme", "dead-letters/poller"): 2,
        ("mail/root", "", "dead-letters/status-api"): 1,
    }
    assert watched(notifier, kafka) == wanted
    assert watched(notifier, kafka) == wanted


def test_the_role_tells_of_faults_and_dead_letters_shows_its_metrics_and_ends_well(
    tmp_path: Path,
    migrated_url: str,
    kafka: str,
    kafka_topics: tuple[Topic, ...],
    notifier: Notifier,
) -> None:
    url = migrated_url.replace("postgresql+psycopg2://", "postgresql://")
    notifier.fault(1, code="CAN_NOT_TAKE_BACK", final=True)
    notifier.believe()
    told = {
        "SMTP_URL": f"smtp://127.0.0.1:{notifier.port}?from=sync@example.com",
        "ALERT_URLS": "ops=json://user:secret-1@127.0.0.1:9/",
        "DASHBOARD_URL": "https://sync.example.com/",
    }
    mailbox = notifier.mailbox
    with (
        mail_server(mailbox, notifier.port),
        process("notify", tmp_path, url, kafka, **told) as running,
    ):
        wait_until(lambda: len(mailbox.got) == 2, "both to be told")
        assert {one.to for one in mailbox.got} == {"ada@people.example", "root@people.example"}
        assert all(one.mail["Subject"].startswith("Urgent: ") for one in mailbox.got)
        assert all("https://sync.example.com/t/acme" in one.text for one in mailbox.got)
        metrics = requests.get(running.metrics_url + "/metrics", timeout=5).text
        assert 'invoice_sync_alerts_total{channel="mail",outcome="delivered"} 2.0' in metrics
        assert requests.get(running.metrics_url + "/healthz", timeout=5).ok
    assert notifier.read_model.rows("SELECT 1 FROM lease WHERE expires_at > clock_timestamp()") == []
