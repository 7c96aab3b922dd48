"""Event schemas, example payloads and the settings schema: the only source of shapes."""
