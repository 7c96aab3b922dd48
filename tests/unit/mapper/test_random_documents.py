"""For any invoice or order and any valid settings: Autotask's amounts, every text, the order of lines, one outcome."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from invoice_events import names
from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming, UnrepresentableEventError
from invoice_events.schemas import schema_of
from mapper.core.explain import BASIS
from mapper.core.line_texts import base_text
from mapper.core.lines import in_order
from mapper.core.mapping import map_snapshot
from mapper.core.order_lines import FREIGHT, item_text
from mapper.core.outcome import Faulted, Mapped, OrderMapped, Outcome, Skipped
from mapper.core.problems import SEVERITY
from mapper.core.texts import clean
from tests.support.avro_strategies import events
from tests.unit.mapper.conftest import NOW, document_of
from tests.unit.mapper.orders import order_of
from tests.unit.mapper.random_documents import invoices, orders, organisation, settings, unit_of

if TYPE_CHECKING:
    from invoice_events.settings import Settings
    from invoice_events.types import (
        InvoiceDiscovered,
        InvoiceMapped,
        PurchaseOrderDiscovered,
        XeroLine,
    )
    from mapper.core.mapping import Source

D = Decimal
CENT = D("0.01")
CODEC = Codec(SingleObjectFraming(), NoForeignSchemas())
XERO = organisation()
RATES = {rate["tax_type"]: rate["effective_rate"] for rate in XERO["tax_rates"]}


def outcome_of(event: Source, chosen: Settings) -> Outcome:
    return map_snapshot(event, chosen, 3, XERO, NOW)


def encoded(outcome: Outcome) -> bytes:
    return CODEC.encode(outcome.topic, dict(outcome.event))


def xeros_totals(lines: list[XeroLine], decimals: int, mode: str) -> tuple[Decimal, Decimal]:
    """Net and tax as an independent Xero makes them, with its own rounding mode wherever it has to round."""
    net = tax = D(0)
    for each in lines:
        if each["quantity"] is None or each["unit_amount"] is None:
            continue
        assert each["quantity"] > 0
        unit = each["unit_amount"].quantize(D(1).scaleb(-decimals), mode)
        amount = (each["quantity"].quantize(D("0.0001"), mode) * unit).quantize(CENT, mode)
        rate = RATES[each["tax_type"] or ""]
        own = (amount * rate / 100).quantize(CENT, ROUND_HALF_UP)
        net += amount
        tax += own if each["tax_amount"] is None else each["tax_amount"].quantize(CENT, mode)
    return net, tax


@given(invoices(), settings())
def test_lines_and_tax_are_autotasks_total_to_the_cent_under_any_settings(
    event: InvoiceDiscovered, chosen: Settings
) -> None:
    outcome = outcome_of(event, chosen)
    if not isinstance(outcome, Mapped):
        assert isinstance(outcome, Skipped | Faulted)
        assert isinstance(outcome, Skipped) or outcome.event["code"] in SEVERITY
        return
    made, header = outcome.event, event["invoice"]
    assert made["prediction"]
    document = document_of(made)
    sign = -1 if made["xero_kind"] == "credit_note" else 1
    for mode in (ROUND_HALF_UP, ROUND_HALF_EVEN):
        net, tax = xeros_totals(document["lines"], document["unit_decimals"], mode)
        assert (net, tax) == (made["prediction"]["sub_total"], made["prediction"]["total_tax"])
        assert sign * tax == header["tax_total"]
        assert sign * (net + tax) == header["total"] + (0 if is_gross(made) else header["tax_total"])
        assert net + tax >= 0


def is_gross(made: InvoiceMapped) -> bool:
    (basis,) = (basis for basis, words in BASIS.items() if words in made["decisions"])
    return basis.endswith("gross")


def ids(lines: list[XeroLine]) -> list[int]:
    """Which of Autotask's lines are shown, in order; each is once."""
    found = [int(number) for each in lines for number in re.findall(r"<(\d+)>", each["description"])]
    return list(dict.fromkeys(found))


@given(invoices(), settings())
def test_no_line_changes_its_place_or_is_lost(event: InvoiceDiscovered, chosen: Settings) -> None:
    outcome = outcome_of(event, chosen)
    if not isinstance(outcome, Mapped):
        return
    printed = [each for each in in_order(event["lines"]) if each["group_id"] is None]
    grouped = {each["id"] for each in event["lines"]} - {each["id"] for each in printed}
    shown = [number for number in ids(document_of(outcome.event)["lines"]) if number not in grouped]
    assert shown == [each["id"] for each in printed]


def squashed(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(invoices(), settings(hide_service_contract_descriptions=False))
def test_no_text_is_cut(event: InvoiceDiscovered, chosen: Settings) -> None:
    outcome = outcome_of(event, chosen)
    if not isinstance(outcome, Mapped):
        return
    lines = document_of(outcome.event)["lines"]
    assert all(each["description"].strip() and len(each["description"]) <= 4000 for each in lines)
    everything = squashed("".join(each["description"] for each in lines))
    for each in event["lines"]:
        if each["group_id"] is None:
            assert squashed(base_text(each)) in everything


@given(invoices(), settings(rounding_line=False))
def test_no_amount_changes_its_sign(event: InvoiceDiscovered, chosen: Settings) -> None:
    for each in event["lines"]:
        each["group_id"] = None
    outcome = outcome_of(event, chosen)
    if not isinstance(outcome, Mapped):
        return
    made = outcome.event
    (basis,) = (basis for basis, words in BASIS.items() if words in made["decisions"])
    assert made["prediction"]
    shown = [
        amounts
        for each, amounts in zip(document_of(made)["lines"], made["prediction"]["lines"], strict=True)
        if each["quantity"] is not None
    ]
    sign = -1 if made["xero_kind"] == "credit_note" else 1
    for each, amounts in zip(in_order(event["lines"]), shown, strict=True):
        wanted = each["extended_price" if basis.startswith("extended") else "total_amount"]
        assert sign * amounts["line_amount"] == wanted.quantize(
            unit_of(event["invoice"]["currency"]), ROUND_HALF_UP
        )
        assert sign * amounts["tax_amount"] * each["tax"] >= 0


@given(st.one_of(invoices(), orders()), settings(), st.randoms(use_true_random=False))
def test_the_same_inputs_give_the_same_bytes_however_autotask_answers(
    event: Source,
    chosen: Settings,
    random: Any,  # noqa: ANN401  # Hypothesis's own
) -> None:
    first = outcome_of(event, chosen)
    lines: list[Any] = list(event["lines"])
    random.shuffle(lines)
    again: Any = event | {"lines": lines}
    assert encoded(first) == encoded(outcome_of(event, chosen))
    if not isinstance(first, Faulted):  # a fault's details may follow the order in which lines were read
        assert encoded(first) == encoded(outcome_of(again, chosen))
    assert CODEC.decode(first.topic, encoded(first)) == first.event


@given(orders(), settings())
def test_an_orders_amounts_are_its_items_costs_whatever_rounds_them(
    event: PurchaseOrderDiscovered, chosen: Settings
) -> None:
    outcome = outcome_of(event, chosen)
    if not isinstance(outcome, OrderMapped):
        return
    xero, prediction = order_of(outcome.event), outcome.event["prediction"]
    assert prediction
    unit = unit_of(xero["currency"])
    costs = [
        (each["quantity"] * each["unit_cost"]).quantize(unit, ROUND_HALF_UP)
        for each in sorted(event["lines"], key=lambda each: each["id"])
    ]
    freight = event["order"]["freight"].quantize(unit, ROUND_HALF_UP)
    amounts = [*costs, freight] if freight else costs
    rate = RATES[xero["lines"][0]["tax_type"] or ""] / 100
    tax = sum(((amount * rate).quantize(unit, ROUND_HALF_UP) for amount in amounts), D(0))
    assert (prediction["sub_total"], prediction["total_tax"]) == (sum(amounts, D(0)), tax)
    for mode in (ROUND_HALF_UP, ROUND_HALF_EVEN):
        assert xeros_totals(xero["lines"], 4, mode) == (prediction["sub_total"], prediction["total_tax"])
    shown = [
        each["line_amount"]
        for each, line in zip(prediction["lines"], xero["lines"], strict=True)
        if line["quantity"] is not None
    ]
    assert shown == amounts


@given(orders(), settings())
def test_an_order_loses_no_text_and_no_place(event: PurchaseOrderDiscovered, chosen: Settings) -> None:
    outcome = outcome_of(event, chosen)
    if not isinstance(outcome, OrderMapped):
        return
    lines = order_of(outcome.event)["lines"]
    assert all(each["description"].strip() and len(each["description"]) <= 4000 for each in lines)
    assert ids(lines) == sorted(each["id"] for each in event["lines"])
    everything = squashed("".join(each["description"] for each in lines))
    for each in event["lines"]:
        assert squashed(item_text(each)) in everything
    memo = squashed(clean(event["order"]["memo"]))
    assert everything.endswith(memo)
    assert (FREIGHT in everything) == (
        abs(event["order"]["freight"]) >= unit_of(event["order"]["currency"]) / 2
    )


def hostile(topic: str, part: str, kind: str) -> st.SearchStrategy[Any]:
    """Anything that a topic can carry, as long as it names the document that it is of and no diagnosis."""
    anything = events(schema_of(topic).parsed)
    return anything.map(lambda event: event | {"purpose": "sync", "document": f"{kind}/{event[part]['id']}"})


@given(
    st.one_of(
        hostile(names.DISCOVERED, "invoice", "invoice"),
        hostile(names.ORDER_DISCOVERED, "order", "purchase-order"),
    ),
    settings(),
    st.sampled_from(["NZD", "JPY", None]),
)
def test_whatever_arrives_ends_in_an_outcome_and_never_in_an_exception(
    event: Any,  # noqa: ANN401  # any event
    chosen: Settings,
    currency: str | None,
) -> None:
    if currency is not None:
        event.get("invoice", event.get("order"))["currency"] = currency
    outcome = outcome_of(event, chosen)
    try:
        data = encoded(outcome)
    except UnrepresentableEventError:  # too many digits: the service makes a fault of it
        assert isinstance(outcome, Mapped | OrderMapped)
        return
    assert CODEC.decode(outcome.topic, data) == outcome.event
    assert data == encoded(outcome_of(event, chosen))


@given(
    invoices(),
    settings(amount_tolerance="0.10", rounding_line=True),
    st.sampled_from(["0.10", "-0.10", "0.03", "-0.01", "0.00"]),
)
def test_with_a_rounding_line_xeros_net_is_autotasks_and_what_its_tax_differs_is_told(
    event: InvoiceDiscovered, chosen: Settings, off: str
) -> None:
    event["invoice"]["total"] += D(off)
    outcome = outcome_of(event, chosen)
    if not isinstance(outcome, Mapped):
        return
    made, header = outcome.event, event["invoice"]
    assert made["prediction"]
    sign = -1 if made["xero_kind"] == "credit_note" else 1
    unit = unit_of(header["currency"])
    total = header["total"].quantize(unit, ROUND_HALF_UP)
    net = total - (header["tax_total"] if is_gross(made) else 0)
    assert sign * made["prediction"]["sub_total"] == net
    off_tax = sign * made["prediction"]["total_tax"] - header["tax_total"]
    assert abs(off_tax) <= D("0.10")
    assert not off_tax or chosen["tax_amounts"] == "xero"
    told = [words for words in made["decisions"] if words.startswith("a tax difference of ")]
    assert len(told) == (1 if off_tax else 0)
    assert all(f"a tax difference of {off_tax} is within the tolerance" in words for words in told)
    places = [each["account_code"] for each in document_of(made)["lines"]]
    assert "860" not in places[:-1]


@given(invoices(), settings(amount_tolerance="0.10", tax_amounts="xero", amount_basis="total_amount_net"))
def test_printing_lines_as_one_never_changes_the_tax_that_xero_computes(
    event: InvoiceDiscovered, chosen: Settings
) -> None:
    outcome = outcome_of(event, chosen)
    itemised: Any = event | {"lines": [each | {"group_description": ""} for each in event["lines"]]}
    apart = outcome_of(itemised, chosen)
    assert type(outcome) is type(apart)
    if not isinstance(outcome, Mapped) or not isinstance(apart, Mapped):
        return
    assert outcome.event["prediction"]
    assert apart.event["prediction"]
    assert outcome.event["prediction"]["total_tax"] == apart.event["prediction"]["total_tax"]
