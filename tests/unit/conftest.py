"""What every unit test needs: nothing of one test stays behind for the next."""

from __future__ import annotations

import pytest

from service_runtime.logs import secrets_of_this_process


@pytest.fixture(autouse=True)
def _no_secrets_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """The texts hidden from this process's log lines are global: a test that hides "a" would spoil every later line."""
    monkeypatch.setattr(secrets_of_this_process, "_forms", ())
