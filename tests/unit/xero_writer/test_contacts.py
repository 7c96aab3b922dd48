from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.unit.xero_writer.samples import contact, criteria
from xero_writer.core.contact_match import ContactBook, NoContact, XeroContact, contact_number, find_contact


def found(*contacts: XeroContact, **wanted: Any) -> XeroContact | NoContact:  # noqa: ANN401  # any field
    return find_contact(criteria(**wanted), ContactBook(contacts))


def test_another_customer_of_a_similar_name_is_never_billed() -> None:
    result = found(contact(1, "Contoso Limited"), contact(2, "Contoso Ltdx"))
    assert result == NoContact(
        ["Contoso Limited (score 0.99, id ID-1)", "Contoso Ltdx (score 0.96, id ID-2)"], archived=False
    )


def test_case_counts_where_it_is_not_ignored() -> None:
    assert isinstance(found(contact(1, "CONTOSO LTD"), ignore_case=False), NoContact)
    assert found(contact(1, "CONTOSO LTD"), ignore_case=True) == contact(1, "CONTOSO LTD")


def test_accents_are_not_ignored_although_xeros_filter_ignores_them() -> None:
    assert isinstance(found(contact(1, "Cafe Ltd"), name="Café Ltd"), NoContact)


def test_the_exact_name_wins_over_another_case() -> None:
    exact = contact(1, "Contoso Ltd")
    assert found(contact(2, "CONTOSO LTD"), exact) == exact


def test_of_several_that_fit_none_is_guessed() -> None:
    result = found(contact(1, "contoso ltd"), contact(2, "CONTOSO LTD"))
    assert isinstance(result, NoContact)
    assert not result.archived
    assert len(result.near) == 2


def test_an_archived_contact_is_told_as_such_and_never_used() -> None:
    result = found(contact(1, "Contoso Ltd", status="ARCHIVED"))
    assert result == NoContact(["Contoso Ltd (archived, score 1.00, id ID-1)"], archived=True)


def test_an_archived_namesake_does_not_hide_the_active_one() -> None:
    active = contact(2, "CONTOSO LTD")
    assert found(contact(1, "Contoso Ltd", status="ARCHIVED"), active) == active


def test_an_empty_account_number_matches_nobody() -> None:
    assert isinstance(found(contact(1, "Contoso Ltd"), match_by="account_number"), NoContact)


def test_an_account_number_decides_whatever_the_name_is() -> None:
    other = contact(1, "Something Else", account_number="C-1")
    assert found(other, contact(2, "Contoso Ltd"), match_by="account_number", account_number="C-1") == other


def test_a_pinned_contact_wins_over_the_name_and_is_not_replaced_when_missing() -> None:
    pinned = contact(1, "Something Else")
    assert found(pinned, contact(2, "Contoso Ltd"), pinned_contact_id="id-1") == pinned
    missing = found(contact(2, "Contoso Ltd"), pinned_contact_id="id-1")
    assert missing == NoContact(["Contoso Ltd (score 1.00, id ID-2)"], pin="id-1")


def test_an_archived_pinned_contact_is_told_as_such_and_not_replaced_by_its_namesake() -> None:
    archived = contact(1, "Something Else", status="ARCHIVED")
    result = found(archived, contact(2, "Contoso Ltd"), pinned_contact_id="ID-1")
    assert isinstance(result, NoContact)
    assert (result.archived, result.pin) == (True, "ID-1")


@pytest.mark.parametrize(
    "wanted",
    [
        {"name": "Contoso Ltd"},
        {"name": "CONTOSO LTD"},
        {"pinned_contact_id": "ID-1"},
        {"match_by": "account_number", "account_number": "C-1"},
    ],
)
def test_a_contact_that_was_merged_away_is_not_lost_but_leads_to_where_it_went(
    wanted: dict[str, Any],
) -> None:
    gone = contact(1, "Contoso Ltd", status="ARCHIVED", merged_to="ID-2", account_number="C-1")
    between = contact(2, "Contoso (old)", status="ARCHIVED", merged_to="ID-3")
    assert found(gone, between, contact(3, "Contoso Group"), **wanted) == contact(3, "Contoso Group")


def test_merges_in_a_circle_or_into_nowhere_do_not_hang_the_writer() -> None:
    circle = [
        contact(1, "Contoso Ltd", status="ARCHIVED", merged_to="ID-2"),
        contact(2, "Contoso Group", status="ARCHIVED", merged_to="ID-1"),
    ]
    nowhere = contact(1, "Contoso Ltd", status="ARCHIVED", merged_to="ID-9")
    for result in (found(*circle), found(nowhere)):
        assert isinstance(result, NoContact)
        assert result.archived


def test_two_contacts_merged_into_one_are_no_ambiguity() -> None:
    merged = [contact(n, "Contoso Ltd", status="ARCHIVED", merged_to="ID-3") for n in (1, 2)]
    assert found(*merged, contact(3, "Contoso Group")) == contact(3, "Contoso Group")


def test_a_contact_made_for_the_company_before_is_not_made_again_whatever_it_is_called_by_now() -> None:
    made = contact(1, "Renamed by finance", contact_number=contact_number(1))
    assert found(made, create_missing=True) == made
    assert isinstance(found(made, create_missing=False), NoContact)  # off: contacts are matched by name alone
    archived = contact(1, "Renamed by finance", contact_number=contact_number(1), status="ARCHIVED")
    assert found(archived, create_missing=True) == NoContact([], archived=True)


@pytest.mark.parametrize(
    ("contacts", "changes"),
    [
        ([contact(1, "Contoso Ltd.")], {}),
        ([contact(1, "Contoso")], {}),
        ([contact(1, "Ltd Contoso")], {}),
        ([contact(1, "Contoso Ltd.", status="ARCHIVED")], {}),
        (
            [contact(1, "Something Else", account_number=" c-1")],
            {"match_by": "account_number", "account_number": "C-1 "},
        ),
        ([contact(1, "Contoso Ltd", status="ARCHIVED")], {}),
        ([contact(1, "contoso ltd"), contact(2, "CONTOSO LTD")], {}),
        ([contact(1, "Fabrikam Inc")], {"pinned_contact_id": "ID-9"}),
        (
            [contact(1, "Contoso Ltd", account_number="C-9")],
            {"match_by": "account_number", "account_number": "C-1"},
        ),
    ],
)
def test_no_contact_is_made_beside_one_that_a_person_might_mean(
    contacts: list[XeroContact], changes: dict[str, Any]
) -> None:
    result = found(*contacts, create_missing=True, **changes)
    assert isinstance(result, NoContact)
    assert not result.may_be_made


def test_a_contact_is_made_where_nothing_is_like_it() -> None:
    result = found(contact(1, "Fabrikam Inc"), create_missing=True)
    assert isinstance(result, NoContact)
    assert result.may_be_made


def test_an_account_number_in_another_spelling_is_named_and_never_taken_for_the_same() -> None:
    result = found(
        contact(1, "Something Else", account_number=" c-1"),
        contact(2, "Gone", account_number="C-1 ", status="ARCHIVED"),
        name="Tailspin Toys",
        match_by="account_number",
        account_number="C-1",
    )
    assert result == NoContact(
        [
            "Something Else (account number c-1, id ID-1)",
            "Gone (archived, account number C-1, id ID-2)",
        ]
    )


def test_a_blank_account_number_is_near_to_nobodys() -> None:
    result = found(
        contact(1, "Else", account_number=" "),
        name="Tailspin Toys",
        match_by="account_number",
        account_number="  ",
    )
    assert result == NoContact([])


OTHERS = contact(1, "Contoso Ltd", contact_number="Autotask/9")
CLAIMED = (
    "Contoso Ltd (made for Autotask company 9, id ID-1: link it in the settings if it is the same customer)"
)


@pytest.mark.parametrize("name", ["Contoso Ltd", "CONTOSO LTD"])
def test_a_contact_that_was_made_for_another_company_is_not_billed_for_its_namesake(name: str) -> None:
    result = found(OTHERS, name=name, create_missing=True)
    assert result == NoContact([CLAIMED])
    assert not result.may_be_made


def test_an_archived_contact_of_another_company_is_named_as_such() -> None:
    gone = contact(1, "Contoso Ltd", contact_number="autotask/9", status="ARCHIVED")
    assert found(gone, create_missing=True) == NoContact([CLAIMED.replace("(made", "(archived, made")])


def test_a_link_wins_over_whom_the_contact_was_made_for() -> None:
    assert found(OTHERS, create_missing=True, pinned_contact_id="ID-1") == OTHERS


def test_where_no_contacts_are_made_it_does_not_matter_for_whom_one_was_made() -> None:
    assert found(OTHERS) == OTHERS


@pytest.mark.parametrize("number", ["autotask/1", "AUTOTASK/1", "", "CUST-9", "autotask/x"])
def test_a_contact_of_the_company_itself_or_with_a_number_of_other_make_still_fits(number: str) -> None:
    own = contact(1, "Contoso Ltd", contact_number=number)
    assert found(own, create_missing=True) == own


def test_a_namesake_of_another_company_does_not_hide_the_contact_made_for_this_one() -> None:
    made = contact(2, "Renamed by finance", contact_number=contact_number(1))
    assert found(OTHERS, made, create_missing=True) == made


def test_an_account_number_decides_whomever_the_contact_was_made_for() -> None:
    other = contact(1, "Else", account_number="C-1", contact_number="autotask/9")
    wish = {"match_by": "account_number", "account_number": "C-1"}
    assert found(other, create_missing=True, **wish) == other


def test_a_renamed_contact_is_no_longer_found_under_its_old_name() -> None:
    book = ContactBook([contact(1, "Contoso Ltd")])
    book.put([contact(1, "Fabrikam Inc")])
    assert isinstance(find_contact(criteria(), book), NoContact)
    assert len(book) == 1


def test_no_reader_sees_a_half_filled_book_while_contacts_are_put() -> None:
    book = ContactBook(contact(number, f"Customer {number}") for number in range(2000))
    ending, missed = threading.Event(), []

    def read() -> None:
        while not ending.is_set():
            if not isinstance(find_contact(criteria(name="Customer 1999"), book), XeroContact):
                missed.append(1)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(30):
        book.put([contact(1, "Customer 1")])
    ending.set()
    reader.join()
    assert missed == []
