"""The Autotask REST API: one tenant, one request at a time."""
