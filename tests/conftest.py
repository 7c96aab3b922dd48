"""Fixtures of every test: real Kafka and PostgreSQL, started once when first asked for."""

pytest_plugins = ["local_stack.pytest_plugin"]
