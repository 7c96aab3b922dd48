"""What changed, for those who follow it: places that wait for a number, and the numbered changes of the last hour.

A change is numbered after its transaction has committed, by one at a time. So the numbers have no gaps, and whoever sees one has
seen, or can see, all before it.
"""

from alembic import op

revision = "0007"
down_revision = "0008"

TABLES = """
CREATE TABLE change_counter (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    newest bigint NOT NULL,
    forgotten bigint NOT NULL,
    read_model oid
) WITH (fillfactor = 50);
COMMENT ON COLUMN change_counter.forgotten IS 'changes with this number and those before it are not kept any more';
COMMENT ON COLUMN change_counter.read_model IS 'the table of documents that was served when changes were numbered last: another one is another read model';
CREATE TABLE change_waiting (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    thing text COLLATE "C" NOT NULL
);
COMMENT ON TABLE change_waiting IS 'written in the transaction that changes the thing; numbered once that has committed';
CREATE TABLE change (
    number bigint PRIMARY KEY,
    tenant_id text COLLATE "C",
    subject text COLLATE "C" NOT NULL,
    thing text COLLATE "C",
    status text,
    changed_at timestamptz,
    numbered_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN change.tenant_id IS 'empty: everything has to be read again';
COMMENT ON COLUMN change.thing IS 'empty: so many changed that they are not named'
"""

# Numbers of a database that was made again begin above those of the old one: none of them is taken for a new one.
FIRST = """
INSERT INTO change_counter (newest, forgotten)
SELECT first, first FROM (SELECT (extract(epoch FROM now()) * 1000)::bigint AS first) f
"""

# A resync lies over its document, so what is shown of that changes with the command.
FUNCTIONS = """
CREATE FUNCTION app.tell_commands() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    INSERT INTO app.change_waiting (tenant_id, subject, thing)
    SELECT tenant_id, 'command', command_id FROM after_rows
    UNION ALL SELECT tenant_id, document_kind, document_id::text FROM after_rows WHERE document_id <> 0;
    RETURN NULL;
END
$function$;
CREATE FUNCTION app.tell_tenants() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    INSERT INTO app.change_waiting (tenant_id, subject, thing) SELECT tenant_id, 'tenant', tenant_id FROM after_rows;
    RETURN NULL;
END
$function$
"""
TRIGGERS = """
CREATE TRIGGER command_inserted AFTER INSERT ON command
    REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION app.tell_commands();
CREATE TRIGGER command_updated AFTER UPDATE ON command
    REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION app.tell_commands();
CREATE TRIGGER tenant_inserted AFTER INSERT ON tenant
    REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION app.tell_tenants();
CREATE TRIGGER tenant_updated AFTER UPDATE ON tenant
    REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION app.tell_tenants()
"""


def upgrade() -> None:
    for statements in (TABLES, FIRST, FUNCTIONS, TRIGGERS):
        op.execute(statements)
