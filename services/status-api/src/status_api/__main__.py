"""`python -m status_api`."""

import sys

from status_api.cli import main

sys.exit(main())
