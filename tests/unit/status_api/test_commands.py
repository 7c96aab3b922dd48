"""What people may ask, and what makes two commands the same."""

from __future__ import annotations

import pytest

from invoice_events.names import Document
from status_api.core.commands import KINDS, Asked, kind_and_options, wrong_with

ORDER = Document("purchase-order", 771)


def test_a_resync_that_recreates_is_another_command_than_a_plain_one() -> None:
    plain, anew = Asked("resync", ORDER), Asked("resync", ORDER, recreate=True)
    assert plain.name != anew.name
    assert (plain.options, anew.options) == ({}, {"recreate": "true"})


@pytest.mark.parametrize("recreate", [False, True])
def test_a_stored_name_leads_back_to_kind_and_options(*, recreate: bool) -> None:
    asked = Asked("resync", ORDER, recreate=recreate)
    assert kind_and_options(asked.name) == (asked.kind, asked.options)


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_resync_can_recreate(kind: str) -> None:
    document = None if kind == "sync-now" else str(ORDER)
    assert wrong_with(kind, document, recreate=False) is None
    wrong = wrong_with(kind, document, recreate=True)
    assert (wrong is None) == (kind == "resync")
    assert wrong is None or wrong[0] == "options.recreate"


@pytest.mark.parametrize(("kind", "document"), [("resync", None), ("sync-now", str(ORDER))])
def test_a_command_without_its_document_or_with_one_too_many_is_refused(
    kind: str, document: str | None
) -> None:
    wrong = wrong_with(kind, document, recreate=False)
    assert wrong is not None
    assert wrong[0] == "document"
