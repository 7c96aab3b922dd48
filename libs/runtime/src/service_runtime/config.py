"""Configuration from environment variables: typed, checked at start, refused in one line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError


class ConfigurationError(Exception):
    """A variable or file is missing or wrong. The message is one line: what is wrong, and what is wanted."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Reads variables, naming the variable and what it wants when one is wrong.

    Attributes:
        values: the variables, by default those of the process.
    """

    values: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)  # holds passwords

    def text(self, name: str, wanted: str) -> str:
        """A variable that must be set and not empty.

        Raises:
            ConfigurationError: it is missing or empty.
        """
        value = self.values.get(name, "").strip()
        if not value:
            raise ConfigurationError(f"{name} is not set: wanted {wanted}")
        return value

    def optional(self, name: str) -> str | None:
        """A variable that may be missing; empty counts as missing."""
        return self.values.get(name, "").strip() or None

    def number(self, name: str, default: float, *, minimum: float, unit: str) -> float:
        """A number with a lower bound.

        Raises:
            ConfigurationError: it is no number, or below the bound.
        """
        text = self.optional(name)
        if text is None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not value >= minimum or value == float("inf"):
            raise ConfigurationError(f"{name} is {text!r}: wanted a number of {unit}, at least {minimum:g}")
        return value

    def port(self, name: str, default: int) -> int:
        """A TCP port.

        Raises:
            ConfigurationError: it is no whole number from 0 to 65535.
        """
        text = self.optional(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and int(text) <= 65535):  # noqa: PLR2004  # the highest port
            raise ConfigurationError(f"{name} is {text!r}: wanted a port from 0 to 65535")
        return int(text)

    def url(self, name: str, default: str | None = None) -> str:
        """An http or https address, without a trailing slash.

        Raises:
            ConfigurationError: it is missing without a default, or no such address.
        """
        text = self.optional(name) or default
        if text is None:
            raise ConfigurationError(f"{name} is not set: wanted an http or https address")
        if not _is_http(text):
            shown = "no address" if "@" in text else repr(text)  # it may hold a password
            raise ConfigurationError(f"{name} is {shown}: wanted an http or https address")
        return text.rstrip("/")

    def database_url(self, name: str = "DATABASE_URL") -> str:
        """A PostgreSQL address as SQLAlchemy with psycopg2 wants it.

        Raises:
            ConfigurationError: it is missing or no `postgresql://` address. The value itself is never repeated: it may hold a password.
        """
        text = self.text(name, "postgresql://user:password@host:port/database")
        for prefix in ("postgresql://", "postgres://", "postgresql+psycopg2://"):
            if text.startswith(prefix) and len(text) > len(prefix):
                url = "postgresql+psycopg2://" + text.removeprefix(prefix)
                if _is_database_url(url):
                    return url
        raise ConfigurationError(
            f"{name} has the wrong form: wanted postgresql://user:password@host:port/database"
        )

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """One of a few words.

        Raises:
            ConfigurationError: another word.
        """
        text = self.optional(name) or default
        if text not in choices:
            raise ConfigurationError(f"{name} is {text!r}: wanted one of {', '.join(choices)}")
        return text


_KAFKA_PREFIX = "KAFKA_"
_WITH_UNDERSCORE = frozenset({"log_level"})  # the one text option that librdkafka spells so


def kafka_options(env: Environment) -> dict[str, str]:
    """Librdkafka options from `KAFKA_<OPTION>` variables (`KAFKA_SASL_MECHANISM` is `sasl.mechanism`).

    Raises:
        ConfigurationError: KAFKA_BOOTSTRAP_SERVERS is missing.
    """
    env.text("KAFKA_BOOTSTRAP_SERVERS", "host:port, comma separated")
    return {
        _option(name): value
        for name, value in env.values.items()
        if name.startswith(_KAFKA_PREFIX) and value.strip()
    }


def _option(variable: str) -> str:
    option = variable.removeprefix(_KAFKA_PREFIX).lower()
    return option if option in _WITH_UNDERSCORE else option.replace("_", ".")


def _is_http(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a broken IPv6 address or port
        return False


def _is_database_url(text: str) -> bool:
    try:
        make_url(text)
    except (ArgumentError, ValueError):
        return False
    return True
