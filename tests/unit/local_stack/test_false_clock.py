"""A library that does not work is not used, and its absence is told with what to type."""

from pathlib import Path

import pytest

from local_stack import false_clock
from local_stack.false_clock import FalseClock, why_no_false_clock


def test_a_library_that_can_not_be_loaded_is_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lib" / "faketime").mkdir(parents=True)
    (tmp_path / "lib" / "faketime" / "libfaketime.so.1").write_bytes(b"for another processor")
    monkeypatch.setattr(false_clock, "_USR", tmp_path)
    assert false_clock.find_libfaketime() is None


def test_a_missing_library_is_named_with_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(false_clock, "find_libfaketime", lambda: None)
    assert why_no_false_clock() == "libfaketime is missing. Type: sudo apt-get install -y faketime"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "+0.000000"), (90, "+90.000000"), (-0.5, "-0.500000"), (1e-7, "+0.000000")]
)
def test_an_offset_is_never_taken_for_a_date(tmp_path: Path, seconds: float, text: str) -> None:
    clock = FalseClock(Path("/nowhere"), tmp_path / "clock")
    clock.set_offset(seconds)
    assert (tmp_path / "clock").read_text() == f"{text}\n"
    assert (tmp_path / "clock").stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir()] == ["clock"]
