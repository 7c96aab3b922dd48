from __future__ import annotations

import pytest

from service_runtime.config import ConfigurationError, Environment
from status_api.core.access import Actor, Grant, Role
from status_api.server.auth import Authenticator, require_role
from status_api.server.operations import Answer, Operation
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


EVE = Actor("eve@example.com", (Grant("acme", Role.VIEWER),), "p1", "t1")


def test_only_what_can_be_a_token_is_looked_up() -> None:
    asked: list[str] = []

    def find(secret: str) -> Actor | None:
        asked.append(secret)
        return EVE if secret == "ist_eve" else None

    authenticator = Authenticator(TOKEN, find)
    assert authenticator.actor("Bearer ist_eve") is EVE
    for other in ("ist_other", "isi_invitation", "guess", "ist_é", TOKEN + "x"):
        with pytest.raises(Problem):
            authenticator.actor(f"Bearer {other}")
    assert authenticator.actor(f"Bearer {TOKEN}").person_id is None
    assert asked == ["ist_eve", "ist_other"]


def test_a_role_somewhere_opens_only_what_asks_for_no_more() -> None:
    operation = Operation(
        "GET", "/x", "x", "x", {200: {}}, lambda _: Answer({}), needs=Role.OPERATOR, somewhere=True
    )
    require_role(operation, Actor("o", (Grant("acme", Role.VIEWER), Grant("beta", Role.OPERATOR))), {})
    for actor in (EVE, Actor("nobody")):
        with pytest.raises(Problem) as refused:
            require_role(operation, actor, {})
        assert refused.value.status == 403
