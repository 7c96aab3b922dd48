"""Jars are fetched once, whole, and again only when the wanted versions change."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_stack import jars, tools
from local_stack.errors import StackError
from local_stack.jars import kafka_jars


class Maven:
    """Writes one jar where it is told to, and can fail half-way."""

    def __init__(self) -> None:
        self.runs = 0
        self.fails = False
        self.entered = threading.Event()
        self.go_on = threading.Event()

    def __call__(self, *arguments: str) -> None:
        self.runs += 1
        self.entered.set()
        self.go_on.wait(30)
        folder = Path(arguments[-1].partition("=")[2])
        folder.mkdir(parents=True)
        (folder / "kafka.jar").touch()
        if self.fails:
            raise StackError("Maven could not fetch jars")


@pytest.fixture
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maven]:
    fake = Maven()
    fake.go_on.set()
    (tmp_path / "local" / "kafka").mkdir(parents=True)
    (tmp_path / "local" / "kafka" / "pom.xml").write_text("<project/>")
    monkeypatch.setattr(jars, "LOCAL", tmp_path / "local")
    for module in (jars, tools):
        monkeypatch.setattr(module, "BUILD", tmp_path / "build")
    monkeypatch.setattr(jars, "run_maven", fake)
    yield fake
    fake.go_on.set()


def test_two_stacks_that_start_at_once_fetch_once(maven: Maven) -> None:
    maven.go_on.clear()
    found: list[Path] = []
    threads = [threading.Thread(target=lambda: found.append(kafka_jars())) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert maven.entered.wait(30)
    maven.go_on.set()
    for thread in threads:
        thread.join(30)
    assert maven.runs == 1
    assert len(found) == 2
    assert all((folder / "kafka.jar").is_file() for folder in found)


def test_jars_of_another_version_are_not_used(maven: Maven, tmp_path: Path) -> None:
    kafka_jars()
    (tmp_path / "local" / "kafka" / "pom.xml").write_text("<project><newer/></project>")
    kafka_jars()
    kafka_jars()
    assert maven.runs == 2


def test_half_of_the_jars_is_not_taken_for_all(maven: Maven) -> None:
    maven.fails = True
    with pytest.raises(StackError, match="Maven could not fetch jars"):
        kafka_jars()
    maven.fails = False
    assert (kafka_jars() / "kafka.jar").is_file()
    assert maven.runs == 2
