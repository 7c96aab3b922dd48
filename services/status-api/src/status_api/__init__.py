"""Folds every event into PostgreSQL and answers dashboards, people and machines."""
