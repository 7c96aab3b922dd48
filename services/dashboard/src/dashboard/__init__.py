"""The web page of the suite: a client of status-api, with nothing of its own to remember."""
