"""promtool, asked with tests that are written for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.monitoring import promtool
from deploy.monitoring.rules import as_yaml, rules_file

Asked = Callable[[promtool.Json, str], tuple[bool, str]]


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    """Runs one test against the rules: whether it held, and what promtool said."""
    if not promtool.is_there():
        pytest.skip("promtool is not installed (Debian's package prometheus)")
    (tmp_path / "rules.yaml").write_text(rules_file(), encoding="utf-8")

    def run(test: promtool.Json, every: str = "1m") -> tuple[bool, str]:
        file = tmp_path / "test.yaml"
        file.write_text(as_yaml(promtool.file_of([test], "rules.yaml", every)), encoding="utf-8")
        return promtool.run("test", "rules", file)

    return run
