from __future__ import annotations

import pytest

from service_runtime.config import ConfigurationError, Environment
from status_api.server.auth import Authenticator
from status_api.server.problems import Problem

TOKEN = "0123456789abcdef"


def test_the_token_lets_in() -> None:
    assert Authenticator(TOKEN).actor(f"Bearer {TOKEN}").name == "admin-token"
    assert Authenticator(TOKEN).actor(f"bearer  {TOKEN} ").name == "admin-token"


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}é", "Bearer \udcff"]
)
def test_nothing_else_lets_in(header: str | None) -> None:
    with pytest.raises(Problem) as refused:
        Authenticator(TOKEN).actor(header)
    assert refused.value.status == 401


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer None", f"Bearer {TOKEN}"])
def test_without_a_token_nobody_is_let_in(header: str | None) -> None:
    with pytest.raises(Problem):
        Authenticator(None).actor(header)


def test_a_short_token_stops_the_start_and_is_not_repeated() -> None:
    with pytest.raises(ConfigurationError, match="at least 16") as refused:
        Authenticator.from_environment(Environment({"STATUS_API_ADMIN_TOKEN": "tooshort"}))
    assert "tooshort" not in str(refused.value)


def test_an_authenticator_does_not_show_its_token() -> None:
    assert TOKEN not in repr(Authenticator(TOKEN).__dict__)
