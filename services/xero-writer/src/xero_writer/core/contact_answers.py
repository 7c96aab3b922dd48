"""What Xero said about each contact of a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xero_writer.core.answers import Refused, Unmatched, Verdict, Written, error_texts
from xero_writer.core.judgement import messages
from xero_writer.core.refusals import CONTACT_TAKEN, EMAIL_INVALID, code_of
from xero_writer.core.values import ZERO_ID, Json, text


@dataclass(frozen=True, slots=True)
class AskedContact:
    """One contact of a request. `body` names it by ContactID, or by the ContactNumber that it is to get."""

    body: Json

    @property
    def key(self) -> tuple[str, str]:
        """The field that it is recognised by in the answer, and its value."""
        field = "ContactID" if "ContactID" in self.body else "ContactNumber"
        return field, text(self.body[field]).lower()


def match_contacts(asked: Sequence[AskedContact], answer: Json) -> list[Verdict]:
    """A verdict per contact asked for, in the order asked: by id or contact number, never by position.

    Xero answers 200 even if elements failed when summarizeErrors=false. A failed create returns the zero id; contacts
    are flagged by HasValidationErrors, where documents have HasErrors.
    """
    elements = [element for element in answer.get("Contacts") or [] if isinstance(element, dict)]
    return [_verdict(one, elements) for one in asked]


def _verdict(asked: AskedContact, elements: list[Json]) -> Verdict:
    field, value = asked.key
    found = [element for element in elements if text(element.get(field)).lower() == value]
    if len(found) != 1:
        return Unmatched()
    element = found[0]
    refused = refusal_of(element)
    if refused is not None:
        return refused
    return Written(element) if text(element.get("ContactID")) not in {"", ZERO_ID} else Unmatched()


def refusal_of(element: Json) -> Refused | None:
    """How Xero refused this contact, None if it did not."""
    texts = contact_errors(element)
    flagged = element.get("HasValidationErrors") is True or element.get("StatusAttributeString") == "ERROR"
    if texts or flagged:
        return Refused(texts or ["Xero refused the contact without giving a reason"])
    return None


def is_taken(texts: Sequence[str]) -> bool:
    """Whether Xero refused a new contact because its name or contact number is in use: then the contact is there."""
    return any(code_of([one]) == CONTACT_TAKEN for one in texts)


def refusal_code(texts: Sequence[str]) -> str:
    """Catalogue code of a refused contact."""
    return EMAIL_INVALID if any(code_of([one]) == EMAIL_INVALID for one in texts) else "CONTACT_INVALID"


def contact_errors(element: Json) -> list[str]:
    """Every validation text of a contact, those of its addresses, phones and persons included."""
    nested = [
        message
        for name in ("Addresses", "Phones", "ContactPersons")
        for part in element.get(name) or []
        if isinstance(part, dict)
        for message in messages(part.get("ValidationErrors"))
    ]
    return list(dict.fromkeys(error_texts(element) + nested))
