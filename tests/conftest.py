"""Fixtures of every test: real Kafka and PostgreSQL, started once when first asked for."""

from __future__ import annotations

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # used here alone

pytest_plugins = ["local_stack.pytest_plugin"]

settings.register_profile("project", deadline=None)  # machines are noisy: no example fails for its time
settings.load_profile("project")

_ONE_SCOPE = "tests/browser/"


class _Scheduling(LoadFileScheduling):  # type: ignore[misc]  # it has no types
    """A file of tests goes to one process, and the whole folder of browser tests does: one suite is enough for them."""

    def _split_scope(self, nodeid: str) -> str:
        return _ONE_SCOPE if nodeid.startswith(_ONE_SCOPE) else str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling | None:
    return _Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None
