"""The typed dictionaries are what the schemas say now."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

LIBRARY = Path(__file__).parents[3] / "libs" / "events"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_types", LIBRARY / "generate_types.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_type_lags_behind_its_schema(generator: ModuleType) -> None:
    committed = LIBRARY / "src" / "invoice_events" / "types.py"

    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(committed), "-"],
        input=generator.render(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert formatted == committed.read_text("utf-8"), "run `make generate`"


def test_no_name_gets_two_shapes(generator: ModuleType) -> None:
    blocks: dict[str, str] = {}
    generator._put(blocks, "Twin", "Twin = Literal[1]")
    generator._put(blocks, "Twin", "Twin = Literal[1]")

    with pytest.raises(SystemExit, match="Twin has two shapes"):
        generator._put(blocks, "Twin", "Twin = Literal[2]")
