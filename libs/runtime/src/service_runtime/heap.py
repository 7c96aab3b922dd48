"""How the C library keeps memory that was freed: few arenas, and large blocks given back at once.

glibc gives threads arenas of their own, eight for each core of the machine, and none takes what another has free. It also
raises its limit for blocks that are mapped one by one whenever a larger one is freed, so that later answers of Xero or Autotask,
and what is read ahead from Kafka, come from the arenas and leave holes there. A service with threads for many tenants keeps a
multiple of what it ever needs at once.

It costs a process that does nothing but move large blocks some percent of its time, in page faults: for services that mostly
wait for others.
"""

from __future__ import annotations

import ctypes
import os

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # names of mallopt(3)
_WISHES = {
    "MALLOC_ARENA_MAX": (_M_ARENA_MAX, 2),
    "MALLOC_MMAP_THRESHOLD_": (_M_MMAP_THRESHOLD, 64 * 1024),
    "MALLOC_TRIM_THRESHOLD_": (_M_TRIM_THRESHOLD, 256 * 1024),
}
"""Option and value by the variable of glibc's own that says the same."""


def keep_heap_small() -> bool:
    """Set glibc's options for this process and those it forks. To be called before threads are started.

    A variable that is set goes before: glibc has heeded it already.

    Returns:
        Whether the C library knows all of them; another one than glibc need not.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    taken = {mallopt(*wish) for name, wish in _WISHES.items() if name not in os.environ}
    return taken <= {1}
