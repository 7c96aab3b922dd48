from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_events.marks import document_of_reference, document_of_url
from mapper.core.naming import marked_url
from mapper.core.outcome import Mapped
from mapper.core.texts import units
from tests.unit.mapper.conftest import document_of, invoice, line, mapped

MARK = "sync=invoice/48213"


def document(total: str = "10", **changes: object) -> tuple[str | None, str, str | None]:
    modes = {name: changes.pop(name) for name in ("invoice_numbers",) if name in changes}
    outcome = mapped(invoice([line(1, total)], **changes), **modes)
    assert isinstance(outcome, Mapped)
    xero = document_of(outcome.event)
    return xero["number"], xero["reference"], xero["url"]


@pytest.mark.parametrize("total", ["10", "-10"])
@pytest.mark.parametrize(
    ("mode", "number", "reference"),
    [
        ("xero", None, "20260514-7"),
        ("autotask_id", "INV:48213", "20260514-7"),
        ("autotask_number", "20260514-7", ""),
    ],
)
def test_number_and_reference_let_people_find_the_document_in_every_mode(
    mode: str, number: str | None, reference: str, total: str
) -> None:
    found = document(total, invoice_numbers=mode)
    suffix = " [INV 48213]" if total == "-10" else ""
    assert found[:2] == (number, (reference + suffix).strip())


def test_in_xero_number_mode_an_invoice_without_number_is_found_by_its_id() -> None:
    assert document(invoice_numbers="xero", number="")[1] == "48213"
    assert document(number="")[1] == ""


def test_the_order_number_stands_first() -> None:
    assert document(order_number=" PO\t4711 ")[1] == "PO 4711, 20260514-7"


def test_the_mark_is_never_cut_from_a_long_reference() -> None:
    reference = document("-10", order_number="x" * 300)[1]
    assert units(reference) == 255
    assert reference.endswith("… [INV 48213]")
    assert units(document(order_number="\N{SLIGHTLY SMILING FACE}" * 300)[1]) <= 255


def test_the_link_leads_to_autotask_and_carries_the_mark() -> None:
    url = document()[2]
    assert url == f"https://ww5.autotask.net/Mvc/Invoice.mvc/Detail?id=48213#{MARK}"


@pytest.mark.parametrize(
    "address",
    [
        "https://ww5.autotask.net/Xero/view?q=xEro",
        "https://xero.example/invoice",
        "https://ww5.autotask.net/a b?q=é",
        "https://ww5.autotask.net/page#/old/fragment",
        "",
        "ww5.autotask.net/page",
        "javascript:alert(1)",
        "https://[broken/",
        "http://127.0.0.1:8080/invoice?id=7",
    ],
)
def test_no_link_costs_the_document_its_mark_or_xeros_consent(address: str) -> None:
    url = marked_url(address, MARK)
    parts = urlsplit(url)
    assert parts.fragment == MARK
    assert parts.scheme in {"http", "https"}
    assert parts.hostname
    assert url.isascii()
    assert " " not in url
    assert "xero" not in url.lower()


def test_an_escaped_word_leads_to_the_same_page() -> None:
    url = marked_url("https://ww5.autotask.net/Xero/view?q=xEro", MARK)
    assert unquote(url) == f"https://ww5.autotask.net/Xero/view?q=xEro#{MARK}"


@given(st.text())
def test_any_link_at_all_keeps_the_mark(address: str) -> None:
    for url in (marked_url(address, MARK), marked_url(f"https://ww5.autotask.net/{address}", MARK)):
        found = document_of_url(url)
        assert found is not None
        assert str(found) == "invoice/48213"
        assert "xero" not in url.lower()


@given(st.text(max_size=400), st.text(max_size=100))
def test_any_order_number_keeps_the_mark_of_a_credit_note(order: str, number: str) -> None:
    reference = document("-10", order_number=order, number=number)[1]
    found = document_of_reference(reference)
    assert found is not None
    assert str(found) == "invoice/48213"
    assert units(reference) <= 255
