"""The embedded stack that demo, tests and benchmarks start."""
