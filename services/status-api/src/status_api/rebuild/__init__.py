"""The read model made again from Kafka, beside the one that is served, which it then takes the place of."""
