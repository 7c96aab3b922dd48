"""What leaves the house with a support bundle: secrets never, who the customer is only if an admin wants it.

What a field holds is decided by its name, and what is not known here is hidden: a field that comes later tells nothing until
somebody has decided about it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum, auto
from typing import Any

Clean = Callable[[str], str]

SECRET = "[secret]"  # noqa: S105  # what stands where one was


class Is(Enum):
    """What a text is."""

    KEPT = auto()
    """Ids, codes, states, amounts, names of settings: nothing of a customer."""
    WORDS = auto()
    """Sentences by us or a provider: kept, without the names in them that are known."""
    PERSON = auto()
    """Names of companies and people."""
    ADDRESS = auto()
    EMAIL = auto()
    PHONE = auto()
    TAX_NUMBER = auto()
    FREE = auto()
    """What somebody wrote about the customer: only its length is told."""


_NAMES = {
    Is.KEPT: "account_class account_code account_number action autotask_url base_currency billing_code_name branding_theme_id code"
    " command_id contact_id country_code currencies currency document due_rule event_id external_number hold id item_name kind level"
    " line_of_business mark match_by number option order_number outcome payment_term phase pinned_contact_id priority product_name"
    " purpose reference request_id service short_code side stage state status status_name system_account tax_region_name tax_type"
    " tenant_id territory ticket_number time_zone topic trace_id type url vendor_invoice_number xero_document_id xero_id xero_kind"
    " xero_number xero_status xero_url bulk_id bulk recreate changed cause_code",
    Is.WORDS: "answer decisions detail details fields message next_step options reason summary text warnings",
    Is.PERSON: "actor attention attention_to contact_name contract_name first_name last_name name purchased_for resource_name"
    " ship_to_name updated_by",
    Is.ADDRESS: "address_1 address_2 city country country_name delivery_address postal_code region ship_to_address_1"
    " ship_to_address_2 ship_to_city ship_to_postal_code ship_to_state",
    Is.EMAIL: "email",
    Is.PHONE: "phone telephone",
    Is.TAX_NUMBER: "tax_number",
    Is.FREE: "comments description group_description memo ticket_title settings",
}
_BY_PLACE = {
    "company.state": Is.ADDRESS,
    "vendor.state": Is.ADDRESS,
    **{
        f"{place}.name": Is.KEPT
        for place in (
            "accounts",
            "branding_themes",
            "budgets",
            "options",
            "tax_rates",
            "tracking",
            "tracking_categories",
            "autotask_status",
        )
    },
}
_BY_NAME = {name: what for what, names in _NAMES.items() for name in names.split()}
_LOG_FIELDS = "fields"
"""Whose members are named by whoever wrote the line."""
_LABELS = {
    Is.PERSON: "name",
    Is.ADDRESS: "address",
    Is.EMAIL: "email",
    Is.PHONE: "phone",
    Is.TAX_NUMBER: "tax number",
}

_SECRET_NAME = re.compile(
    r"secret|password|passwd|token(?!_id)|authori[sz]ation|api_?key|integration_code|credential|targets",
    re.IGNORECASE,
)
_IN_URL = re.compile(r"(://)[^/\s:@]*:[^/\s@]*@")
_BEARER = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_PLAIN = re.compile(
    r"-?[0-9]{1,28}(?:\.[0-9]{1,8})?|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]+(?:Z|[+-][0-9:]+))?|"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.:/-])\+[0-9][0-9 ()./-]{5,}[0-9]")
_NEAR = re.compile(r"^near match: (.+?)(?: \([0-9.]+\))?$")
_SHORTEST = 3
"""Shorter texts are hidden where they stand, but not looked for elsewhere: they would be found in every word."""


def what_is(place: str, name: str) -> Is | None:
    """What a field's text is, by the record or list around it and its own name; None: nobody has decided."""
    what = _BY_PLACE.get(f"{place}.{name}") or _BY_NAME.get(name)
    if place == _LOG_FIELDS and what not in _LABELS:
        return Is.WORDS
    return what


class Redaction:
    """Hides what must not be seen. Learn everything first, then tell: a name is found in a sentence only if it is known.

    Args:
        clean: removes secrets that this process knows.
        detailed: tell who the customer is.
    """

    def __init__(self, clean: Clean, *, detailed: bool) -> None:
        self._clean = clean
        self._detailed = detailed
        self._labels: dict[str, str] = {}
        self._spellings: set[str] = set()
        self._count = dict.fromkeys(_LABELS, 0)
        self._known: re.Pattern[str] | None = None

    def learn(self, value: Any, place: str = "", name: str = "") -> None:  # noqa: ANN401  # any JSON
        """Remember the names and addresses in an event, or in a part of one."""
        if isinstance(value, dict):
            for inner, item in value.items():
                self.learn(item, name or place, inner)
        elif isinstance(value, list):
            for item in value:
                self.learn(item, place, name)
        elif isinstance(value, str):
            what = what_is(place, name)
            near = _NEAR.match(value) if what is Is.WORDS else None
            if near is not None:
                self._label(Is.PERSON, near[1])
            elif what in _LABELS and value.strip():
                self._label(what, value)

    def _label(self, what: Is, value: str) -> str:
        spelt = value.strip()
        key = spelt.casefold()
        if key not in self._labels:
            if len(spelt) >= _SHORTEST:
                self._spellings |= {spelt, key}
            self._count[what] += 1
            self._labels[key] = f"[{_LABELS[what]} {self._count[what]}]"
            self._known = None
        return self._labels[key]

    def told(self, value: Any, place: str = "", name: str = "") -> Any:  # noqa: ANN401  # any JSON
        """The same without what must not be seen."""
        if name and _SECRET_NAME.search(name) and value is not None:
            return SECRET
        if isinstance(value, dict):
            return {inner: self.told(item, name or place, inner) for inner, item in value.items()}
        if isinstance(value, list):
            return [self.told(item, place, name) for item in value]
        if isinstance(value, str):
            return self._text(value, what_is(place, name))
        return value

    def without_secrets(self, value: Any, name: str = "") -> Any:  # noqa: ANN401  # any JSON
        """What holds nothing of a customer, such as settings: only secrets are hidden."""
        if name and _SECRET_NAME.search(name) and value is not None:
            return SECRET
        if isinstance(value, dict):
            return {inner: self.without_secrets(item, inner) for inner, item in value.items()}
        if isinstance(value, list):
            return [self.without_secrets(item, name) for item in value]
        return self._without_secrets(value) if isinstance(value, str) else value

    def _text(self, text: str, what: Is | None) -> str:
        safe = self._without_secrets(text)
        if self._detailed or what is Is.KEPT or not text.strip():
            return safe
        if what is Is.WORDS:
            return self.words(safe)
        if what in _LABELS:
            return self._label(what, text)
        if what is None and _PLAIN.fullmatch(text):
            return safe
        return f"[text of {len(text)} characters]"

    def _without_secrets(self, text: str) -> str:
        text = _IN_URL.sub(rf"\1{SECRET}@", self._clean(text))
        return _BEARER.sub(rf"\1 {SECRET}", text)

    def words(self, text: str) -> str:
        """A sentence without the names, addresses, mail addresses and phone numbers that can be found in it."""
        text = _EMAIL.sub(lambda found: self._labels.get(found[0].casefold(), "[email]"), text)
        known = self._pattern()
        if known is not None:
            text = known.sub(lambda found: self._labels.get(found[0].casefold(), "[name]"), text)
        return _PHONE.sub("[phone]", text)

    def _pattern(self) -> re.Pattern[str] | None:
        """Finds every known name, the longest first."""
        if self._known is None and self._spellings:
            told = "|".join(map(re.escape, sorted(self._spellings, key=len, reverse=True)))
            self._known = re.compile(rf"(?<!\w)(?:{told})(?!\w)", re.IGNORECASE)
        return self._known
