"""`python -m local_stack` is the command `local-stack`."""

import sys

from local_stack.cli import main

sys.exit(main())
