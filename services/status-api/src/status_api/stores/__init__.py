"""What the API writes: settings, commands, audit, each with its outbox entries in one transaction."""
