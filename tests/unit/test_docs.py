"""What the pages say exists: links, commands, variables, tests, HTTP paths."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from status_api.server.openapi import openapi
from status_api.server.routes import OPERATIONS

ROOT = Path(__file__).parents[2]

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
MAKE = re.compile(r"\bmake ((?:[a-z]+-)*[a-z]+)\b")
VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
PATH = re.compile(r"`(?:[A-Z]+ )?((?:[a-z_-]+/)+[\w.-]*\.(?:py|json|yaml|avsc|sh|txt))`")
OTHERS_WORDS = {"FULL_TRANSITIVE"}  # a registry's compatibility level
CALL = re.compile(r"\b(GET|PUT|POST|DELETE|PATCH) (/[a-z][^\s`]*)")


def pages() -> list[Path]:
    """Every page of the repository that git knows or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


every_page = pytest.mark.parametrize("page", pages(), ids=_name)


@cache
def _text(page: Path) -> str:
    return page.read_text("utf-8")


@cache
def _variables() -> frozenset[str]:
    """Every word in capitals that code, Makefile or a script has."""
    folders = ("libs", "services", "simulators", "deploy", "benchmarks")
    files = [
        file
        for folder in folders
        for ending in ("*.py", "*.sh")
        for file in (ROOT / folder).rglob(ending)
        if file.is_file()
    ]
    return frozenset(
        word for file in [*files, ROOT / "Makefile"] for word in VARIABLE.findall(file.read_text("utf-8"))
    )


@cache
def _file_endings() -> frozenset[str]:
    """Every file of the repository, by its whole path and by each shorter end of it."""
    folders = (
        "benchmarks",
        "deploy",
        "docs",
        "libs",
        "requirements",
        "schemas",
        "services",
        "simulators",
        "tests",
    )
    paths = [file.relative_to(ROOT).parts for folder in folders for file in (ROOT / folder).rglob("*.*")]
    return frozenset("/".join(parts[start:]) for parts in paths for start in range(len(parts)))


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def _code_of(page: Path) -> Iterator[str]:
    """Inline code and fenced blocks: where names are meant literally."""
    text = _text(page)
    yield from FENCE.findall(text)
    yield from CODE.findall(FENCE.sub("", text))


def test_the_pages_are_there() -> None:
    wanted = {
        "README.md",
        "docs/api.md",
        "docs/architecture.md",
        "docs/configuration.md",
        "docs/development.md",
        "docs/faults.md",
        "docs/guarantees.md",
        "docs/operations/lost-data.md",
        "docs/operations/upgrade.md",
        "docs/settings.md",
        "docs/decisions/README.md",
        "simulators/README.md",
        "deploy/local/README.md",
        "schemas/README.md",
    }
    assert wanted <= {_name(page) for page in pages()}


@every_page
def test_no_link_leads_nowhere(page: Path) -> None:
    for target in LINK.findall(FENCE.sub("", _text(page))):
        assert "://" not in target, f"{target}: links are relative"
        file, _, anchor = target.partition("#")
        place = (page.parent / file).resolve() if file else page
        assert place.exists(), f"{target} does not exist"
        assert place.is_relative_to(ROOT), f"{target} leaves the repository"
        if anchor:
            assert anchor in _anchors(place), f"{target}: there is no such heading"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", _text(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_page
def test_no_command_is_named_that_make_does_not_know(page: Path) -> None:
    for code in _code_of(page):
        for target in MAKE.findall(code):
            assert target in _targets(), f"make {target}"


@every_page
def test_no_variable_is_named_that_nothing_reads(page: Path) -> None:
    catalogue = (ROOT / "libs/events/src/invoice_events/fault_catalogue.json").read_text("utf-8")
    codes = {entry["code"] for entry in json.loads(catalogue)}
    for code in _code_of(page):
        for name in set(VARIABLE.findall(code)) - codes - OTHERS_WORDS - _variables():
            # any librdkafka option can be set by a variable
            assert name.startswith("KAFKA_"), f"{name} occurs nowhere in the code"


def test_no_variable_that_a_service_reads_is_missing_from_the_configuration_page() -> None:
    told = _text(ROOT / "docs/configuration.md")
    read = re.compile(r"\.(?:text|optional|number|port|url|choice)\(\s*\"([A-Z_]+)\"")
    found = {
        name
        for folder in ("libs/runtime", "services")
        for file in (ROOT / folder).rglob("*.py")
        for name in read.findall(file.read_text("utf-8"))
    }
    assert "POLL_INTERVAL_SECONDS" in found
    found |= {"DATABASE_URL", "STATUS_API_ADMIN_TOKEN"}  # read through a default and a constant
    assert {name for name in found if f"`{name}`" not in told} == set()


def test_no_setting_is_missing_from_the_settings_page_or_told_with_another_default() -> None:
    schema: dict[str, Any] = json.loads((ROOT / "schemas/settings.schema.json").read_text("utf-8"))
    told = dict(
        re.findall(r"^`(\w+)`(?:, default `([^`]*)`)?", _text(ROOT / "docs/settings.md"), re.MULTILINE)
    )
    assert set(told) == set(schema["properties"])
    for name, option in schema["properties"].items():
        # an option that consists of parts tells the default of each part
        wanted = "" if "properties" in option else json.dumps(option["default"], ensure_ascii=False)
        assert told[name] == wanted, name


@every_page
def test_no_test_is_named_that_does_not_exist(page: Path) -> None:
    for file, name in TEST.findall(_text(page)):
        place = ROOT / file
        assert place.is_file(), f"{file} does not exist"
        assert re.search(rf"\bdef {name}\(", place.read_text("utf-8")), f"{file} has no {name}"


@every_page
def test_no_file_is_named_that_does_not_exist(page: Path) -> None:
    """Full paths, and the short ones below `src/` that the pages use for code."""
    for named in PATH.findall(FENCE.sub("", _text(page))):
        if not named.startswith("build/"):  # made by commands
            assert named in _file_endings(), f"{named} does not exist"


def _paths() -> set[tuple[str, str]]:
    paths: dict[str, dict[str, Any]] = openapi(OPERATIONS)["paths"]
    return {(method.upper(), path) for path, methods in paths.items() for method in methods}


def test_no_call_is_told_that_the_interface_does_not_have_and_none_is_left_out() -> None:
    told = {(method, path) for method, path in CALL.findall(FENCE.sub("", _text(ROOT / "docs/api.md")))}
    assert told == _paths()


@every_page
def test_no_call_of_the_interface_is_told_wrongly_elsewhere(page: Path) -> None:
    for method, path in CALL.findall(_text(page)):
        if path.startswith("/api/v1/"):
            shapes = [re.sub(r"{\w+}", "[^/]+", known) for verb, known in _paths() if verb == method]
            assert any(re.fullmatch(shape, path) for shape in shapes), f"{method} {path}"


def test_every_decision_is_listed_and_has_its_three_parts() -> None:
    folder = ROOT / "docs/decisions"
    records = sorted(folder.glob("0*.md"))
    assert [record.name[:4] for record in records] == [
        f"{number:04}" for number in range(1, len(records) + 1)
    ]
    index = _text(folder / "README.md")
    for record in records:
        assert f"({record.name})" in index
        text = _text(record)
        assert text.startswith(f"# {record.name[:4]}. ")
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], record.name
