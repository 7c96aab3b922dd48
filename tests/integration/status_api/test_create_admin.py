"""`status-api create-admin`: the first admin gets in, and no password is seen on the way."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.integration.status_api.conftest import ReadModel
from tests.integration.status_api.people_kit import PASSWORD, Town, grants_body

pytestmark = pytest.mark.stack


@pytest.fixture
def town(read_model: ReadModel) -> Town:
    return Town.on(read_model)


def _type(url: str, *arguments: str, password: str = "") -> tuple[int, str, str]:
    ended = subprocess.run(
        [sys.executable, "-m", "status_api", "create-admin", *arguments],
        env=os.environ | {"DATABASE_URL": url},
        input=password.encode("utf-8", "surrogatepass"),
        capture_output=True,
        check=False,
        timeout=60,
    )
    return ended.returncode, ended.stdout.decode(), ended.stderr.decode()


def test_the_first_admin_signs_in_with_the_password_from_standard_input(
    town: Town, module_database_url: str
) -> None:
    code, told, problem = _type(
        module_database_url, "--email", "Boss@Example.com", "--name", "The Boss", password=f"{PASSWORD}\nrest"
    )
    assert (code, problem) == (0, "")
    assert PASSWORD not in told
    signed_in = town.sign_in("boss@example.com")
    assert signed_in.json["person"]["name"] == "The Boss"
    assert signed_in.json["person"]["grants"] == grants_body((None, "admin"))
    assert town.audit(action="create-admin") == [("create-admin", "create-admin", None)]


def test_an_invitation_instead_of_a_password_is_printed_once(town: Town, module_database_url: str) -> None:
    code, told, _ = _type(module_database_url, "--email", "boss@example.com", "--invite")
    assert code == 0
    body = {"invitation": told.splitlines()[-1], "password": PASSWORD}
    town.did("POST", "/invitations/accepted", body, None)
    assert town.did("GET", "/people", token=town.session("boss@example.com"))


def test_it_is_the_way_back_in_for_somebody_who_is_disabled_or_lost_the_password(
    town: Town, module_database_url: str
) -> None:
    old = town.join("boss@example.com", ("acme", "viewer"), password="a forgotten password")
    town.did("DELETE", f"/people/{town.person_id('boss@example.com')}")
    assert _type(module_database_url, "--email", "boss@example.com", password=PASSWORD)[0] == 0
    person = town.sign_in("boss@example.com").json["person"]
    assert (person["name"], person["grants"]) == ("boss", grants_body((None, "admin"), ("acme", "viewer")))
    assert town.call("GET", "/me", token=old).status_code == 401


@pytest.mark.parametrize(
    ("arguments", "password", "words"),
    [
        (("--email", "boss@example.com"), "tooshort", "wanted at least 12"),
        (("--email", "boss@example.com"), "", "wanted at least 12"),
        (("--email", "no address"), PASSWORD, "wanted an e-mail address"),
        (("--email", "boss@example.com", "--password", PASSWORD), PASSWORD, "unrecognized arguments"),
        ((), PASSWORD, "--email"),
    ],
)
def test_what_is_wrong_is_said_and_makes_nobody(
    town: Town, module_database_url: str, arguments: tuple[str, ...], password: str, words: str
) -> None:
    code, told, problem = _type(module_database_url, *arguments, password=password)
    assert (code, told) == (2, "")
    assert words in problem
    assert "Traceback" not in problem
    assert town.did("GET", "/people")["items"] == []


def test_without_a_database_it_ends_with_one_line(town: Town) -> None:
    code, _, problem = _type("postgresql://nobody@127.0.0.1:1/none", "--email", "b@x.org", password=PASSWORD)
    assert code != 0
    assert len(problem.splitlines()) == 1
    assert PASSWORD not in problem
