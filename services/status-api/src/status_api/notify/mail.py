"""Mail over SMTP."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit

from invoice_events.identity import utc_now
from service_runtime.config import ConfigurationError, Environment
from status_api.core.alert_texts import Message
from status_api.core.people import BadTextError, email_of
from status_api.notify.sending import AddressRefusedError, ChannelDownError

_TIMEOUT_SECONDS = 20.0
_PORTS = {"smtp": 25, "smtps": 465}
_WANTED = "smtp://user:password@host:port?from=alerts@example.com (smtps:// for TLS from the first byte)"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and in whose name.

    Attributes:
        host: name or address.
        port: TCP port.
        implicit_tls: TLS from the first byte; otherwise STARTTLS wherever the server offers it.
        user: None: without signing in.
        password: only ever sent over TLS.
        sender: address that mail comes from.
        certificates: file with certificates to trust; None: the system's.
    """

    host: str
    port: int
    implicit_tls: bool
    user: str | None
    password: str | None = field(repr=False)
    sender: str
    certificates: str | None = None

    @classmethod
    def read(cls, env: Environment) -> MailServer | None:
        """From SMTP_URL; None if it is not set.

        Raises:
            ConfigurationError: it has the wrong form. It is not repeated: it may hold a password.
        """
        value = env.optional("SMTP_URL")
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            port = parts.port
        except ValueError:  # a broken IPv6 address or port
            raise _wrong() from None
        query = parse_qs(parts.query)
        if parts.scheme not in _PORTS or not parts.hostname or port == 0 or set(query) - {"from"}:
            raise _wrong()
        user = unquote(parts.username) if parts.username else None
        try:
            sender = email_of(query["from"][0] if "from" in query else user or "")
        except BadTextError:
            raise ConfigurationError(
                f"SMTP_URL names no sender: wanted {_WANTED}; from= may be left out if the user is an e-mail address"
            ) from None
        return cls(
            parts.hostname,
            port or _PORTS[parts.scheme],
            parts.scheme == "smtps",
            user,
            unquote(parts.password) if parts.password else None,
            sender,
            env.optional("REQUESTS_CA_BUNDLE"),
        )


def _wrong() -> ConfigurationError:
    return ConfigurationError(f"SMTP_URL has the wrong form: wanted {_WANTED}")


class Mail:
    """Hands each message over in a session of its own: nothing is left open while there is nothing to say."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def deliver(self, address: str, message: Message) -> None:
        """Hand a mail over; it is delivered once the server has answered the message's end with 250.

        Raises:
            ChannelDownError: the server can not be reached, is cut off in mid-session, or takes mail from us of nobody.
            AddressRefusedError: it refuses this address or this message.
        """
        server = self._server
        context = ssl.create_default_context(cafile=server.certificates)
        try:
            session = (
                smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT_SECONDS, context=context)
                if server.implicit_tls
                else smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_SECONDS)
            )
            try:
                self._send(session, context, address, message)
            finally:
                with contextlib.suppress(
                    OSError, smtplib.SMTPException
                ):  # what it answered to the message counts
                    session.quit()
        except smtplib.SMTPRecipientsRefused as error:
            ((code, _),) = error.recipients.values()
            raise AddressRefusedError(f"the mail server answers {code}") from None
        except (smtplib.SMTPDataError, smtplib.SMTPNotSupportedError) as error:
            raise AddressRefusedError(f"the mail server refuses the message: {_told(error)}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise ChannelDownError(f"the mail server {server.host}:{server.port}: {_told(error)}") from None

    def _send(self, session: smtplib.SMTP, context: ssl.SSLContext, address: str, message: Message) -> None:
        server = self._server
        session.ehlo()
        encrypted = server.implicit_tls
        if not encrypted and session.has_extn("starttls"):
            session.starttls(context=context)
            session.ehlo()
            encrypted = True
        if server.user is not None:
            if not encrypted:
                raise ChannelDownError(
                    f"the mail server {server.host}:{server.port} offers no TLS, so the password is not sent"
                )
            session.login(server.user, server.password or "")
        session.send_message(self.composed(address, message), server.sender, [address])

    def composed(self, address: str, message: Message) -> EmailMessage:
        """The mail as it is handed over."""
        ascii_only = (address + self._server.sender).isascii()
        mail = EmailMessage(policy=SMTP if ascii_only else SMTPUTF8)
        mail["From"] = self._server.sender
        mail["To"] = address
        mail["Subject"] = message.subject
        mail["Date"] = format_datetime(utc_now())
        mail["Message-ID"] = f"<{message.key}@{self._server.sender.partition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # an absence note must not be answered to us
        if message.urgent:
            mail["Importance"] = "high"
        mail.set_content(message.body)
        return mail


def _told(error: Exception) -> str:
    """What happened, without the server's words: they could repeat what was sent."""
    code = getattr(error, "smtp_code", None)
    return f"it answers {code}" if isinstance(code, int) else type(error).__name__
