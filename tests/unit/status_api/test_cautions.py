from __future__ import annotations

from typing import Any

import pytest

from invoice_events.settings import effective_settings
from status_api.core.cautions import CONFIRMED_BY_NAME, cautions


def _asked(before: dict[str, Any], after: dict[str, Any], *, synced: bool) -> list[str]:
    needed = cautions(effective_settings(before), effective_settings(after), anything_synced=synced)
    assert all(caution.words for caution in needed)
    return [caution.setting for caution in needed]


@pytest.mark.parametrize("synced", [True, False])
def test_nothing_is_asked_for_what_stays_as_it_is(synced: bool) -> None:  # noqa: FBT001  # both
    settings = {
        "invoice_numbers": "autotask_number",
        "invoices_import_as": "approved",
        "void_autotask_invoices": True,
    }
    assert _asked(settings, settings | {"days_back": 3}, synced=synced) == []


@pytest.mark.parametrize(
    ("before", "after", "synced", "asks"),
    [
        ("autotask_id", "autotask_number", False, True),
        ("xero", "autotask_number", False, True),
        ("autotask_id", "xero", False, False),
        ("autotask_number", "autotask_id", False, False),
        ("autotask_id", "xero", True, True),
        ("autotask_number", "autotask_id", True, True),
    ],
)
def test_no_way_to_number_is_changed_unasked_where_it_matters(
    before: str,
    after: str,
    synced: bool,  # noqa: FBT001  # whether something is in Xero
    asks: bool,  # noqa: FBT001  # expected
) -> None:
    asked = _asked({"invoice_numbers": before}, {"invoice_numbers": after}, synced=synced)
    assert asked == (["invoice_numbers"] if asks else [])


def test_every_caution_is_named_at_once() -> None:
    after = {
        "invoice_numbers": "autotask_number",
        "invoices_import_as": "approved_and_sent",
        "void_autotask_invoices": True,
    }
    assert tuple(_asked({}, after, synced=False)) == CONFIRMED_BY_NAME
    assert _asked(after, {}, synced=False) == []
