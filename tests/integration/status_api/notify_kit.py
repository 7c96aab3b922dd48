"""Alerts for tests: a mailbox that real SMTP fills, and everything that notify does, moved by hand through time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import text

from local_stack.ports import LOOPBACK, free_port
from service_runtime.config import Environment
from status_api.core.alert_texts import Message
from status_api.core.alerts import ChatTarget
from status_api.notify.mail import Mail, MailServer
from status_api.notify.noticing import Audience, Noticing
from status_api.notify.sending import ChannelDownError, Sending
from tests.integration.status_api.conftest import NOW, ReadModel
from tests.integration.status_api.people_kit import Clock
from tests.integration.status_api.samples import event

DASHBOARD = "https://sync.example.com"


@dataclass(frozen=True)
class Got:
    """A mail, and when it came."""

    at: datetime
    to: str
    mail: EmailMessage

    @property
    def text(self) -> str:
        """Subject and body."""
        body = self.mail.get_body()
        assert body is not None
        content: str = body.get_content()
        return f"{self.mail['Subject']}\n{content}"


@dataclass
class Mailbox:
    """What a mail server takes in. `refused` addresses it answers 550."""

    clock: Clock
    refused: set[str] = field(default_factory=set)
    got: list[Got] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # as above
        content = envelope.content
        assert isinstance(content, bytes)
        mail: Any = message_from_bytes(content, policy=policy.default)
        (to,) = envelope.rcpt_tos
        self.got.append(Got(self.clock(), to, mail))
        return "250 OK"

    def to(self, address: str) -> list[Got]:
        """What one address got, in order."""
        return [one for one in self.got if one.to == address]


@contextmanager
def mail_server(mailbox: Mailbox, port: int) -> Iterator[None]:
    """A mail server that is there for a while."""
    controller = Controller(mailbox, hostname=LOOPBACK, port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


@dataclass
class ChatBox:
    """A chat target that takes messages, or does not."""

    got: list[Message] = field(default_factory=list)
    down: bool = False

    def deliver(self, _address: str, message: Message) -> None:
        if self.down:
            raise ChannelDownError("the chat is down")
        self.got.append(message)


class Notifier:
    """All that notify does, without its threads, at times that are moved by hand."""

    def __init__(self, read_model: ReadModel, *chats: ChatTarget) -> None:
        self.read_model = read_model
        self.clock = Clock()
        self.mailbox = Mailbox(self.clock)
        self.port = free_port()
        self.chats = {chat.key: ChatBox() for chat in chats}
        self._targets = chats
        self.stopping = threading.Event()
        self.start()

    def start(self) -> None:
        """Begin with nothing in memory, as after a crash."""
        server = MailServer.read(
            Environment({"SMTP_URL": f"smtp://{LOOPBACK}:{self.port}?from=sync@example.com"})
        )
        assert server is not None
        engine, audience = self.read_model.engine, Audience(mail=True, chats=self._targets)
        self.noticing = Noticing(engine, None, audience, self.clock)
        self.mail = Sending(engine, None, Mail(server), None, DASHBOARD, self.clock)
        self.sendings = [
            self.mail,
            *(
                Sending(engine, None, self.chats[target.key], target, DASHBOARD, self.clock)
                for target in self._targets
            ),
        ]

    def turn(self) -> None:
        """What each duty does in a moment."""
        self.noticing.look()
        for sending in self.sendings:
            sending.turn(self.stopping)

    def pass_time(self, span: timedelta, step: timedelta = timedelta(minutes=1)) -> None:
        """Let time pass, everybody doing what they do."""
        until = self.clock.at + span
        while self.clock.at < until:
            self.clock.at = min(self.clock.at + step, until)
            self.believe()
            self.turn()

    def believe(self) -> None:
        """Say that everything up to now is folded."""
        self.execute(
            "INSERT INTO progress (as_of) VALUES (:at) ON CONFLICT (one) DO UPDATE SET as_of = excluded.as_of",
            at=self.clock.at,
        )

    def fault(
        self,
        number: int,
        tenant: str = "acme",
        code: str = "CONTACT_NOT_FOUND",
        revision: int = 1,
        **more: object,
    ) -> None:
        """A final fault of an invoice, now."""
        fields: dict[str, Any] = {
            "occurred_at": self.clock.at,
            "code": code,
            "text": SECRET_TEXT,
            "attempt": 3,
            "strike": True,
            "final": False,
            **more,
        }
        document = f"invoice/{number}"
        found = event("invoice.discovered", document, revision, tenant=tenant)
        self.read_model.store(
            ("invoice.discovered", found | {"occurred_at": self.clock.at, "attempt": fields["attempt"]}),
            ("invoice.faulted", event("invoice.faulted", document, revision, tenant=tenant) | fields),
        )

    def connection(self, state: str, tenant: str = "acme", side: str = "xero") -> None:
        """The state of a connection, changed now."""
        health = {
            "tenant_id": tenant,
            "side": side,
            "service": "xero-writer",
            "state": state,
            "detail": "",
            "changed_at": self.clock.at,
            "checked_at": self.clock.at,
            "budgets": [],
        }
        self.read_model.store(("connection.health", health))

    def tenant(self, tenant_id: str, alerts: str = "{}") -> None:
        """A tenant with these settings of alerts."""
        self.execute(
            "INSERT INTO tenant (tenant_id, name, state, version, settings, updated_at, updated_by) VALUES (:id, :name,"
            " 'active', 1, json_build_object('alerts', CAST(:alerts AS json)), :at, 'test')",
            id=tenant_id, name=f"{tenant_id.title()} Ltd", alerts=alerts, at=NOW,
        )  # fmt: skip

    def person(
        self,
        name: str,
        grants: list[tuple[str | None, str]],
        wishes: list[tuple[str | None, bool, bool]],
    ) -> str:
        """A person with roles and wishes (tenant, on, detailed); returns the address."""
        address = f"{name}@people.example"
        self.execute(
            "INSERT INTO person VALUES (:id, :email, :id, NULL, 'active', :at, 'test')",
            id=name,
            email=address,
            at=NOW,
        )
        for tenant, role in grants:
            self.execute(
                "INSERT INTO person_grant VALUES (:id, :tenant, :role, :at, 'test')",
                id=name,
                tenant=tenant,
                role=role,
                at=NOW,
            )
        for tenant, on, detailed in wishes:
            self.execute(
                "INSERT INTO alert_wish VALUES (:id, :tenant, :on, :detailed)",
                id=name,
                tenant=tenant,
                on=on,
                detailed=detailed,
            )
        return address

    def execute(self, sql: str, **values: object) -> None:
        """One statement."""
        with self.read_model.engine.begin() as connection:
            connection.execute(text(sql), values)


SECRET_TEXT = "Contact 'Hush Holdings' of INV-9001 over 777.77 was not found"
SECRETS = ("Hush Holdings", "INV-9001", "777.77", "Example Company One", "20251118.1", "235.75")
"""What only who wants details may read."""
