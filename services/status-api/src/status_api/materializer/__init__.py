"""From Kafka to the read model: decode a batch, fold it, store rows and offsets in one transaction."""
