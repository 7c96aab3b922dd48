"""`python -m simulators.xero`."""

from simulators.xero.cli import main

main()
