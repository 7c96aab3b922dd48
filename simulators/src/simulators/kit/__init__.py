"""What both simulators share: server, planted faults, call log, movable clock, control routes."""
