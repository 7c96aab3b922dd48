"""Companies and their accounts contacts, read in batches and kept as long as their reader lives: one cycle, or one command."""

from __future__ import annotations

from collections.abc import Mapping

from invoice_events.settings import ContactField
from poller.adapters.autotask.queries import pages_where_in, records_where_in
from poller.adapters.autotask.references import by_id, referred, safe_reference
from poller.adapters.autotask.slow_names import NamesOfNow, SlowNames, Source
from poller.core.companies import CompanyNames
from poller.core.contacts import accounts_contact
from poller.core.extras import Extras
from poller.core.values import Record

# Only fields that every known version of the API has: an unknown name makes the whole query fail.
_COMPANY = (
    "id", "companyName", "companyNumber", "currencyID", "taxRegionID", "taxID", "phone",
    "address1", "address2", "city", "state", "postalCode", "countryID", "territoryID",
    "billToAttention", "billingAddress1", "billingAddress2", "billToCity", "billToState", "billToZipCode", "billToCountryID",
)  # fmt: skip

# Of contacts all fields are read, user-defined ones too, by which one is chosen; of the chosen one these are kept.
_CONTACT = ("id", "firstName", "lastName", "emailAddress", "phone")


class Companies:
    """The companies that documents name, without asking twice."""

    def __init__(self, source: Source, slow: SlowNames, extras: Extras) -> None:
        self._source = source
        self._slow = slow
        self._extras = extras
        self._companies: dict[int, Record | None] = {}
        self._contacts: dict[int, Record | None] = {}

    def know(self, ids: set[int]) -> Mapping[int, Record | None]:
        """The companies of these ids; None where the API user may not see one.

        Raises:
            AutotaskError: a call failed; nothing was kept that is wrong.
        """
        missing = ids - set(self._companies)
        if missing:
            found = by_id(records_where_in(self._source, "Companies", "id", missing, _COMPANY))
            known_currencies = self._slow.current(self._source).tables.currencies
            if referred(found.values(), "currencyID") - set(known_currencies):
                self._slow.forget()
            self._companies.update({number: found.get(number) for number in missing})
        return self._companies

    def know_contacts(self, ids: set[int], named_by: ContactField) -> Mapping[int, Record | None]:
        """The accounts contacts of these companies; None where a company has no active contact. Raises as `know`.

        Records of all fields are large, and companies have many: of each page only the best so far are kept.
        """
        missing = ids - set(self._contacts)
        if missing:
            active = {"op": "eq", "field": "isActive", "value": 1}
            best: dict[int, Record | None] = {}
            for page in pages_where_in(self._source, "Contacts", "companyID", missing, also=[active]):
                for contact in page:
                    number = safe_reference(contact, "companyID")
                    others = [known] if (known := best.get(number)) else []
                    best[number] = accounts_contact([*others, contact], named_by)
            for number in missing:
                chosen = best.get(number)
                self._contacts[number] = chosen and {name: chosen.get(name) for name in _CONTACT}
        return self._contacts

    def names(self, ids: set[int], names: NamesOfNow) -> CompanyNames:
        """What the records of these companies refer to, by the names that their batch goes by. Raises as `know`."""
        known = [company for number in ids if (company := self._companies.get(number))]
        if self._extras.territories:
            names.territories(referred(known, "territoryID"))
        if self._extras.countries:
            wanted = referred(known, "countryID") | referred(known, "billToCountryID")
            names.countries(wanted)
        return names.company_names()
