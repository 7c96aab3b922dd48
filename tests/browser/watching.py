"""What a browser complains of while a test runs. Whatever was not expected by name fails the test at its end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

_LOUD = frozenset({"error", "warning", "assert"})
_GIVEN_UP = "net::ERR_ABORTED"
"""A page that goes away gives up what it waited for: no failure."""
_NO_ADDRESS = ("data:", "blob:", "about:")


@dataclass
class Watch:
    """Hears consoles, page errors, failed requests, and requests to any address but the dashboard's own."""

    home: str
    _heard: list[str] = field(default_factory=list)
    _expected: list[re.Pattern[str]] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch every page of a context."""
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("requestfailed", self._failed)

    def expect(self, *patterns: str) -> None:
        """Complaints that match one of these are part of the test."""
        self._expected += [re.compile(pattern) for pattern in patterns]

    @property
    def unexpected(self) -> list[str]:
        """Everything else."""
        return [text for text in self._heard if not any(each.search(text) for each in self._expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in _LOUD:
            self._heard.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _error(self, error: WebError) -> None:
        self._heard.append(f"page error: {error.error}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.home}/", *_NO_ADDRESS)):
            self._heard.append(f"foreign request: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != _GIVEN_UP:
            self._heard.append(f"failed request: {request.url} {request.failure}")
