"""Kafka loop, leases, outbox, settings, logs, metrics and health for every service."""
