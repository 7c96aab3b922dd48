"""Every problem that the code can answer with is in the list of kinds, and `docs/problems.md` is what the list says."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from types import ModuleType

import pytest

import status_api
from invoice_events.names import KINDS as DOCUMENT_KINDS
from status_api.server.problem_kinds import KINDS

ROOT = Path(__file__).parents[3]
GENERATOR = ROOT / "services/status-api/generate_problems_page.py"
PAGE = ROOT / "docs/problems.md"
SOURCE = Path(status_api.__file__).parent


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_problems_page", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _made() -> Iterator[tuple[int, str, str]]:
    """Status, name and title of every problem that is made anywhere in the service."""
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                status, slug, title = node.args[:3]
                assert isinstance(status, ast.Attribute), (
                    f"{file}:{node.lineno}: write the status where it is made"
                )
                for kind in DOCUMENT_KINDS:
                    yield HTTPStatus[status.attr], _text(slug, kind), _text(title, kind)


def _text(node: ast.expr, kind: str) -> str:
    """A text of the code; what it is put together from is the kind of a document."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr), "write name and title where the problem is made"
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        else:
            parts.append(kind if "spoken" not in ast.unparse(part) else kind.replace("-", " "))
    return "".join(parts)


def test_no_problem_is_made_that_the_list_does_not_have_and_none_is_listed_that_is_not_made() -> None:
    assert set(_made()) == {(kind.status, kind.slug, kind.title) for kind in KINDS}


def test_no_name_stands_for_two_kinds() -> None:
    slugs = [kind.slug for kind in KINDS]
    assert len(slugs) == len(set(slugs))
    assert [kind.status for kind in KINDS] == sorted(kind.status for kind in KINDS)


def test_the_page_does_not_lag_behind_the_list(generator: ModuleType) -> None:
    assert generator.render(KINDS) == PAGE.read_text("utf-8"), f"run {GENERATOR.relative_to(ROOT)}"
