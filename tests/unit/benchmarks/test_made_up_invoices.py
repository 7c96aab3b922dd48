from __future__ import annotations

from datetime import date
from pathlib import Path

from benchmarks.backlog import LINES, Wanted, make_backlog, split
from benchmarks.events import CODEC, discovered, mapped
from invoice_events import names
from simulators.books import generate_plain
from simulators.kit import json_text


def test_nothing_is_lost_between_what_is_loaded_and_what_is_held_back() -> None:
    books = generate_plain(7, today=date(2026, 5, 14)).tenants[0]
    loaded, rest = split(books, 3)
    assert len(loaded["Invoices"]) == 3
    assert len(rest) == 4
    for name in ("Invoices", "BillingItems", "Tickets", "TimeEntries"):
        together = loaded[name] + [record for group in rest for record in group[name]]
        assert sorted(each["id"] for each in together) == sorted(
            each["id"] for each in books.autotask["entities"][name]
        )
    assert loaded["Companies"] == books.autotask["entities"]["Companies"]


def test_an_invoice_is_not_held_back_without_its_lines_and_ticket() -> None:
    _, rest = split(generate_plain(2, today=date(2026, 5, 14)).tenants[0], 0)
    for group in rest:
        (invoice,) = group["Invoices"]
        assert len(group["BillingItems"]) == LINES
        assert {line["invoiceID"] for line in group["BillingItems"]} == {invoice["id"]}
        assert len(group["Tickets"]) == 1


def test_choices_of_a_tenant_do_not_get_lost_in_the_files(tmp_path: Path) -> None:
    wanted = [
        Wanted(tenant="one", loaded=2, paused=True),
        Wanted(tenant="two", held_back=3, xero_limits=False, autotask_hourly_limit=99),
    ]
    backlog = make_backlog(tmp_path, wanted)
    assert [(each["id"], each["state"]) for each in backlog.tenants["tenants"]] == [
        ("one", "paused"),
        ("two", "active"),
    ]
    autotask = json_text.loads(backlog.autotask.read_bytes())
    assert [len(each["entities"]["Invoices"]) for each in autotask] == [2, 0]
    assert autotask[1]["switches"]["hourly_limit"] == 99
    xero = json_text.loads(backlog.xero.read_bytes())
    assert [each["switches"]["limits_on"] for each in xero] == [True, False]
    assert len(list(backlog.held_back["two"].invoices)) == 3


def test_made_up_events_are_not_other_than_the_schemas_want() -> None:
    assert (
        CODEC.decode(names.DISCOVERED, CODEC.encode(names.DISCOVERED, discovered(7, "acme")))["document"]
        == "invoice/7"
    )
    event = CODEC.decode(names.MAPPED, CODEC.encode(names.MAPPED, mapped(7, "acme", "Aoraki Outdoor")))
    assert event["contact"]["name"] == "Aoraki Outdoor"
    assert event["xero"]["number"] == "INV:7"
    assert event["tenant_id"] == "acme"
