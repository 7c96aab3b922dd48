"""The HTTP side: operations declared once, served by Flask and described by OpenAPI."""
