"""Chat targets by Apprise: one address each, which is a secret and is told to nobody."""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import dataclass, field

from apprise import Apprise, NotifyFormat, NotifyType

from service_runtime.config import ConfigurationError, Environment
from status_api.core.alert_texts import Message
from status_api.core.alerts import CHAT, ChatTarget
from status_api.notify.sending import ChannelDownError

_NAMED = re.compile(r"([a-z0-9-]{1,40})=(.+)")
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class ChatAddress:
    """A chat target with its address.

    Attributes:
        target: what rows, settings and logs know of it.
        url: Apprise's address.
    """

    target: ChatTarget
    url: str = field(repr=False)


def read_chats(env: Environment) -> list[ChatAddress]:
    """Chat targets from ALERT_URLS: addresses separated by blanks, each with an optional `name=` before it.

    Those without a name are told of every tenant; those with one of tenants whose settings name them.

    Raises:
        ConfigurationError: an entry is no address that Apprise knows, or a name or address is there twice. Addresses are not repeated.
    """
    words = (env.optional("ALERT_URLS") or "").split()
    chats: list[ChatAddress] = []
    for place, word in enumerate(words, start=1):
        named = _NAMED.fullmatch(word)
        name, url = (named[1], named[2]) if named else (None, word)
        if not Chat.knows(url):
            raise ConfigurationError(
                f"ALERT_URLS: entry {place} is no address that Apprise knows: wanted addresses separated by blanks, each with an optional name= before it"
            )
        # A target without a name is known by a digest, so that what waits for it is found after a restart.
        key = CHAT + (name or "url-" + hashlib.sha256(url.encode()).hexdigest()[:_DIGITS])
        if any(chat.target.key == key for chat in chats):
            raise ConfigurationError(
                f"ALERT_URLS: entry {place} has the name or address of an earlier one: wanted each once"
            )
        chats.append(ChatAddress(ChatTarget(key, name), url))
    return chats


class Chat:
    """Delivers to one target."""

    def __init__(self, url: str) -> None:
        self._url = url

    @staticmethod
    def knows(url: str) -> bool:
        """Whether Apprise has a way to deliver there; it says nothing about whether it is answered."""
        return bool(_apprise(url))

    def deliver(self, address: str, message: Message) -> None:  # noqa: ARG002  # there is one address only
        """Hand a message over.

        Raises:
            ChannelDownError: it was not taken. Why is known to Apprise only, whose words could hold the address.
        """
        kind = NotifyType.FAILURE if message.urgent else NotifyType.WARNING
        try:
            taken = _apprise(self._url).notify(
                message.body, message.subject, notify_type=kind, body_format=NotifyFormat.TEXT.value
            )
        except Exception as error:  # noqa: BLE001  # a plug-in's error could hold the address
            raise ChannelDownError(f"Apprise failed with {type(error).__name__}") from None
        if not taken:
            raise ChannelDownError("Apprise could not deliver it")


def _apprise(url: str) -> Apprise:
    """Apprise with one address; false if it does not know it. Its own log is silenced: it may repeat addresses."""
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    found = Apprise()
    found.add(url)
    return found
