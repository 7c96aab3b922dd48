"""Figures that are kept beside the documents, and indexes for what is searched.

To count a million documents takes a second, so figures are kept: triggers compare the rows before and after each statement and
move the difference. The figures are a function of the rows, whoever writes those and in whatever order, so they follow from the
topics alone, too. All of it names its tables by the schema of the table that was written: a read model that is made under
another name counts for itself.

Readers and writers wait while existing rows are counted, once.
"""

from alembic import op
from sqlalchemy import text

revision = "0010"
down_revision = "0006"

COLUMNS = """
ALTER TABLE read.document
    ADD COLUMN first_seen_revision bigint NOT NULL DEFAULT 0,
    ADD COLUMN first_seen_at timestamptz
"""
COMMENTS = """
COMMENT ON COLUMN read.document.first_seen_at IS 'when its first try was found in Autotask; dry runs do not count'
"""
FIRST_SEEN = """
UPDATE read.document d SET first_seen_revision = t.revision, first_seen_at = t.occurred_at
FROM (SELECT DISTINCT ON (tenant_id, kind, id) tenant_id, kind, id, revision, occurred_at FROM read.timeline
    WHERE topic IN ('invoice.discovered', 'purchase-order.discovered') AND payload ->> 'purpose' IS DISTINCT FROM 'diagnose'
    ORDER BY tenant_id, kind, id, revision, occurred_at) t
WHERE t.tenant_id = d.tenant_id AND t.kind = d.kind AND t.id = d.id
"""

# Seconds from the first try to Xero: class 0 is below one second, class n below 2^n and not below 2^(n-1), the last has no end.
CLASSES = tuple(f"class_{number:02}" for number in range(24))
_BOUNDS = ", ".join(str(2**number) for number in range(len(CLASSES) - 1))

TABLES = f"""
CREATE TABLE read.tally_status (
    tenant_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    cause text COLLATE "C" NOT NULL,
    documents bigint NOT NULL,
    PRIMARY KEY (tenant_id, kind, status, cause)
) WITH (fillfactor = 50);
CREATE TABLE read.tally_xero (
    tenant_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    documents bigint NOT NULL,
    total numeric NOT NULL,
    total_tax numeric NOT NULL,
    PRIMARY KEY (tenant_id, kind, currency)
) WITH (fillfactor = 50);
CREATE TABLE read.tally_synced (
    tenant_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    quarter timestamptz NOT NULL,
    documents bigint NOT NULL,
    {", ".join(f"{name} integer NOT NULL" for name in CLASSES)},
    PRIMARY KEY (tenant_id, kind, quarter)
) WITH (fillfactor = 80);
CREATE TABLE read.tally_failed (
    tenant_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    quarter timestamptz NOT NULL,
    code text COLLATE "C" NOT NULL,
    tries bigint NOT NULL,
    PRIMARY KEY (tenant_id, kind, quarter, code)
) WITH (fillfactor = 80);
COMMENT ON COLUMN read.tally_status.cause IS 'empty where a document has none';
COMMENT ON COLUMN read.tally_synced.quarter IS 'of an hour, its beginning: days of every time zone are made of whole ones'
"""


def _quarter(at: str) -> str:
    return f"date_bin('15 minutes', {at}, TIMESTAMPTZ '2000-01-01 00:00:00+00')"


def _moved(schema: str, table: str, keys: str, sums: dict[str, str], counted: str) -> tuple[str, str]:
    """Two statements: move the figures of a table by what changed rows add up to, then drop those that came to nothing.

    A row is there only while something is counted in it, so that the same documents always leave the same rows.
    """
    columns = ", ".join(sums)
    added = ", ".join(f"sum({value}) AS {name}" for name, value in sums.items())
    changed = " OR ".join(f"sum({value}) <> 0" for value in sums.values())
    grown = ", ".join(f"{name} = t.{name} + excluded.{name}" for name in sums)
    number = next(iter(sums))
    move = (
        f"INSERT INTO {schema}.{table} AS t ({keys}, {columns}) SELECT {keys}, {added} FROM ({counted}) c GROUP BY {keys}"  # noqa: S608  # names of this migration
        f" HAVING {changed} ORDER BY {keys} ON CONFLICT ({keys}) DO UPDATE SET {grown}"
    )
    drop = f"DELETE FROM {schema}.{table} WHERE ({keys}) IN (SELECT {keys} FROM ({counted}) c WHERE sign < 0) AND {number} = 0"  # noqa: S608  # names of this migration
    return move, drop


_COUNTED = (
    "tenant_id, kind, status, cause, synced_revision, synced_outcome, synced_xero_kind, synced_currency, synced_total,"
    " synced_total_tax, first_seen_at, first_synced_at"
)
_SIGN = "CASE WHEN synced_xero_kind = 'credit_note' THEN -1 ELSE 1 END"
_SECONDS = "extract(epoch FROM GREATEST(first_synced_at, first_seen_at) - first_seen_at)::float8"


def figures_of_documents(schema: str, changes: str) -> list[str]:
    """Statements that move what is counted of documents by these changes: rows with their sign."""
    classes = {
        name: f"CASE WHEN class = {number} THEN sign ELSE 0 END" for number, name in enumerate(CLASSES)
    }
    return [
        *_moved(
            schema,
            "tally_status",
            "tenant_id, kind, status, cause",
            {"documents": "sign"},
            f"SELECT sign, tenant_id, kind, status, COALESCE(cause, '') AS cause FROM ({changes}) r",  # noqa: S608  # names of this migration
        ),
        *_moved(
            schema,
            "tally_xero",
            "tenant_id, kind, currency",
            {
                "documents": "sign",
                "total": f"sign * {_SIGN} * total",
                "total_tax": f"sign * {_SIGN} * total_tax",
            },
            "SELECT sign, tenant_id, kind, synced_xero_kind, synced_currency AS currency, synced_total AS total,"  # noqa: S608  # names of this migration
            f" synced_total_tax AS total_tax FROM ({changes}) r WHERE synced_revision > 0 AND synced_outcome <> 'voided'"
            " AND synced_currency IS NOT NULL",
        ),
        *_moved(
            schema,
            "tally_synced",
            "tenant_id, kind, quarter",
            {"documents": "sign"} | classes,
            f"SELECT sign, tenant_id, kind, {_quarter('first_synced_at')} AS quarter,"  # noqa: S608  # names of this migration
            f" width_bucket({_SECONDS}, ARRAY[{_BOUNDS}]::float8[]) AS class FROM ({changes}) r WHERE first_synced_at IS NOT NULL",
        ),
    ]


def figures_of_tries(schema: str, changes: str) -> list[str]:
    """Statements that move what is counted of faults by these changes: one for each try that failed."""
    counted = f"SELECT sign, tenant_id, kind, {_quarter('occurred_at')} AS quarter, code FROM ({changes}) r"  # noqa: S608  # names of this migration
    return list(_moved(schema, "tally_failed", "tenant_id, kind, quarter, code", {"tries": "sign"}, counted))


# Together until the commit: two that moved the same figures in another order would wait for each other.
_ONE_AT_A_TIME = "PERFORM pg_advisory_xact_lock(1952541804, TG_RELID::integer)"


def _executed(statements: list[str], using: str = "") -> str:
    return ";\n    ".join(
        f"EXECUTE format($statement${statement}$statement$, TG_TABLE_SCHEMA, changes){using}"
        for statement in statements
    )


def _function(name: str, declared: str, body: str) -> str:
    return f"CREATE FUNCTION read.{name}() RETURNS trigger LANGUAGE plpgsql AS $function$\n{declared}\nBEGIN\n    {body};\n    RETURN NULL;\nEND\n$function$"


_AFTER, _BEFORE = (
    f"SELECT 1 AS sign, {_COUNTED} FROM after_rows",  # noqa: S608  # names of this migration
    f"SELECT -1 AS sign, {_COUNTED} FROM before_rows",  # noqa: S608  # names of this migration
)
_TRY = "SELECT {sign} AS sign, ({row}).tenant_id, ({row}).kind, ({row}).occurred_at, ({row}).payload ->> ''code'' AS code"
FUNCTIONS = (
    _function(
        "count_documents",
        "DECLARE\n    changes text := CASE TG_OP"
        f" WHEN 'INSERT' THEN '{_AFTER}' WHEN 'DELETE' THEN '{_BEFORE}' ELSE '{_AFTER} UNION ALL {_BEFORE}' END;",
        f"{_ONE_AT_A_TIME};\n    {_executed(figures_of_documents('%1$I', '%2$s'))}",
    ),
    _function(
        "count_tries",
        "DECLARE\n    changes text := CASE TG_OP"
        f" WHEN 'INSERT' THEN '{_TRY.format(sign=1, row='$1')}' WHEN 'DELETE' THEN '{_TRY.format(sign=-1, row='$2')}'"
        f" ELSE '{_TRY.format(sign=1, row='$1')} UNION ALL {_TRY.format(sign=-1, row='$2')}' END;",
        _executed(figures_of_tries("%1$I", "%2$s"), " USING NEW, OLD"),
    ),
    _function(
        "count_nothing",
        "DECLARE\n    counted text;",
        "FOREACH counted IN ARRAY TG_ARGV LOOP\n        EXECUTE format('DELETE FROM %I.%I', TG_TABLE_SCHEMA, counted);\n    END LOOP",
    ),
)
_FAULTED = "IN ('invoice.faulted', 'purchase-order.faulted')"
# Tries are counted at the commit, when the documents' figures are locked already, so that the order of locks is one.
TRIGGERS = f"""
CREATE TRIGGER document_inserted AFTER INSERT ON read.document
    REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION read.count_documents();
CREATE TRIGGER document_updated AFTER UPDATE ON read.document
    REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION read.count_documents();
CREATE TRIGGER document_deleted AFTER DELETE ON read.document
    REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION read.count_documents();
CREATE TRIGGER document_truncated AFTER TRUNCATE ON read.document
    FOR EACH STATEMENT EXECUTE FUNCTION read.count_nothing('tally_status', 'tally_xero', 'tally_synced');
CREATE CONSTRAINT TRIGGER timeline_written AFTER INSERT OR UPDATE ON read.timeline DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.topic {_FAULTED}) EXECUTE FUNCTION read.count_tries();
CREATE CONSTRAINT TRIGGER timeline_deleted AFTER DELETE ON read.timeline DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.topic {_FAULTED}) EXECUTE FUNCTION read.count_tries();
CREATE TRIGGER timeline_truncated AFTER TRUNCATE ON read.timeline
    FOR EACH STATEMENT EXECUTE FUNCTION read.count_nothing('tally_failed')
"""

# Every part of two characters of a text, and its single characters: made of functions that PostgreSQL has.
PAIRS = (
    "string_to_array(search, NULL)"
    " || string_to_array(regexp_replace(search, '(..)', '\\1' || chr(1), 'g'), chr(1))"
    " || string_to_array(regexp_replace(substr(search, 2), '(..)', '\\1' || chr(1), 'g'), chr(1))"
)
INDEXES = (
    f"CREATE INDEX document_pairs ON read.document USING gin (({PAIRS}))",
    "ALTER TABLE read.document ALTER COLUMN search SET STATISTICS 500",
    "ALTER INDEX read.document_pairs ALTER COLUMN 1 SET STATISTICS 500",
    "CREATE INDEX log_by_level ON read.log (tenant_id, level, occurred_at DESC, event_id DESC) WHERE level <> 'info'",
    "CREATE INDEX document_changed_since ON read.document (tenant_id, kind) WHERE hold_changed_since IS NOT NULL",
    """CREATE INDEX document_by_fault ON read.document (tenant_id, kind, cause, fault_at DESC, id DESC)
        WHERE cause IS NOT NULL AND status IN ('Fault', 'Pending Sync', 'Processing Now')""",
)


def upgrade() -> None:
    op.execute(COLUMNS)
    op.execute(COMMENTS)
    op.execute(FIRST_SEEN)
    op.execute(TABLES)
    op.execute(
        "LOCK TABLE read.timeline IN SHARE ROW EXCLUSIVE MODE"
    )  # nothing is written between counting and the triggers
    for moved in figures_of_documents("read", f"SELECT 1 AS sign, {_COUNTED} FROM read.document"):  # noqa: S608  # names of this migration
        op.execute(moved)
    tries = (
        "SELECT 1 AS sign, tenant_id, kind, occurred_at, payload ->> 'code' AS code FROM read.timeline"  # noqa: S608  # a text of this migration
        f" WHERE topic {_FAULTED}"
    )
    for moved in figures_of_tries("read", tries):
        op.execute(moved)
    for statement in (*FUNCTIONS, TRIGGERS, *INDEXES):
        op.execute(statement)
    # Log lines: message, and what the fields tell.
    home = (
        op.get_bind()
        .execute(
            text(
                "SELECT nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'pg_trgm'"
            )
        )
        .scalar()
    )
    if home is not None:
        op.execute(f'CREATE INDEX log_search ON read.log USING gin (lower(message) "{home}".gin_trgm_ops)')
