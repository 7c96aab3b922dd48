"""What a worker does for its tenant: commands, stamps, cycles, and the state of the connection."""
