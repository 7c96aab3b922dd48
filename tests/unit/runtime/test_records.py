"""Batches are handled in parts whose decoded values fit into memory."""

from __future__ import annotations

import pytest

from service_runtime.records import Record, parts


def record(offset: int, size: int) -> Record:
    return Record("invoice.discovered", 0, offset, None, b"x" * size, [])


@pytest.mark.parametrize(
    ("sizes", "lengths"),
    [
        ([], []),
        ([0, 0, 5], [3]),
        ([3 << 20, 1, 3 << 20], [1, 1, 1]),
        ([1 << 20] * 5, [2, 2, 1]),
        ([0, 3 << 20], [2]),
    ],
)
def test_no_record_is_lost_or_moved_when_a_batch_is_parted(sizes: list[int], lengths: list[int]) -> None:
    records = [record(offset, size) for offset, size in enumerate(sizes)]
    found = list(parts(records))
    assert [one for part in found for one in part] == records
    assert [len(part) for part in found] == lengths
