"""`docs/faults.md` is what the catalogue says now, and leaves nothing of it out."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from invoice_events.catalogue import catalogue

ROOT = Path(__file__).parents[3]
GENERATOR = ROOT / "libs/events/generate_faults_page.py"
PAGE = ROOT / "docs/faults.md"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_faults_page", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_does_not_lag_behind_the_catalogue(generator: ModuleType) -> None:
    assert generator.render(catalogue()) == PAGE.read_text("utf-8"), f"run {GENERATOR.relative_to(ROOT)}"


def test_the_page_leaves_no_fault_out_and_tells_each_once(generator: ModuleType) -> None:
    page = generator.render(catalogue())
    lines = page.splitlines()
    for entry in catalogue().values():
        assert lines.count(f"### {entry.code}") == 1
        assert entry.remedy in page
        for words in (entry.text, *entry.aliases):
            rows = [line for line in lines if line.startswith(f"| {words} |")]
            assert len(rows) == 1
            assert f"[{entry.code}](#{entry.code.lower()})" in rows[0]
