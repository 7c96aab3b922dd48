"""Whatever is mapped, an independent Xero makes Autotask's amounts of it, in either rounding mode."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from invoice_events import names
from invoice_events.codec import Codec, NoForeignSchemas, SingleObjectFraming
from invoice_events.types import AutotaskLine, InvoiceDiscovered, InvoiceMapped
from mapper.core.outcome import Faulted, Mapped
from tests.unit.mapper.conftest import document_of, invoice, line, mapped
from tests.unit.mapper.random_documents import PERCENT, YEN, organisation, unit_of

D = Decimal
CENT = D("0.01")
STORED = D("0.0001")
CODEC = Codec(SingleObjectFraming(), NoForeignSchemas())


def xero_totals(event: InvoiceMapped, mode: str) -> tuple[Decimal, Decimal]:
    """Net and tax as Xero computes them: unit price, quantity and product rounded in its mode, line by line."""
    document = document_of(event)
    net = tax = D(0)
    for each in document["lines"]:
        assert 1 <= len(each["description"]) <= 4000
        if each["quantity"] is None or each["unit_amount"] is None or each["tax_amount"] is None:
            continue
        unit = each["unit_amount"].quantize(D(1).scaleb(-document["unit_decimals"]), mode)
        amount = (each["quantity"].quantize(STORED, mode) * unit).quantize(CENT, mode)
        given_tax = each["tax_amount"].quantize(CENT, mode)
        assert each["quantity"] > 0
        assert abs(given_tax) <= abs(amount)
        assert given_tax * amount >= 0
        net += amount
        tax += given_tax
    return net, tax


@st.composite
def autotask_lines(draw: st.DrawFn, unit: Decimal, percent: Decimal) -> AutotaskLine:
    """A line as Autotask makes it: product of quantity and rate, posted to units or kept with four decimals, 0 if covered."""
    quantity = draw(st.decimals(min_value=-500, max_value=500, places=4))
    rate = draw(st.decimals(min_value=-300, max_value=300, places=4))
    extended = (quantity * rate).quantize(STORED, ROUND_HALF_UP)
    total = extended if draw(st.booleans()) else extended.quantize(unit, ROUND_HALF_UP)
    covered = draw(st.integers(0, 9)) == 0
    if covered:
        total = D(0)
    taxed = draw(st.booleans())
    net = total.quantize(unit, ROUND_HALF_UP)
    tax = (net * percent / 100).quantize(STORED, ROUND_HALF_UP) if taxed else D(0)
    return line(
        draw(st.integers(1, 10**9)),
        "0",
        quantity=quantity,
        rate=rate,
        extended_price=extended,
        total_amount=total,
        tax=tax.quantize(unit, ROUND_HALF_UP) if draw(st.booleans()) else tax,
        group_id=draw(st.none() | st.integers(1, 2)),
        group_description="Group",
        billing_code_id=draw(st.none() | st.just(29682801)),
    )


@st.composite
def autotask_invoices(draw: st.DrawFn) -> tuple[InvoiceDiscovered, Decimal, Decimal, str]:
    """An invoice whose total is made of its rounded lines, net or gross; with its net amount, its tax and its tax type."""
    currency, tax_type = draw(st.sampled_from(["NZD", YEN])), draw(st.sampled_from(list(PERCENT)))
    unit = unit_of(currency)
    lines = draw(st.lists(autotask_lines(unit, PERCENT[tax_type]), min_size=1, max_size=12))
    net = sum((each["total_amount"].quantize(unit, ROUND_HALF_UP) for each in lines), D(0))
    tax = sum((each["tax"] for each in lines), D(0)).quantize(unit, ROUND_HALF_UP)
    total = net + tax if draw(st.booleans()) else net
    return invoice(lines, total=total, tax_total=tax, currency=currency), net, tax, tax_type


@given(autotask_invoices(), st.booleans())
def test_xero_makes_autotasks_amounts_of_every_mapped_invoice(
    made: tuple[InvoiceDiscovered, Decimal, Decimal, str],
    four: bool,  # noqa: FBT001  # drawn
) -> None:
    event, net, tax, tax_type = made
    outcome = mapped(
        event,
        organisation(),
        taxes={"default": tax_type, "zero_rated": "ZERORATED"},
        four_decimal_rounding=four,
        amount_basis="total_amount_gross" if event["invoice"]["total"] == net + tax else "total_amount_net",
    )
    if isinstance(outcome, Faulted):
        # Taxes of a fraction of a cent on lines of nothing can not be put anywhere; everything else has to be mapped.
        assert outcome.event["code"] in {"AMOUNTS_DO_NOT_MATCH", "TAX_MISMATCH"}
        unit = unit_of(event["invoice"]["currency"])
        assert any(0 < abs(each["total_amount"]) < 10 * unit for each in event["lines"])
        return
    assert isinstance(outcome, Mapped)
    sign = -1 if outcome.event["xero_kind"] == "credit_note" else 1
    assert (net + tax < 0) == (sign < 0)
    prediction = outcome.event["prediction"]
    assert prediction
    assert (sign * prediction["sub_total"], sign * prediction["total_tax"]) == (net, tax)
    for mode in (ROUND_HALF_UP, ROUND_HALF_EVEN):
        assert xero_totals(outcome.event, mode) == (sign * net, sign * tax)
    data = CODEC.encode(names.MAPPED, dict(outcome.event))
    assert CODEC.decode(names.MAPPED, data) == outcome.event


@given(autotask_invoices())
def test_whatever_is_found_out_by_itself_never_changes_the_total_or_invents_one(
    made: tuple[InvoiceDiscovered, Decimal, Decimal, str],
) -> None:
    event, net, tax, tax_type = made
    taxes = {"default": tax_type, "zero_rated": "ZERORATED"}
    outcome = mapped(event, organisation(), taxes=taxes)
    if not isinstance(outcome, Mapped):
        return
    prediction = outcome.event["prediction"]
    assert prediction
    sign = -1 if outcome.event["xero_kind"] == "credit_note" else 1
    total = sign * prediction["total"]
    assert total in {net + tax, event["invoice"]["total"], event["invoice"]["total"] + tax}
    assert sign * prediction["total_tax"] == tax


@given(st.text(), st.text(), st.text())
def test_no_text_of_autotask_can_stop_an_invoice(description: str, name: str, group: str) -> None:
    lines = [line(1, "10.00", description=description, item_name=name, group_id=3, group_description=group)]
    outcome = mapped(invoice(lines))
    assert isinstance(outcome, Mapped)
    assert document_of(outcome.event)["lines"][0]["description"].strip()
