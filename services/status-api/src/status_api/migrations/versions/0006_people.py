"""People: who they are, what they may do, what they sign in with, what they want to be told."""

from alembic import op

revision = "0006"
down_revision = "0005"

TABLES = """
-- All at once, in the order of those who write: whoever gives a command would else hold the one and wait for the other.
LOCK TABLE command, audit IN ACCESS EXCLUSIVE MODE;
CREATE TABLE person (
    person_id text COLLATE "C" PRIMARY KEY,
    email text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    password_hash text,
    state text NOT NULL CHECK (state IN ('active', 'disabled')),
    created_at timestamptz NOT NULL,
    created_by text NOT NULL
);
COMMENT ON COLUMN person.email IS 'lower-cased';
COMMENT ON COLUMN person.password_hash IS 'argon2; empty: invited, or a machine: cannot sign in';
CREATE TABLE person_grant (
    person_id text COLLATE "C" NOT NULL REFERENCES person (person_id),
    tenant_id text COLLATE "C" REFERENCES tenant (tenant_id),
    role text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    granted_at timestamptz NOT NULL,
    granted_by text NOT NULL
);
COMMENT ON COLUMN person_grant.tenant_id IS 'empty: at every tenant, those that come later included';
CREATE UNIQUE INDEX one_grant_at_a_tenant ON person_grant (person_id, coalesce(tenant_id, ''));
CREATE INDEX grant_by_tenant ON person_grant (tenant_id, person_id);
CREATE TABLE token (
    token_id text COLLATE "C" PRIMARY KEY,
    person_id text COLLATE "C" NOT NULL REFERENCES person (person_id),
    name text NOT NULL,
    digest bytea NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('session', 'token')),
    most_role text CHECK (most_role IN ('viewer', 'operator', 'admin')),
    tenants text[],
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz
);
COMMENT ON COLUMN token.digest IS 'SHA-256; the token itself is nowhere';
COMMENT ON COLUMN token.last_used_at IS 'not more exact than ten minutes';
CREATE INDEX token_of_person ON token (person_id, created_at DESC, token_id DESC);
CREATE INDEX token_by_time ON token (created_at DESC, token_id DESC);
CREATE TABLE invitation (
    digest bytea PRIMARY KEY,
    person_id text COLLATE "C" NOT NULL UNIQUE REFERENCES person (person_id),
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE invitation IS 'lets its holder choose a password once; a person has one at most';
CREATE TABLE alert_wish (
    person_id text COLLATE "C" NOT NULL REFERENCES person (person_id),
    tenant_id text COLLATE "C" REFERENCES tenant (tenant_id),
    "on" boolean NOT NULL,
    detailed boolean NOT NULL
);
COMMENT ON COLUMN alert_wish.tenant_id IS 'empty: every tenant that the person may see and that has no wish of its own';
CREATE UNIQUE INDEX one_wish_of_a_tenant ON alert_wish (person_id, coalesce(tenant_id, ''));
CREATE TABLE sign_in_tries (
    key text COLLATE "C" PRIMARY KEY,
    tries bigint NOT NULL,
    since timestamptz NOT NULL
);
COMMENT ON TABLE sign_in_tries IS 'passwords that were tried, by digest of account, address and both';
ALTER TABLE audit ADD COLUMN token_id text;
CREATE INDEX audit_by_actor ON audit (actor, id DESC);
CREATE INDEX audit_by_action ON audit (action, id DESC)
"""


def upgrade() -> None:
    op.execute(TABLES)
