"""`python -m simulators.autotask`."""

from simulators.autotask.cli import main

main()
