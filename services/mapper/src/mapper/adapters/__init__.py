"""Kafka on both sides of the mapper's decisions."""
