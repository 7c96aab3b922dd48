"""status-api, as the dashboard sees it."""
