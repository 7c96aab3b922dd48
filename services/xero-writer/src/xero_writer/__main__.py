"""`python -m xero_writer`."""

from xero_writer.cli import main

main()
