"""Autotask, Kafka and PostgreSQL as the poller uses them."""
