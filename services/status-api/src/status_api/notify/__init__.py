"""Tells people and chat targets of faults, connections and dead letters."""
