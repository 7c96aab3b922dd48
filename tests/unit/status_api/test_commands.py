"""What people may ask, and what makes two commands the same."""

from __future__ import annotations

import pytest

from invoice_events.names import Document
from status_api.core.commands import ABOUT_A_DOCUMENT, KINDS, Asked, Side, kind_and_options, wrong_with

ORDER = Document("purchase-order", 771)


def test_a_resync_that_recreates_is_another_command_than_a_plain_one() -> None:
    plain, anew = Asked("resync", ORDER), Asked("resync", ORDER, recreate=True)
    assert plain.name != anew.name
    assert (plain.options, anew.options) == ({}, {"recreate": "true"})


@pytest.mark.parametrize("recreate", [False, True])
def test_a_stored_name_leads_back_to_kind_and_options(*, recreate: bool) -> None:
    asked = Asked("resync", ORDER, recreate=recreate)
    assert kind_and_options(asked.name) == (asked.kind, asked.options)


@pytest.mark.parametrize("side", [None, "autotask", "xero"])
def test_tests_of_different_sides_are_different_commands(side: Side | None) -> None:
    asked = Asked("test-connection", side=side)
    assert kind_and_options(asked.name) == ("test-connection", asked.options)
    assert asked.options == ({} if side is None else {"side": side})


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_test_is_about_a_side(kind: str) -> None:
    wrong = wrong_with(kind, str(ORDER) if kind in ABOUT_A_DOCUMENT else None, recreate=False, side="xero")
    assert (wrong is None) == (kind == "test-connection")


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_resync_can_recreate(kind: str) -> None:
    document = str(ORDER) if kind in ABOUT_A_DOCUMENT else None
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
