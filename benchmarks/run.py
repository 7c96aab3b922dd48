"""`make bench`: every figure beside its bound. See `benchmarks/suite.py`, which does the work."""

import importlib
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(
        Path(__file__).resolve().parent.parent
    )  # so that `benchmarks` is a package from anywhere
    sys.exit(importlib.import_module("benchmarks.suite").main())
