"""Names of this service: what it is called, its schemas, its topics."""

from __future__ import annotations

from invoice_events import names

SERVICE = "status-api"
PACKAGE = "status_api"
APP_SCHEMA = "app"
READ_SCHEMA = "read"
SEARCH_PATH = f"{READ_SCHEMA},{APP_SCHEMA}"
"""Tables are named without a schema: which read model is meant is decided here."""
NEXT_SCHEMA = f"{READ_SCHEMA}_next"
"""A read model that is being made beside the one that is served."""
OLD_SCHEMA = f"{READ_SCHEMA}_old"
"""One whose place was taken, until it is dropped."""
NEXT_SEARCH_PATH = f"{NEXT_SCHEMA},{APP_SCHEMA}"

DEAD_LETTERS = f"{SERVICE}.dlq"
FOLDED_TOPICS = names.EVENT_TOPICS
"""Every topic with Avro events is folded."""
