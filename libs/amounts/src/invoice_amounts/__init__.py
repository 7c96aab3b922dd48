"""Pure money rules that poller and mapper share."""
