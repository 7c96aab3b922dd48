"""Serving HTTP: what status-api and dashboard share."""
