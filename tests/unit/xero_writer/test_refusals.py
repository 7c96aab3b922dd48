from __future__ import annotations

import pytest

from invoice_events.catalogue import catalogue
from xero_writer.core.refusals import REFERENCE_CODES, code_of

TEXTS = [
    ("Invoice # must be unique.", "NUMBER_CONFLICT"),
    ("Invoice # must be unique", "NUMBER_CONFLICT"),
    ("Order number must be unique", "NUMBER_CONFLICT"),
    ("Invoice not of valid status for modification", "NUMBER_CONFLICT"),
    (
        "Invoice not of valid status for modification This document cannot be edited as it has a payment or credit note allocated to it.",
        "LOCKED_BY_PAYMENT",
    ),
    (
        "This document cannot be edited as it has a payment or credit note allocated to it.",
        "LOCKED_BY_PAYMENT",
    ),
    (
        "The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to it.",
        "LOCKED_BY_PAYMENT",
    ),
    ("To update fields on a paid invoice line item, you must supply a LineItemID", "LOCKED_BY_PAYMENT"),
    ("Organisation is not subscribed to currency EUR", "CURRENCY_NOT_SUBSCRIBED"),
    ("The current organisation is not subscribed to currency 'EUR'.", "CURRENCY_NOT_SUBSCRIBED"),
    (
        "The contact with the specified contact details has been archived. The contact must be un-archived before creating new invoices or credit notes.",
        "CONTACT_ARCHIVED",
    ),
    (
        "The specified contact details matched an archived contact. Archived contacts cannot currently be edited via the API.",
        "CONTACT_ARCHIVED",
    ),
    ("Account code must be specified", "ACCOUNT_MISSING"),
    ("Account code '299' is not a valid code for this document.", "ACCOUNT_INVALID"),
    (
        "Account code '299' has been archived, or has been deleted. Each line item must reference a valid account.",
        "ACCOUNT_INVALID",
    ),
    ("Account code '476' has been removed as it does not match a recognised account.", "ACCOUNT_INVALID"),
    ("Account must be valid.", "ACCOUNT_INVALID"),
    ("The TaxType field is mandatory", "TAX_MISSING"),
    ("The TaxType code 'OUTPUT2' cannot be used with account code '630'.", "TAX_INVALID"),
    ("Tax rate must be valid.", "TAX_INVALID"),
    (
        "The document date cannot be before the period lock date, currently set at 31 March 2026",
        "PERIOD_LOCKED",
    ),
    (
        "The document date cannot be before the end of year lock date, currently set at 31 March 2026",
        "PERIOD_LOCKED",
    ),
    (
        "This document cannot be edited as it is currently dated before the end of year lock date",
        "PERIOD_LOCKED",
    ),
    ("Email address must be valid.", "EMAIL_INVALID"),
    ("You have reached the limit of invoices you can approve", "APPROVAL_LIMIT"),
    ("The line total 1.00 does not match the expected line total 100.00", "AMOUNTS_DO_NOT_MATCH"),
    ("The document total does not equal the sum of the lines", "AMOUNTS_DO_NOT_MATCH"),
    ("Tax amount cannot be greater than the line amount", "AMOUNTS_DO_NOT_MATCH"),
    ("The document DueDate field must be specified.", "DATE_MISSING"),
    ("A sentence that nobody has seen before", "UNKNOWN"),
]


@pytest.mark.parametrize(("text", "code"), TEXTS)
def test_no_known_text_is_filed_under_another_fault(text: str, code: str) -> None:
    assert code_of([text]) == code
    assert code_of([text.upper()]) == code


@pytest.mark.parametrize("code", sorted({code for _, code in TEXTS} | REFERENCE_CODES))
def test_no_code_is_missing_in_the_catalogue(code: str) -> None:
    assert code in catalogue()


def test_a_known_text_is_not_hidden_by_an_unknown_one_before_it() -> None:
    assert code_of(["Something else", "Account must be valid."]) == "ACCOUNT_INVALID"


def test_no_text_at_all_is_unknown() -> None:
    assert code_of([]) == "UNKNOWN"


@pytest.mark.parametrize(
    "other",
    [
        "The TaxType code 'X' does not exist",
        "Email address must be valid.",
        "Account code '999' is not a valid code for this document.",
    ],
)
def test_a_taken_number_is_not_hidden_by_another_mistake(other: str) -> None:
    assert code_of(["Invoice # must be unique.", other]) == "NUMBER_CONFLICT"
    assert code_of([other, "Invoice # must be unique."]) == "NUMBER_CONFLICT"


def test_a_lock_is_not_taken_for_a_taken_number() -> None:
    locked = "This document cannot be edited as it has a payment or credit note allocated to it."
    assert code_of(["Invoice not of valid status for modification", locked]) == "LOCKED_BY_PAYMENT"


def test_a_missing_contact_is_not_taken_for_a_deleted_document() -> None:
    assert (
        code_of(["An existing Contact with the specified ContactID could not be found"]) != "DELETED_IN_XERO"
    )
    assert (
        code_of(["An existing Credit Note with the specified CreditNoteID could not be found"])
        == "DELETED_IN_XERO"
    )
