"""Five rules of the guarantees, each broken in a build of its own: a named scenario catches each, and passes the true build."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.mutants.builds import ROOT, MutationError, Replacement, build, variables_for
from tests.faults.mutants.catalogue import MUTANTS, Mutant
from tests.faults.mutants.running import CONTROLS, MUTATED, Performance, Stage, running_stage
from tests.faults.rig import why_not_here

needs_stack = [
    pytest.mark.stack,
    pytest.mark.timeout(600),
    pytest.mark.skipif(why_not_here() is not None, reason=str(why_not_here())),
]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with running_stage(tmp_path_factory.mktemp("mutants")) as running:
        yield running


class TestOnTheStack:
    pytestmark = needs_stack

    @pytest.mark.parametrize("performance", CONTROLS, ids=str)
    def test_no_scenario_finds_anything_in_the_true_build(
        self, stage: Stage, performance: Performance
    ) -> None:
        assert stage.perform(performance) == {}

    @pytest.mark.parametrize("performance", MUTATED, ids=str)
    def test_no_mutant_gets_through_its_scenario(self, stage: Stage, performance: Performance) -> None:
        assert performance.mutant is not None
        expected = performance.mutant.caught_by[performance.scenario]
        found = stage.perform(performance)
        assert set(expected) <= set(found), found


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_no_process_that_is_to_run_a_mutant_imports_the_true_build(mutant: Mutant, tmp_path: Path) -> None:
    build(mutant.replacements, tmp_path)
    for replacement in mutant.replacements:
        name = replacement.package.name
        origin = subprocess.run(
            [sys.executable, "-c", f"import {name}; print({name}.__file__)"],
            env=dict(variables_for(tmp_path)),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert Path(origin.strip()).is_relative_to(tmp_path)
        copied = tmp_path / Path(replacement.file).relative_to(replacement.package.parent)
        assert copied.read_text("utf-8") != (ROOT / replacement.file).read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nothing of the kind\n", "0 times"),
        ("commit()\ncommit()\n", "2 times"),
        ("if it:\n    commit()\n", "can not be compiled"),
    ],
)
def test_no_refactoring_disarms_a_mutant_silently(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "code" / "src" / "package" / "module.py"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    replacement = Replacement("code/src/package/module.py", "commit()", "")
    with pytest.raises(MutationError, match=problem):
        build([replacement], tmp_path / "build", tmp_path)
