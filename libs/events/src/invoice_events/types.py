"""Shapes of every event, as typed dictionaries. Generated from `schemas/` by `make generate`: do not edit."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypedDict


Action = Literal["create", "update", "void"]


Priority = Literal["interactive", "normal", "backfill"]


Purpose = Literal["sync", "diagnose"]


class AutotaskInvoice(TypedDict):
    """AutotaskInvoice."""

    id: int
    number: str  # may be empty
    date: date
    due_date: date | None
    created_at: datetime
    total: Decimal  # invoiceTotal as Autotask gave it; net or gross by tenant
    tax_total: Decimal  # totalTaxValue
    currency: str  # three letters, the company's
    tax_region_id: int | None
    tax_region_name: str | None
    order_number: str
    comments: str
    payment_term: str | None  # name of the payment term
    period_from: date | None
    period_to: date | None
    batch_id: int | None
    is_voided: bool
    voided_at: datetime | None
    paid_date: date | None
    web_service_date: datetime | None  # the stamp that any integration may set


class AutotaskCompany(TypedDict):
    """AutotaskCompany."""

    id: int
    name: str
    number: str  # Autotask's companyNumber
    tax_region_id: int | None
    tax_number: str
    phone: str
    address_1: str
    address_2: str
    city: str
    state: str
    postal_code: str
    country_id: int | None  # Autotask's Countries
    attention: str  # who the bill is addressed to
    country_name: str | None
    territory: str | None  # name of the company's territory


class AutotaskContact(TypedDict):
    """the accounts contact, null if the company has no active one."""

    id: int
    first_name: str
    last_name: str
    email: str
    phone: str


class AutotaskLine(TypedDict):
    """AutotaskLine."""

    id: int
    type: int  # billingItemType
    sub_type: int
    item_name: str
    description: str  # full text of the line
    group_id: int | None  # items with the same value form one printed group
    group_description: str
    date: date | None
    quantity: Decimal
    rate: Decimal
    extended_price: Decimal
    total_amount: Decimal
    tax: Decimal  # taxDollars
    non_billable: bool
    billing_code_id: int | None
    billing_code_name: str | None
    tax_category_id: int | None
    ticket_id: int | None
    ticket_number: str | None
    ticket_title: str | None
    contract_id: int | None
    contract_name: str | None
    resource_name: str | None
    sort_order: int | None
    line_of_business: str | None  # name of the line of business the item belongs to


class InvoiceDiscovered(TypedDict):
    """Full snapshot of an Autotask invoice, found or re-read by the poller."""

    event_id: str  # UUIDv5 of tenant, document, revision and event type (processing adds the request, held its hold_version)
    tenant_id: str  # one Autotask database and one Xero organisation
    document: str  # kind and Autotask id, such as invoice/48213
    revision: int  # identity of one try, given by the poller; grows
    occurred_at: datetime
    attempt: int  # 1 to 3
    command_id: str | None  # the command that caused this try, if one did
    xero_document_id: str | None  # the document in Xero, if the ledger knows one
    action: Action  # what has to happen in Xero, as far as the poller's ledger knows
    priority: Priority
    purpose: Purpose
    settings_version: int  # version of the tenant's settings that were used
    autotask_url: str  # link to the invoice in Autotask, without our mark
    generation: int  # 1; one more for each time a person had the document made anew after it was deleted or voided in Xero
    recreate: bool  # a person asked for a new document, should the one in Xero be deleted or voided
    invoice: AutotaskInvoice
    company: AutotaskCompany
    contact: AutotaskContact | None
    lines: list[AutotaskLine]


XeroKind = Literal["invoice", "credit_note"]


ContactMatch = Literal["name", "account_number"]


class ContactDetails(TypedDict):
    """what Autotask knows of the customer, cut to what Xero takes; null if the settings ask for no contact write."""

    first_name: str
    last_name: str
    email: str
    phone: str
    tax_number: str
    attention: str
    address_1: str
    address_2: str
    city: str
    region: str
    postal_code: str
    country: str


class ContactCriteria(TypedDict):
    """ContactCriteria."""

    company_id: int
    name: str
    account_number: str
    match_by: ContactMatch
    ignore_case: bool
    pinned_contact_id: str | None
    create_missing: bool  # make the contact if none fits and none is near
    refresh: bool  # bring the contact's details up to date from `details` after the document is written
    details: ContactDetails | None


DueRule = Literal["autotask", "contact_terms"]


class Tracking(TypedDict):
    """Tracking."""

    name: str
    option: str


class XeroLine(TypedDict):
    """XeroLine."""

    description: str
    quantity: Decimal | None
    unit_amount: Decimal | None
    account_code: str | None
    tax_type: str | None
    tax_amount: Decimal | None
    tracking: list[Tracking]


class XeroDocument(TypedDict):
    """XeroDocument."""

    number: str | None  # null: Xero gives the next one
    reference: str
    date: date
    currency: str
    status: str  # DRAFT or AUTHORISED
    sent_to_contact: bool
    url: str | None
    branding_theme_id: str | None
    unit_decimals: int  # 2, or 4 with unitdp=4
    lines: list[XeroLine]


class PredictedLine(TypedDict):
    """PredictedLine."""

    line_amount: Decimal
    tax_amount: Decimal


class Prediction(TypedDict):
    """Prediction."""

    sub_total: Decimal
    total_tax: Decimal
    total: Decimal
    lines: list[PredictedLine]


class DiagnosedObstacle(TypedDict):
    """what a try would end with, of a dry run (purpose diagnose) that ends before the document to be."""

    outcome: str  # faulted or skipped
    code: str  # of the fault, or reason of the skip
    text: str
    details: list[str]


class InvoiceMapped(TypedDict):
    """The Xero document to be, with what Xero is expected to make of it."""

    event_id: str  # UUIDv5 of tenant, document, revision and event type (processing adds the request, held its hold_version)
    tenant_id: str  # one Autotask database and one Xero organisation
    document: str  # kind and Autotask id, such as invoice/48213
    revision: int  # identity of one try, given by the poller; grows
    occurred_at: datetime
    attempt: int  # 1 to 3
    command_id: str | None  # the command that caused this try, if one did
    xero_document_id: str | None  # the document in Xero, if the ledger knows one
    action: Action
    priority: Priority
    purpose: Purpose
    settings_version: int
    reference_version: int  # version of xero.reference that was used
    xero_kind: XeroKind
    number_is_ours: bool  # false where Xero numbers the document
    mark: str  # how the document is recognised in Xero: the fragment of Url, or the end of Reference
    recreate: bool  # write a new document if the one that is known was deleted or voided in Xero
    contact: ContactCriteria
    due_rule: DueRule  # contact_terms: the writer computes it, due_date is the fallback
    due_date: date | None
    xero: XeroDocument | None  # null when the action is void
    prediction: Prediction | None  # what Xero will compute, to the cent; null when the action is void
    decisions: list[str]  # why each number, account and tax was chosen, in words
    warnings: list[str]  # what a person should know although the document goes over
    obstacle: DiagnosedObstacle | None  # null: a document to be; only a dry run can have one


ProcessingPhase = Literal["writing", "verifying"]


class InvoiceProcessing(TypedDict):
    """Being written now, or an unknown outcome being verified."""

    event_id: str  # UUIDv5 of tenant, document, revision and event type (processing adds the request, held its hold_version)
    tenant_id: str  # one Autotask database and one Xero organisation
    document: str  # kind and Autotask id, such as invoice/48213
    revision: int  # identity of one try, given by the poller; grows
    occurred_at: datetime
    attempt: int  # 1 to 3
    command_id: str | None  # the command that caused this try, if one did
    xero_document_id: str | None  # the document in Xero, if the ledger knows one
    request_id: str  # the intent this is about
    phase: ProcessingPhase  # verifying: the outcome of the request is unknown and is being looked up


class InvoiceSynced(TypedDict):
    """In Xero: what was written and what was resolved."""

    event_id: str  # UUIDv5 of tenant, document, revision and event type (processing adds the request, held its hold_version)
    tenant_id: str  # one Autotask database and one Xero organisation
    document: str  # kind and Autotask id, such as invoice/48213
    revision: int  # identity of one try, given by the poller; grows
    occurred_at: datetime
    attempt: int  # 1 to 3
    command_id: str | None  # the command that caused this try, if one did
    xero_document_id: str | None  # the document in Xero, if the ledger knows one
    xero_kind: XeroKind
    outcome: str  # created, updated, unchanged, adopted or voided
    xero_number: str
    xero_url: str  # link into Xero
    xero_status: str
    currency: str
    sub_total: Decimal
    total_tax: Decimal
    total: Decimal  # as Xero returned them; positive on credit notes
    contact_id: str
    contact_name: str
    due_date: date | None
    warnings: list[str]  # Xero's warnings, verbatim


class InvoiceFaulted(TypedDict):
    """This try failed, and why."""

    event_id: str  # UUIDv5 of tenant, document, revision and event type (processing adds the request, held its hold_version)
    tenant_id: str  # one Autotask database and one Xero organisation
    document: str  # kind and Autotask id, such as invoice/48213
    revision: int  # identity of one try, given by the poller; grows
    occurred_at: datetime
    attempt: int  # 1 to 3
    command_id: str | None  # the command that caused this try, if one did
    xero_document_id: str | None  # the document in Xero, if the ledger knows one
    code: str  # of the fault catalogue
    text: str  # verbatim from the provider, or ours where we found it
    side: str  # autotask, xero or us
    service: str
    strike: bool  # counts towards the three
    final: bool  # no automatic try will follow, whatever the count
    details: list[str]  # such as the difference line by line, or near matches


class InvoiceSkipped(TypedDict):
    """Not synced, and why."""

    event_id: str  # UUIDv5 of tenant, document, revision and event type (processing adds the request, held its hold_version)
    tenant_id: str  # one Autotask database and one Xero organisation
    document: str  # kind and Autotask id, such as invoice/48213
    revision: int  # identity of one try, given by the poller; grows
    occurred_at: datetime
    attempt: int  # 1 to 3
    command_id: str | None  # the command that caused this try, if one did
    xero_document_id: str | None  # the document in Xero, if the ledger knows one
    reason: str  # of the list of skip reasons
    text: str


Hold = Literal["none", "skip", "diagnose"]


class InvoiceHeld(TypedDict):
    """A hold laid over the document, or lifted."""

    event_id: str  # UUIDv5 of tenant, document, revision and event type (processing adds the request, held its hold_version)
    tenant_id: str  # one Autotask database and one Xero organisation
    document: str  # kind and Autotask id, such as invoice/48213
    revision: int  # identity of one try, given by the poller; grows
    occurred_at: datetime
    attempt: int  # 1 to 3
    command_id: str | None  # the command that caused this try, if one did
    xero_document_id: str | None  # the document in Xero, if the ledger knows one
    hold: Hold
    hold_version: int  # grows with each change of the hold
    actor: str | None


class AutotaskOrder(TypedDict):
    """AutotaskOrder."""

    id: int
    number: str  # Autotask's purchaseOrderNumber, may be empty
    external_number: str
    vendor_invoice_number: str
    status: int  # Autotask's picklist value
    status_name: str | None
    created_at: datetime
    submitted_at: datetime | None
    cancelled_at: datetime | None
    date: date  # day it was submitted, else made, in the tenant's time zone
    expected_on: date | None  # latest estimated arrival
    currency: str  # three letters, the vendor's
    freight: Decimal
    tax_region_id: int | None
    payment_term: str | None
    memo: str
    ship_to_name: str
    ship_to_address_1: str
    ship_to_address_2: str
    ship_to_city: str
    ship_to_state: str
    ship_to_postal_code: str
    phone: str
    purchased_for: str | None  # name of the company it is bought for


class AutotaskOrderLine(TypedDict):
    """AutotaskOrderLine."""

    id: int
    product_id: int | None
    product_name: str | None
    memo: str
    quantity: Decimal
    unit_cost: Decimal
    expected_on: date | None
    ticket_number: str | None
    contract_name: str | None


class PurchaseOrderDiscovered(TypedDict):
    """Full snapshot of an Autotask purchase order, found or re-read by the poller."""

    event_id: str  # UUIDv5 of tenant, document, revision and event type (processing adds the request, held its hold_version)
    tenant_id: str  # one Autotask database and one Xero organisation
    document: str  # kind and Autotask id, such as purchase-order/771
    revision: int  # identity of one try, given by the poller; grows
    occurred_at: datetime
    attempt: int  # 1 to 3
    command_id: str | None  # the command that caused this try, if one did
    xero_document_id: str | None  # the document in Xero, if the ledger knows one
    action: Action  # what has to happen in Xero, as far as the poller's ledger knows
    priority: Priority
    purpose: Purpose
    settings_version: int  # version of the tenant's settings that were used
    autotask_url: str  # link to the order in Autotask
    generation: int  # 1; one more for each time a person had the document made anew after it was deleted or voided in Xero
    recreate: bool  # a person asked for a new document, should the one in Xero be deleted or voided
    order: AutotaskOrder
    vendor: AutotaskCompany
    lines: list[AutotaskOrderLine]


OrderKind = Literal["purchase_order"]


class XeroOrder(TypedDict):
    """XeroOrder."""

    number: str | None  # null: Xero gives the next one
    reference: str
    date: date
    currency: str
    status: str  # DRAFT or AUTHORISED
    sent_to_contact: bool
    branding_theme_id: str | None
    unit_decimals: int  # 2, or 4 with unitdp=4
    lines: list[XeroLine]
    delivery_date: date | None
    delivery_address: str
    attention_to: str
    telephone: str


class PurchaseOrderMapped(TypedDict):
    """The Xero purchase order to be."""

    event_id: str  # UUIDv5 of tenant, document, revision and event type (processing adds the request, held its hold_version)
    tenant_id: str  # one Autotask database and one Xero organisation
    document: str  # kind and Autotask id, such as purchase-order/771
    revision: int  # identity of one try, given by the poller; grows
    occurred_at: datetime
    attempt: int  # 1 to 3
    command_id: str | None  # the command that caused this try, if one did
    xero_document_id: str | None  # the document in Xero, if the ledger knows one
    action: Action
    priority: Priority
    purpose: Purpose
    settings_version: int
    reference_version: int  # version of xero.reference that was used
    xero_kind: OrderKind
    number_is_ours: bool  # false where Xero numbers the document
    mark: str  # how the document is recognised in Xero: the end of Reference
    recreate: bool  # write a new document if the one that is known was deleted or voided in Xero
    contact: ContactCriteria
    xero: XeroOrder | None  # null when the action is void
    prediction: Prediction | None  # what Xero will compute, to the cent; null when the action is void
    decisions: list[str]  # why each number, account and tax was chosen, in words
    warnings: list[str]  # what a person should know although the document goes over
    obstacle: DiagnosedObstacle | None  # null: a document to be; only a dry run can have one


class PurchaseOrderProcessing(TypedDict):
    """Being written now, or an unknown outcome being verified."""

    event_id: str  # UUIDv5 of tenant, document, revision and event type (processing adds the request, held its hold_version)
    tenant_id: str  # one Autotask database and one Xero organisation
    document: str  # kind and Autotask id, such as purchase-order/771
    revision: int  # identity of one try, given by the poller; grows
    occurred_at: datetime
    attempt: int  # 1 to 3
    command_id: str | None  # the command that caused this try, if one did
    xero_document_id: str | None  # the document in Xero, if the ledger knows one
    request_id: str  # the intent this is about
    phase: ProcessingPhase  # verifying: the outcome of the request is unknown and is being looked up


class PurchaseOrderSynced(TypedDict):
    """In Xero: what was written and what was resolved."""

    event_id: str  # UUIDv5 of tenant, document, revision and event type (processing adds the request, held its hold_version)
    tenant_id: str  # one Autotask database and one Xero organisation
    document: str  # kind and Autotask id, such as purchase-order/771
    revision: int  # identity of one try, given by the poller; grows
    occurred_at: datetime
    attempt: int  # 1 to 3
    command_id: str | None  # the command that caused this try, if one did
    xero_document_id: str | None  # the document in Xero, if the ledger knows one
    xero_kind: OrderKind
    outcome: str  # created, updated, unchanged, adopted or voided
    xero_number: str
    xero_url: str  # link into Xero
    xero_status: str
    currency: str
    sub_total: Decimal
    total_tax: Decimal
    total: Decimal  # as Xero returned them; positive on credit notes
    contact_id: str
    contact_name: str
    warnings: list[str]  # Xero's warnings, verbatim


class PurchaseOrderFaulted(TypedDict):
    """This try failed, and why."""

    event_id: str  # UUIDv5 of tenant, document, revision and event type (processing adds the request, held its hold_version)
    tenant_id: str  # one Autotask database and one Xero organisation
    document: str  # kind and Autotask id, such as purchase-order/771
    revision: int  # identity of one try, given by the poller; grows
    occurred_at: datetime
    attempt: int  # 1 to 3
    command_id: str | None  # the command that caused this try, if one did
    xero_document_id: str | None  # the document in Xero, if the ledger knows one
    code: str  # of the fault catalogue
    text: str  # verbatim from the provider, or ours where we found it
    side: str  # autotask, xero or us
    service: str
    strike: bool  # counts towards the three
    final: bool  # no automatic try will follow, whatever the count
    details: list[str]  # such as the difference line by line, or near matches


class PurchaseOrderSkipped(TypedDict):
    """Not synced, and why."""

    event_id: str  # UUIDv5 of tenant, document, revision and event type (processing adds the request, held its hold_version)
    tenant_id: str  # one Autotask database and one Xero organisation
    document: str  # kind and Autotask id, such as purchase-order/771
    revision: int  # identity of one try, given by the poller; grows
    occurred_at: datetime
    attempt: int  # 1 to 3
    command_id: str | None  # the command that caused this try, if one did
    xero_document_id: str | None  # the document in Xero, if the ledger knows one
    reason: str  # of the list of skip reasons
    text: str


class PurchaseOrderHeld(TypedDict):
    """A hold laid over the document, or lifted."""

    event_id: str  # UUIDv5 of tenant, document, revision and event type (processing adds the request, held its hold_version)
    tenant_id: str  # one Autotask database and one Xero organisation
    document: str  # kind and Autotask id, such as purchase-order/771
    revision: int  # identity of one try, given by the poller; grows
    occurred_at: datetime
    attempt: int  # 1 to 3
    command_id: str | None  # the command that caused this try, if one did
    xero_document_id: str | None  # the document in Xero, if the ledger knows one
    hold: Hold
    hold_version: int  # grows with each change of the hold
    actor: str | None
    changed_since: (
        datetime | None
    )  # when the order was first seen to differ in Autotask from what went over; null if it does not


class SyncCommand(TypedDict):
    """What a person or machine asked for."""

    command_id: str
    tenant_id: str
    kind: str  # resync, skip, unskip, diagnose, release, explain, sync-now or test-connection
    document: str | None
    actor: str
    issued_at: datetime
    options: dict[str, str]


CommandState = Literal["accepted", "started", "done", "refused"]


class CommandResult(TypedDict):
    """The fate of a command."""

    event_id: str
    command_id: str
    tenant_id: str
    kind: str
    document: str | None
    service: str
    occurred_at: datetime
    state: CommandState
    reason: str | None
    answer: str | None  # JSON


TenantState = Literal["active", "paused"]


class TenantSettings(TypedDict):
    """A tenant's settings and state."""

    tenant_id: str
    name: str
    state: TenantState
    version: int  # grows with each change of settings or state
    settings: str  # JSON by settings.schema.json
    updated_at: datetime
    updated_by: str


class XeroOrganisation(TypedDict):
    """XeroOrganisation."""

    id: str
    name: str
    base_currency: str
    country_code: str
    time_zone: str  # as Xero spells it
    short_code: str
    period_lock_date: date | None
    end_of_year_lock_date: date | None


class XeroAccount(TypedDict):
    """XeroAccount."""

    code: str
    name: str
    type: str
    account_class: str
    status: str
    tax_type: str
    system_account: str


class XeroTaxRate(TypedDict):
    """XeroTaxRate."""

    tax_type: str
    name: str
    status: str
    effective_rate: Decimal  # per cent
    can_apply_to_revenue: bool
    can_apply_to_expenses: bool | None  # null: not known


class XeroTrackingOption(TypedDict):
    """XeroTrackingOption."""

    id: str
    name: str
    status: str


class XeroTrackingCategory(TypedDict):
    """XeroTrackingCategory."""

    id: str
    name: str
    status: str
    options: list[XeroTrackingOption]


class XeroBrandingTheme(TypedDict):
    """XeroBrandingTheme."""

    id: str
    name: str


class XeroReference(TypedDict):
    """What the mapper needs to know of a tenant's Xero organisation."""

    tenant_id: str
    version: int  # milliseconds since 1970 of the last change
    fetched_at: datetime
    organisation: XeroOrganisation
    accounts: list[XeroAccount]
    tax_rates: list[XeroTaxRate]
    currencies: list[str]
    tracking_categories: list[XeroTrackingCategory]
    branding_themes: list[XeroBrandingTheme]


LogLevel = Literal["info", "warning", "error"]


class SyncLog(TypedDict):
    """One line of the Sync Logs tab."""

    event_id: str
    tenant_id: str
    document: str | None
    revision: int | None
    service: str
    level: LogLevel
    occurred_at: datetime
    message: str
    fields: dict[str, str]
    trace_id: str | None


ConnectionSide = Literal["autotask", "xero"]


ConnectionState = Literal["connected", "down", "throttled", "refused"]


class Budget(TypedDict):
    """Budget."""

    name: str  # hour, minute or day
    used: int
    limit: int


class ConnectionHealth(TypedDict):
    """State of one connection of a tenant and its API budgets."""

    tenant_id: str
    side: ConnectionSide
    service: str
    state: ConnectionState
    detail: str
    changed_at: datetime
    checked_at: datetime
    budgets: list[Budget]
