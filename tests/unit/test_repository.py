"""What may not be committed: addresses of package indexes, paths of one machine, unfinished work, sleeps."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = {".py", ".sh", ".mako", ".toml", ".yaml", ".yml", ".xml", ".sql"}
CODE_NAMES = {"Makefile", "Dockerfile", "run"}

INDEX_HOST = re.compile(r"https?://[^\s\"']*(?:pypi|pythonhosted|npmjs|maven)\b", re.IGNORECASE)
POM_NAMESPACE = "http://maven.apache.org/POM/4.0.0"  # a name, never fetched
# Written with brackets so that these lines do not find themselves.
MACHINE_PATH = re.compile(r"(?<![\w.>}])/(?:[w]ork|[r]oot|[h]ome/\w+|[U]sers/\w+)/")
OUTSIDE_FOLDER = re.compile(r"\.\./[s]hared\b")
UNFINISHED = re.compile(r"(?:#|//|--|\"\"\")\s*(?:TODO|FIXME|XXX)\b|\b(?:TODO|FIXME)\s*[:(]")


@cache
def _files() -> tuple[Path, ...]:
    """Every file that git knows or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


@cache
def _texts() -> tuple[tuple[str, str], ...]:
    """Name and text of every file that is text."""
    found = []
    for file in _files():
        data = file.read_bytes()
        if b"\0" not in data:
            found.append((str(file.relative_to(ROOT)), data.decode("utf-8")))
    return tuple(found)


def _hits(pattern: re.Pattern[str], *, code_only: bool = False) -> list[str]:
    """Place and line of everything that a pattern finds."""
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in _texts()
        if not code_only or Path(name).suffix in CODE or Path(name).name in CODE_NAMES
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line.replace(POM_NAMESPACE, ""))
    ]


def test_the_repository_is_looked_at() -> None:
    names = {name for name, _ in _texts()}
    assert {"Makefile", "pyproject.toml", "requirements/dev.txt", "deploy/local/kafka/pom.xml"} <= names


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (INDEX_HOST, "index-url = https" + "://user@mirror.example/pypi/simple"),
        (INDEX_HOST, "see https" + "://files.pythonhosted.org/packages"),
        (MACHINE_PATH, "cd /" + "work/main"),
        (MACHINE_PATH, 'open("/' + 'root/.ssh")'),
        (OUTSIDE_FOLDER, "as in ../" + "shared/design.md"),
        (UNFINISHED, "# " + "TODO mend this"),
        (UNFINISHED, "x = 1  # see FIXME" + ": later"),
    ],
)
def test_no_check_is_blind(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)


def test_no_file_names_the_host_of_a_package_index() -> None:
    assert _hits(INDEX_HOST) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert _hits(MACHINE_PATH) == []


def test_no_file_names_what_lies_outside_the_repository() -> None:
    assert _hits(OUTSIDE_FOLDER) == []


def test_no_work_is_left_unfinished() -> None:
    assert _hits(UNFINISHED, code_only=True) == []


def test_no_product_code_sleeps_where_it_could_wait_for_a_condition() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, text in _texts()
        if name.startswith(("services/", "libs/")) and name.endswith(".py")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom | ast.Attribute) and _sleeps(node)
    ]
    assert found == []


def _sleeps(node: ast.ImportFrom | ast.Attribute) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module == "time" and any(alias.name == "sleep" for alias in node.names)
    return node.attr == "sleep" and isinstance(node.value, ast.Name) and node.value.id == "time"


def _packages() -> Iterator[Path]:
    """Every Python package with code: what lies below `src/` beside a pyproject.toml."""
    for file in _files():
        if file.name == "pyproject.toml" and file.parent != ROOT:
            for package in sorted((file.parent / "src").glob("*/__init__.py")):
                yield package.parent


def test_no_package_hides_its_types() -> None:
    packages = list(_packages())
    assert len(packages) >= 9, packages
    assert [str(package) for package in packages if not (package / "py.typed").is_file()] == []


def test_no_package_forgets_to_carry_its_marker_along() -> None:
    for package in _packages():
        project = tomllib.loads((package.parents[1] / "pyproject.toml").read_text("utf-8"))
        carried = project["tool"]["setuptools"]["package-data"]
        assert "py.typed" in {pattern for patterns in carried.values() for pattern in patterns}, package


@pytest.mark.parametrize("name", ["bootstrap", "runtime", "dev"])
def test_no_requirement_is_without_hash_or_bound_to_an_index(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    assert not re.search(
        r"https?://|--(?:extra-)?index-url|--find-links|--trusted-host|^-[if] ", text, re.MULTILINE
    )
    requirements = [
        block
        for block in re.split(r"(?m)^(?=[A-Za-z0-9])", re.sub(r"(?m)^\s*#.*\n", "", text))
        if block.strip()
    ]
    assert requirements
    for block in requirements:
        first = block.splitlines()[0]
        assert re.match(r"[A-Za-z0-9._-]+(?:\[[\w,-]+\])?==\S+", first), first
        assert "--hash=sha256:" in block, first


@pytest.mark.parametrize("name", ["bootstrap", "runtime", "dev"])
def test_no_wanted_requirement_is_missing_from_the_locked_ones(name: str) -> None:
    folder = ROOT / "requirements"
    wanted = re.findall(r"^([A-Za-z0-9][\w.-]*)", (folder / f"{name}.in").read_text("utf-8"), re.MULTILINE)
    locked = set(
        re.findall(
            r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==",
            (folder / f"{name}.txt").read_text("utf-8"),
            re.MULTILINE,
        )
    )
    assert wanted
    assert [each for each in wanted if each.lower() not in locked] == []
