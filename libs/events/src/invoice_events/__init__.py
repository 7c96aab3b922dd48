"""Event codec, types and topic names shared by every service."""
