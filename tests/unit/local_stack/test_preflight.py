"""The preflight says of everything whether it is there, and what to type if not."""

import argparse
from dataclasses import replace

import pytest

from local_stack import preflight
from local_stack.preflight import Requirement, examine, run_preflight


def requirement(present: str | None, *, needed: bool = True, small: bool = False) -> Requirement:
    return Requirement(
        name="Maven",
        find=lambda: present,
        packages=["maven"],
        needed_for="fetching Kafka",
        needed=needed,
        small=small,
    )


def test_what_is_there_is_said_in_one_line() -> None:
    assert examine(requirement("/usr/bin/mvn"), install=False).line == "ok       Maven: /usr/bin/mvn"


@pytest.mark.parametrize(
    ("needed", "words"), [(True, "needed for fetching Kafka"), (False, "left out without it: fetching Kafka")]
)
def test_what_is_missing_is_said_in_one_line_with_what_to_type(*, needed: bool, words: str) -> None:
    line = examine(requirement(None, needed=needed), install=False).line
    assert line == f"missing  Maven: {words}. Type: sudo apt-get install -y maven"


def test_only_what_is_needed_or_small_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def install(what: str, *_: object) -> str:
        asked.append(what)
        return "/usr/bin/mvn"

    monkeypatch.setattr(preflight, "can_install", lambda: True)
    monkeypatch.setattr(preflight, "obtain", install)
    assert examine(requirement(None), install=True).present == "/usr/bin/mvn"
    assert examine(requirement(None, needed=False), install=True).present is None
    assert asked == ["Maven"]
    assert examine(requirement(None, needed=False, small=True), install=True).present == "/usr/bin/mvn"
    assert examine(requirement(None, small=True), install=False).present is None
    assert asked == ["Maven", "Maven"]


def test_the_tests_of_clocks_are_not_left_out_where_their_library_can_be_installed() -> None:
    small = [wanted for wanted in preflight.requirements() if wanted.small]
    assert [(wanted.name, list(wanted.packages), wanted.needed) for wanted in small] == [
        ("libfaketime", ["faketime"], False)
    ]


def test_the_browser_is_brought_for_tests_and_not_for_a_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "can_install", lambda: True)
    monkeypatch.setattr(preflight, "obtain", lambda *_: "/usr/bin/chromium")
    [browser] = [wanted for wanted in preflight.requirements() if wanted.for_tests]
    assert browser.name == "Chromium"
    missing = replace(browser, find=lambda: None)
    assert examine(missing, install=True).present is None
    assert examine(missing, install=False, tests=True).present is None
    assert examine(missing, install=True, tests=True).present == "/usr/bin/chromium"


@pytest.mark.parametrize(("needed", "code"), [(True, 1), (False, 0)])
def test_only_a_missing_necessity_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, needed: bool, code: int
) -> None:
    monkeypatch.setattr(preflight, "requirements", lambda: [requirement(None, needed=needed)])
    assert run_preflight(argparse.Namespace(install=False, tests=False)) == code
    assert "missing  Maven" in capsys.readouterr().out


def test_every_requirement_of_this_machine_gets_its_line() -> None:
    lines = [examine(wanted, install=False).line for wanted in preflight.requirements()]
    assert len(lines) == 8
    assert all(line.startswith(("ok       ", "missing  ")) and "\n" not in line for line in lines)
