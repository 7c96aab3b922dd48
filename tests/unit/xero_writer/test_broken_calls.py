"""What broke a call is told by its kind, and never in words that could hold an address."""

from __future__ import annotations

import pytest
import requests

from xero_writer.adapters.broken_calls import root_of


def test_the_kind_of_the_first_error_is_told_and_none_of_its_words() -> None:
    address = "reset by 203.0.113.7"
    with pytest.raises(requests.ConnectionError) as caught:
        try:
            raise ConnectionResetError(address)
        except ConnectionResetError as error:
            raise requests.ConnectionError(error) from error
    assert root_of(caught.value) == "ConnectionResetError"
