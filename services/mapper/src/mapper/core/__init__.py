"""The mapper's decisions: a snapshot, settings and reference data in, one event out. No I/O, no clock, no state."""
