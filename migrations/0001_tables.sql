-- Plain SQLite as it stands. PostgreSQL gets the same text with two phrases exchanged (src/store/engine.rs):
-- the key that counts by itself, and the type of bytes. Times are microseconds since the epoch, UTC; flags are 0 or 1.

-- Key and value: the version of these tables, the instance's secret, who runs.
-- (`meta` itself is made before the first migration, for the version is read from it.)

-- What arrived. The bytes stand last: reading the other columns then never walks over them.
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    mailbox TEXT NOT NULL,
    source_key TEXT NOT NULL,
    origin TEXT NOT NULL,
    received BIGINT NOT NULL,
    settled BIGINT NOT NULL DEFAULT 0,
    strikes BIGINT NOT NULL DEFAULT 0,
    attempt BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT NOT NULL DEFAULT 0,
    leased_by TEXT,
    -- How often it was read again, because of what came after it.
    again BIGINT NOT NULL DEFAULT 0,
    -- What was decided, as JSON, where the bytes do not bear it out any more: somebody was erased from them, or they stopped
    -- the program.
    residue TEXT,
    size BIGINT NOT NULL,
    sha256 BLOB NOT NULL,
    raw BLOB NOT NULL,
    UNIQUE (mailbox, source_key)
);
CREATE INDEX inbox_waiting ON inbox (id) WHERE settled = 0;

-- How far a mailbox has been read.
CREATE TABLE watermark (
    mailbox TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- What the DNS said about the signatures of a mail, by the hash of its bytes: as JSON, under the names asked for.
CREATE TABLE dns (
    sha256 BLOB PRIMARY KEY,
    answers TEXT NOT NULL
);

-- What became of it, one row for each mail that was settled at least once.
CREATE TABLE mail (
    id BIGINT PRIMARY KEY REFERENCES inbox (id),
    message_id TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    subject TEXT NOT NULL,
    from_name TEXT,
    from_address TEXT,
    at BIGINT NOT NULL,
    list TEXT,
    kind TEXT NOT NULL,
    ended TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    sessions TEXT NOT NULL,
    candidates TEXT NOT NULL,
    summit TEXT,
    parents TEXT NOT NULL,
    chain TEXT NOT NULL,
    archived_at TEXT,
    -- What links into archives may hold instead of the Message-ID: its SHA-1 in hex, and the page of Archived-At.
    id_hash TEXT NOT NULL,
    page TEXT
);
CREATE INDEX mail_by_message_id ON mail (message_id);
CREATE INDEX mail_by_id_hash ON mail (id_hash);
CREATE INDEX mail_by_page ON mail (page);
CREATE INDEX mail_by_end ON mail (ended);
-- What waits for a human to look at it.
CREATE INDEX mail_of_note ON mail (id) WHERE ended = 'quarantined' OR reason = 'unclaimed';
CREATE INDEX mail_by_author ON mail (LOWER(from_address));
-- The same mail has its effect once, whatever the deciding code believes.
CREATE UNIQUE INDEX mail_acts_once ON mail (message_id, content_hash)
    WHERE reason IN ('new-session', 'joined', 'refused', 'asked-first', 'wrong-token', 'answered', 'attending');

-- Who answers whom. `seen` is 0 for ghosts: mails that others point to and that have not arrived.
-- `aside` is where the References lead, when In-Reply-To names another mail; `told` weighs what others say of a ghost.
CREATE TABLE thread (
    message_id TEXT PRIMARY KEY,
    parent TEXT,
    aside TEXT,
    told BIGINT NOT NULL,
    seen BIGINT NOT NULL
);
CREATE INDEX thread_by_parent ON thread (parent);
CREATE INDEX thread_by_aside ON thread (aside);

-- The facts, in the order in which they became true for us. Rows are only ever added.
CREATE TABLE log (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    inbox_id BIGINT NOT NULL REFERENCES inbox (id),
    summit TEXT NOT NULL,
    session BIGINT NOT NULL,
    message_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    line BIGINT,
    kind TEXT NOT NULL,
    change TEXT NOT NULL
);
CREATE UNIQUE INDEX log_proposed_once ON log (summit, session) WHERE kind = 'proposed';

-- Lines of a mail that wait for the word of its author's registered address; or, without `inbox_id`, a post of ours that
-- waits for an organiser. Of the token its SHA-256 is kept.
CREATE TABLE waiting (
    token_hash TEXT PRIMARY KEY,
    inbox_id BIGINT REFERENCES inbox (id),
    message_id TEXT NOT NULL,
    places TEXT NOT NULL,
    command_hash TEXT NOT NULL,
    address TEXT NOT NULL,
    expires BIGINT NOT NULL,
    -- The word that came, and the mail that brought it.
    word TEXT,
    word_by BIGINT REFERENCES inbox (id)
);

-- Mails that brought a token which did not count. If it was unknown, and turns up later, they are read again.
CREATE TABLE wrong_try (
    inbox_id BIGINT PRIMARY KEY REFERENCES inbox (id),
    token_hash TEXT NOT NULL,
    address TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX wrong_try_by_address ON wrong_try (address, at);

-- Who wants no private mail any more (1), or again (0): the last word of an address stands.
CREATE TABLE mute (
    inbox_id BIGINT PRIMARY KEY REFERENCES inbox (id),
    address TEXT NOT NULL,
    muted BIGINT NOT NULL
);
CREATE INDEX mute_by_address ON mute (address, inbox_id);

-- Who is to be erased; the address is gone when it is done. The number stands for the person from then on.
CREATE TABLE erasure (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT,
    ordered BIGINT NOT NULL,
    done BIGINT
);

-- What was erased, and is known again when it comes back: keyed hashes of mails, and of addresses with the time up to
-- which whatever they wrote is not wanted.
CREATE TABLE erased (
    hash TEXT PRIMARY KEY,
    until BIGINT NOT NULL
);

-- What we owe: frozen bytes, and how it stands with them.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    cause TEXT NOT NULL,
    summit TEXT NOT NULL,
    envelope_from TEXT,
    recipients TEXT NOT NULL,
    to_list BIGINT NOT NULL,
    -- Whom it goes to, in lower case, when it is a person: for counting what somebody got lately. Empty for a list.
    person TEXT NOT NULL,
    -- Where it goes, as the DNS has it: letters to a place that defers them wait for each other.
    domain TEXT NOT NULL,
    subject TEXT NOT NULL,
    status TEXT NOT NULL,
    attempt BIGINT NOT NULL DEFAULT 0,
    -- How many attempts ended without our knowing whether it went out.
    doubts BIGINT NOT NULL DEFAULT 0,
    created BIGINT NOT NULL,
    due BIGINT NOT NULL,
    -- When it was first tried since it was written or released.
    tried BIGINT,
    lease_until BIGINT NOT NULL DEFAULT 0,
    leased_by TEXT,
    sent BIGINT,
    -- When a report came that it will never reach its recipient.
    bounced BIGINT,
    -- When a report came that it is late, or was given up for a trouble that passes.
    late BIGINT,
    error TEXT,
    bytes BLOB NOT NULL
);
CREATE INDEX outbox_by_status ON outbox (status, due);
CREATE INDEX outbox_by_cause ON outbox (cause);
CREATE INDEX outbox_by_created ON outbox (created);
-- A flood of letters that are given up is not counted through.
CREATE INDEX outbox_by_person ON outbox (person, created) WHERE status <> 'dropped';
CREATE INDEX outbox_by_sent ON outbox (sent);
CREATE INDEX outbox_by_sender ON outbox (envelope_from);
CREATE INDEX outbox_by_bounced ON outbox (bounced);

-- What was due on the clock and has been done, or skipped with its reason. The key makes each happen once.
CREATE TABLE tick (
    key TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    summit TEXT NOT NULL,
    due BIGINT NOT NULL,
    ran BIGINT NOT NULL,
    -- Up to which positions of the log it was told what changed of the sessions, and what came of them.
    changes BIGINT NOT NULL,
    outcomes BIGINT NOT NULL,
    outcome TEXT NOT NULL
);
CREATE INDEX tick_by_due ON tick (kind, summit, due);

-- The words of each session, folded, for searching: what can be made anew from the log at any time. The index over it is
-- each engine's own (0001_search.*.sql).
CREATE TABLE searchable (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    summit TEXT NOT NULL,
    session BIGINT NOT NULL,
    submitted BIGINT NOT NULL,
    title TEXT NOT NULL,
    told TEXT NOT NULL,
    prose TEXT NOT NULL,
    UNIQUE (summit, session)
);
