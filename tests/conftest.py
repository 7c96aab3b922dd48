"""Fixtures of every test: real Kafka and PostgreSQL, started once when first asked for."""

from hypothesis import settings

pytest_plugins = ["local_stack.pytest_plugin"]

settings.register_profile("project", deadline=None)  # machines are noisy: no example fails for its time
settings.load_profile("project")
