from __future__ import annotations

from difflib import SequenceMatcher

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.xero_writer.samples import contact, criteria
from xero_writer.core.contact_match import ContactBook, NoContact, XeroContact, find_contact
from xero_writer.core.name_likeness import NEAR, LikeNames, core_words, spelling


def likeness(name: str, other: str) -> float:
    """0.0 for names that are not near."""
    return max((score for score, _ in LikeNames([other]).like(name)), default=0.0)


@pytest.mark.parametrize(
    "written",
    [
        "Contoso Ltd.",
        "Contoso Limited",
        "CONTOSO LTD",
        "Contoso  Ltd",
        " Contoso Ltd ",
        "Contosó Ltd",
        "Contoso\u200b Ltd",
        "Contoso\u00a0Ltd",
        "Con\u00adtoso Ltd",
        "Contoso, Ltd",
        "\ufeffContoso Ltd",
    ],
)
def test_another_spelling_is_never_overlooked_and_never_taken_for_the_same(written: str) -> None:
    result = find_contact(criteria(ignore_case=False), ContactBook([contact(1, written)]))
    assert result == NoContact([f"{written} (score 0.99, id ID-1)"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Pty Ltd", "Acme Proprietary Limited"),
        ("Smith and Sons", "Smith & Sons"),
        ("O'Neil Group", "O\u2019Neil Group"),
        ("A.B.C. Motors", "ABC Motors"),
        ("Müller Co", "Mu\u0308ller Company"),
    ],
)
def test_forms_of_one_name_are_never_told_apart(one: str, other: str) -> None:
    assert likeness(one, other) == 0.99


@pytest.mark.parametrize(
    ("one", "other"), [("Contoso Ltd", "Fabrikam Ltd"), ("North Wind", "South Sand"), ("A", "Alphabet")]
)
def test_different_companies_are_not_called_alike(one: str, other: str) -> None:
    assert likeness(one, other) < NEAR


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme", "Acme Ltd"),
        ("Acme Limited", "Acme"),
        ("Fabrikam", "Fabrikam Pty Ltd"),
        ("Fabrikam Inc", "Fabrikam Proprietary Limited"),
        ("Smith", "Smith Limited"),
        ("Acme L.L.C.", "ACME GmbH"),
        ("Smith John", "John Smith"),
        ("Smith, John", "John Smith Ltd"),
        ("Smith & Co", "Smith"),
    ],
)
def test_names_that_differ_only_in_legal_form_or_word_order_are_never_overlooked(
    one: str, other: str
) -> None:
    assert likeness(one, other) == likeness(other, one) == 0.9
    book = ContactBook([contact(1, one)])
    assert book.near(other) == [f"{one} (score 0.90, id ID-1)"]
    found = find_contact(criteria(name=other, create_missing=True), book)
    assert isinstance(found, NoContact)
    assert not found.may_be_made


@pytest.mark.parametrize(
    ("one", "other"), [("Co Ltd", "AG"), ("Limited", "Inc"), ("Smith John", "Smith Jane")]
)
def test_a_legal_form_alone_makes_no_two_companies_alike(one: str, other: str) -> None:
    assert likeness(one, other) < 0.9


def test_a_name_of_nothing_but_signs_is_like_itself_alone() -> None:
    assert spelling("!!!") == "!!!"
    assert likeness("!!!", "???") == 0.0
    assert likeness("!!!", "!!!") == 1.0


def test_archived_contacts_are_near_too_and_told_from_active_ones() -> None:
    book = ContactBook(
        [
            contact(1, "Contoso Ltd.", status="ARCHIVED"),
            contact(2, "Contoso Ltda"),
            contact(3, "Contoso, Ltd"),
        ]
    )
    assert book.near("Contoso Ltd") == [
        "Contoso, Ltd (score 0.99, id ID-3)",
        "Contoso Ltd. (archived, score 0.99, id ID-1)",
        "Contoso Ltda (score 0.96, id ID-2)",
    ]


def test_no_more_than_the_three_best_are_offered_and_the_best_comes_first() -> None:
    book = ContactBook(contact(n, f"Contoso Ltd {'x' * n}") for n in range(1, 5))
    scores = [one.partition("score ")[2][:4] for one in book.near("Contoso Ltd")]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)


def test_what_was_near_is_forgotten_when_contacts_change() -> None:
    book = ContactBook([contact(1, "Contoso Ltd.")])
    assert book.near("Contoso Ltd")
    book.put([contact(1, "Fabrikam Inc")])
    assert book.near("Contoso Ltd") == []


def test_what_came_near_later_is_not_missed_by_who_asked_before() -> None:
    book = ContactBook([contact(1, "Contoso Ltd.")])
    book.near("Contoso Ltd")
    book.put([contact(2, "Contoso Limited"), contact(1, "Contoso Ltd.", status="ARCHIVED")])
    assert book.near("Contoso Ltd") == [
        "Contoso Limited (score 0.99, id ID-2)",
        "Contoso Ltd. (archived, score 0.99, id ID-1)",
    ]


BOOKS = st.lists(
    st.lists(
        st.builds(
            contact,
            st.integers(1, 6),
            st.sampled_from(["Contoso", "Contoso Ltd", "Contosa", "Ltd Contoso", "Fabrikam", "Fabrikan"]),
            status=st.sampled_from(["ACTIVE", "ARCHIVED"]),
        ),
        max_size=4,
    ),
    max_size=30,
)


@given(BOOKS)
def test_a_book_that_grew_finds_what_one_that_was_read_at_once_finds(puts: list[list[XeroContact]]) -> None:
    grown = ContactBook()
    last: dict[str, XeroContact] = {}
    for some in puts:
        grown.put(some)
        last |= {one.id: one for one in some}
        grown.near("Contoso Ltd")
    for name in ("Contoso Ltd", "Fabrikam"):
        assert grown.near(name) == ContactBook(last.values()).near(name)


NAMES = st.text(alphabet="abcdé .&", min_size=1, max_size=14) | st.lists(
    st.sampled_from(["ab", "cd", "co", "ltd", "&"]), min_size=1, max_size=4
).map(" ".join)


@given(st.lists(NAMES, max_size=12), NAMES)
@settings(max_examples=300)
def test_the_short_way_overlooks_nobody_whom_a_comparison_with_each_finds(
    names: list[str], name: str
) -> None:
    found = {place: round(score, 4) for score, place in LikeNames(names).like(name)}
    compared = {
        place: round(score, 4)
        for place, other in enumerate(names)
        if (score := 1.0 if other == name else _plain(name, other)) >= NEAR
    }
    assert found == compared


def _plain(name: str, other: str) -> float:
    """Likeness by its definition, without a short way."""
    if spelling(name) == spelling(other):
        return 0.99
    ratio = min(0.99, SequenceMatcher(None, spelling(other), spelling(name), autojunk=False).ratio())
    return max(ratio, 0.9) if core_words(spelling(name)) == core_words(spelling(other)) else ratio


def test_ten_thousand_contacts_are_not_compared_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    ratio = SequenceMatcher.ratio

    def counted(matcher: SequenceMatcher[str]) -> float:
        compared.append("")
        return ratio(matcher)

    monkeypatch.setattr(SequenceMatcher, "ratio", counted)
    words = [
        "harbour",
        "summit",
        "cobalt",
        "willow",
        "granite",
        "meadow",
        "copper",
        "falcon",
        "juniper",
        "marble",
    ]
    names = [f"{words[n % 10]} {words[n // 10 % 10]} {words[n // 100 % 10]} {n} Ltd" for n in range(10_000)]
    book = ContactBook(contact(n, name) for n, name in enumerate(names))
    assert book.near("Northern Lights Trust") == []
    assert book.near("willow granite cobalt 243 Limited")[0] == (
        "willow granite cobalt 243 Ltd (score 0.99, id ID-243)"
    )
    assert len(compared) < 1_000
    before = len(compared)
    book.near("willow granite cobalt 243 Limited")
    assert len(compared) == before  # asked again by every document of the company, nothing is compared again


def test_contacts_that_are_put_in_let_nothing_be_compared_again_that_was_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = ContactBook(contact(n, f"Harbour Granite {n} Ltd") for n in range(200))
    wanted = [f"Harbour Granite {n} Limted" for n in range(20)]
    for name in wanted:
        book.near(name)
    compared: list[str] = []
    found = LikeNames.like

    def counted(names: LikeNames, name: str) -> list[tuple[float, int]]:
        compared.extend([name] * len(names))
        return found(names, name)

    monkeypatch.setattr(LikeNames, "like", counted)
    book.put([contact(500, "Harbour Granite 3 Limted")])
    for name in wanted * 2:
        book.near(name)
    assert len(compared) == len(wanted)  # the one new contact with each name, once
    assert book.near(wanted[3])[0] == "Harbour Granite 3 Limted (score 1.00, id ID-500)"
