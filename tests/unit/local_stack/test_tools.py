"""A missing program is installed where that needs no password, else named with what to type."""

from pathlib import Path

import pytest

from local_stack import tools
from local_stack.errors import MissingToolError
from local_stack.tools import find_java, java_version, obtain


def fake_java(folder: Path, version: str) -> Path:
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-01-01' >&2\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(("text", "major"), [("17.0.15", 17), ("25", 25), ("1.8.0_402", 1), ("21-ea", 21)])
def test_the_major_version_of_java_is_read_from_what_it_says(tmp_path: Path, text: str, major: int) -> None:
    assert java_version(fake_java(tmp_path, text)) == major


def test_a_program_that_does_not_run_has_no_version(tmp_path: Path) -> None:
    assert java_version(tmp_path / "java") is None


def test_a_java_that_is_too_old_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, good = fake_java(tmp_path / "old", "11.0.2"), fake_java(tmp_path / "good", "21.0.1")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "old"))
    monkeypatch.setenv("PATH", str(good.parent))
    assert find_java(11) == old
    assert find_java(17) == good


def test_what_is_missing_is_named_with_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "can_install", lambda: False)
    with pytest.raises(MissingToolError, match=r"Maven is missing\. Type: sudo apt-get install -y maven$"):
        obtain("Maven", lambda: None, "maven")


def test_nothing_is_installed_if_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "can_install", lambda: pytest.fail("asked to install"))
    assert obtain("Maven", lambda: "/usr/bin/mvn", "maven") == "/usr/bin/mvn"


def test_as_root_it_is_installed_and_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[str] = []
    monkeypatch.setattr(tools, "can_install", lambda: True)
    monkeypatch.setattr(tools, "_apt_install", installed.extend)
    found = obtain("Maven", lambda: "/usr/bin/mvn" if installed else None, "maven", "default-jre-headless")
    assert found == "/usr/bin/mvn"
    assert installed == ["maven", "default-jre-headless"]


def test_an_installation_that_did_not_help_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "can_install", lambda: True)
    monkeypatch.setattr(tools, "_apt_install", lambda _: None)
    with pytest.raises(MissingToolError, match="is missing"):
        obtain("Maven", lambda: None, "maven")
