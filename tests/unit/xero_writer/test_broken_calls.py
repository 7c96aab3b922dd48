"""What broke a call is told by its kind, and never in words that could hold an address."""

from __future__ import annotations

import requests

from xero_writer.adapters.broken_calls import root_of


def test_the_kind_of_the_first_error_is_told_and_none_of_its_words() -> None:
    error = requests.ConnectionError("wrapped")
    error.__context__ = ConnectionResetError("reset by 203.0.113.7")
    assert root_of(error) == "ConnectionResetError"
