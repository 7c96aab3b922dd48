"""Where alerts go: what is configured, and what mail servers are told."""

from __future__ import annotations

import shutil
import smtplib
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from local_stack.ports import LOOPBACK, free_port
from service_runtime.config import ConfigurationError, Environment
from status_api.core.alert_texts import Message
from status_api.notify.chat import Chat, read_chats
from status_api.notify.mail import Mail, MailServer
from status_api.notify.sending import AddressRefusedError, ChannelDownError

MESSAGE = Message("Acme: 1 document at fault", "News of Zoë's tenant\n", urgent=True, key="abc123")


def server(url: str, **more: str) -> MailServer:
    made = MailServer.read(Environment({"SMTP_URL": url, **more}))
    assert made is not None
    return made


def test_a_mail_server_is_read_with_everything_its_address_says() -> None:
    made = server("smtps://an%40na:p%2Fw@mail.example.com?from=Sync@Example.com")
    assert (made.host, made.port, made.implicit_tls) == ("mail.example.com", 465, True)
    assert (made.user, made.password, made.sender) == ("an@na", "p/w", "sync@example.com")
    assert server("smtp://me%40example.com:x@h:2525").sender == "me@example.com"
    assert MailServer.read(Environment({})) is None


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "http://user:hidden@host?from=a@b.c",
        "smtp://user:hidden@host",
        "smtp://user:hidden@host?from=nobody",
        "smtp://user:hidden@host?from=a@b.c&tls=no",
        "smtp://user:hidden@host:70000?from=a@b.c",
        "smtp://user:hidden@/?from=a@b.c",
    ],
)
def test_a_wrong_mail_server_is_refused_in_one_line_without_its_password(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"SMTP_URL .*wanted") as caught:
        server(url)
    assert "hidden" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_password_is_not_shown_where_the_server_is() -> None:
    assert "hidden" not in repr(server("smtp://user:hidden@host?from=a@b.c"))


def test_chat_targets_with_and_without_a_name_are_told_apart_and_show_no_address() -> None:
    chats = read_chats(Environment({"ALERT_URLS": "finance=json://hidden@h1/x?y=1  json://h2\nxml://h3"}))
    assert [chat.target.name for chat in chats] == ["finance", None, None]
    assert chats[0].url == "json://hidden@h1/x?y=1"
    assert len({chat.target.key for chat in chats}) == 3
    assert "hidden" not in repr(chats)
    assert read_chats(Environment({})) == []


@pytest.mark.parametrize("value", ["json://h nonsense", "json://h nonsense://hidden", "a=json://h a=json://i", "json://h json://h"])  # fmt: skip
def test_a_wrong_chat_target_is_refused_by_its_place_without_its_address(value: str) -> None:
    with pytest.raises(ConfigurationError, match="entry 2") as caught:
        read_chats(Environment({"ALERT_URLS": value}))
    assert "hidden" not in str(caught.value)


def test_a_chat_target_that_does_not_answer_is_down_and_its_address_is_told_to_no_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(ChannelDownError) as caught:
        Chat(f"json://user:hidden@{LOOPBACK}:{free_port()}/").deliver("", MESSAGE)
    assert "hidden" not in str(caught.value) + caplog.text


def test_a_mail_is_plain_says_that_a_machine_wrote_it_and_keeps_its_identity() -> None:
    mail = Mail(server("smtp://h?from=sync@example.com"))
    first, second = (mail.composed("anna@example.com", MESSAGE) for _ in range(2))
    assert first["Message-ID"] == second["Message-ID"] == "<abc123@example.com>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Importance"] == "high"
    assert first.get_content_type() == "text/plain"
    assert "Zoë" in first.get_content()


class Sink:
    """Takes mail in, or answers `answer` to its end."""

    def __init__(self, answer: str = "250 OK") -> None:
        self.answer = answer
        self.got: list[Any] = []

    async def handle_DATA(self, _server: object, session: Any, _envelope: object) -> str:  # noqa: ANN401, N802  # aiosmtpd's
        self.got.append((session.authenticated, session.ssl is not None))
        return self.answer


@contextmanager
def listening(sink: Sink, **options: Any) -> Iterator[int]:  # noqa: ANN401  # aiosmtpd's options
    controller = Controller(sink, hostname=LOOPBACK, port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def test_a_server_that_is_away_or_falls_silent_is_down() -> None:
    with pytest.raises(ChannelDownError, match="ConnectionRefusedError"):
        Mail(server(f"smtp://{LOOPBACK}:{free_port()}?from=a@b.c")).deliver("x@y.z", MESSAGE)


def test_a_message_that_the_server_refuses_is_not_taken_for_delivered() -> None:
    with (
        listening(Sink("554 looks like spam")) as port,
        pytest.raises(AddressRefusedError, match="554"),
    ):
        Mail(server(f"smtp://{LOOPBACK}:{port}?from=a@b.c")).deliver("x@y.z", MESSAGE)


def test_a_password_is_not_sent_to_a_server_without_tls() -> None:
    sink = Sink()
    offered: list[object] = []

    def check(*given: object) -> AuthResult:
        offered.append(given)
        return AuthResult(success=True)

    with (
        listening(sink, authenticator=check, auth_require_tls=False) as port,
        pytest.raises(ChannelDownError, match="no TLS"),
    ):
        Mail(server(f"smtp://user:pw@{LOOPBACK}:{port}?from=a@b.c")).deliver("x@y.z", MESSAGE)
    assert offered == sink.got == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of the loopback address, with its key beside it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: nothing can make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-addext", f"subjectAltName=IP:{LOOPBACK}", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem"


def test_a_server_with_tls_gets_the_password_and_one_with_another_certificate_does_not(
    certificate: Path,
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, certificate.parent / "key.pem")
    sink = Sink()

    def check(*_: object) -> AuthResult:
        return AuthResult(success=True)

    with listening(sink, authenticator=check, tls_context=context) as port:
        url = f"smtp://user:pw@{LOOPBACK}:{port}?from=a@b.c"
        Mail(server(url, REQUESTS_CA_BUNDLE=str(certificate))).deliver("x@y.z", MESSAGE)
        with pytest.raises(ChannelDownError, match="SSL"):
            Mail(server(url)).deliver("x@y.z", MESSAGE)
    assert sink.got == [(True, True)]


def test_a_session_that_ends_badly_after_the_message_was_taken_is_a_delivery(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def cut(_: smtplib.SMTP) -> None:
        raise smtplib.SMTPServerDisconnected("cut")

    monkeypatch.setattr(smtplib.SMTP, "quit", cut)
    sink = Sink()
    with listening(sink) as port:
        Mail(server(f"smtp://{LOOPBACK}:{port}?from=a@b.c")).deliver("x@y.z", MESSAGE)
    assert len(sink.got) == 1
