"""What the C library is told about memory that was freed, seen from a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_ARENAS = """
import ctypes, threading
from service_runtime.heap import keep_heap_small

KNOWN = hasattr(ctypes.CDLL(None), "mallopt")

def main():
    c = ctypes.CDLL(None)
    c.malloc.restype = ctypes.c_void_p
    all_there = threading.Barrier(8)
    found = set()
    def take():
        place = c.malloc(ctypes.c_size_t(30_000))
        all_there.wait()
        found.add(place >> 26)  # glibc's further arenas begin at multiples of 64 MiB
    threads = [threading.Thread(target=take) for _ in range(8)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    print(len(found) if KNOWN else 0)

keep_heap_small()
main()
"""


def arenas(**variables: str) -> int:
    """Arenas that eight threads of a process take memory from at once; 0 if the C library is not glibc."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")
    } | variables
    ended = subprocess.run(
        [sys.executable, "-c", _ARENAS],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return int(ended.stdout)


def test_threads_of_many_tenants_do_not_hold_an_arena_each() -> None:
    found = arenas()
    if found == 0:
        pytest.skip("the C library is not glibc")
    assert found <= 2


def test_a_variable_that_an_operator_set_is_not_overruled() -> None:
    found = arenas(MALLOC_ARENA_MAX="8")
    if found == 0:
        pytest.skip("the C library is not glibc")
    assert found > 2
