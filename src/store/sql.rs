//! Every statement of the program, once, in words that SQLite and PostgreSQL both understand.
//!
//! `$1` for parameters, BIGINT for numbers, times and flags, TEXT for the rest; no function that only one engine has.
//! [`ALL`] and [`ALL_MANY`] exist so that a test can prepare each on both. Nothing from a mail is ever put into a text.

/// A statement over a list of rows or values: `before`, then `($1, $2), ($3, $4), …`, then `after`.
#[derive(Clone, Copy, Debug)]
pub struct Many {
    before: &'static str,
    /// Parameters in one row.
    columns: usize,
    after: &'static str,
}

impl Many {
    /// Rows in one statement, at most: enough to make the way to the database and back not matter.
    const ROWS: usize = 64;
    /// Parameters in one statement, at most. SQLite would take 32,766, but it looks through all of them for each.
    const PARAMETERS: usize = 320;

    /// Cuts a list into what one statement takes: full ones as long as there are, then by powers of two. So a statement
    /// has only a few texts, and each stays prepared.
    pub fn pieces<T>(self, mut rest: &[T]) -> impl Iterator<Item = &[T]> {
        let most = Many::ROWS.min(1 << (Many::PARAMETERS / self.columns).ilog2());
        std::iter::from_fn(move || {
            let rows = most.min(1 << rest.len().checked_ilog2()?);
            let (piece, more) = rest.split_at(rows);
            rest = more;
            Some(piece)
        })
    }

    /// The text for so many rows, at least one.
    pub fn text(&self, rows: usize) -> String {
        let mut text = String::with_capacity(self.before.len() + self.after.len() + rows * self.columns * 5);
        text.push_str(self.before);
        for parameter in 0..rows * self.columns {
            text.push_str(match (parameter % self.columns, parameter) {
                (0, 0) => "($",
                (0, _) => "), ($",
                _ => ", $",
            });
            text.push_str(&(parameter + 1).to_string());
        }
        text.push(')');
        text.push_str(self.after);
        text
    }
}

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$doc])* pub const $name: &str = $text;)*
        /// Each statement with its name.
        pub const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

macro_rules! statements_of_many {
    ($($(#[$doc:meta])* $name:ident = $before:literal, $columns:literal, $after:literal;)*) => {
        $($(#[$doc])* pub const $name: Many = Many { before: $before, columns: $columns, after: $after };)*
        /// Each statement over a list with its name.
        pub const ALL_MANY: &[(&str, Many)] = &[$((stringify!($name), $name)),*];
    };
}

/// The mails as `lookup.rs` reads them.
macro_rules! mails {
    ($which:literal) => {
        concat!(
            "SELECT m.id, i.received, i.origin, i.settled, m.message_id, m.content_hash, m.subject, m.from_name, \
             m.from_address, m.at, m.list, m.kind, m.reason, m.detail, m.sessions, m.candidates, m.summit, m.parents, \
             m.chain, m.archived_at \
             FROM mail m JOIN inbox i ON i.id = m.id",
            $which,
            " ORDER BY m.id"
        )
    };
}

/// The next letter that is due. The tests stand twice: a row that somebody took in between must not be taken again.
macro_rules! claim_letter {
    ($which:literal) => {
        concat!(
            "UPDATE outbox SET status = 'sending', attempt = attempt + 1, tried = COALESCE(tried, $3), leased_by = $1, \
             lease_until = $2 WHERE status IN ('pending', 'unknown') AND due <= $3",
            $which,
            " AND id = (SELECT id FROM outbox WHERE status IN ('pending', 'unknown') AND due <= $3",
            $which,
            " ORDER BY due, id LIMIT 1) \
             RETURNING id, attempt, doubts, tried, message_id, envelope_from, recipients, bytes"
        )
    };
}

/// The letters as `outbox.rs` reads them.
macro_rules! letters {
    ($more:literal, $which:literal) => {
        concat!(
            "SELECT id, kind, message_id, cause, summit, recipients, subject, status, attempt, created, due, error",
            $more,
            " FROM outbox",
            $which,
            " ORDER BY id"
        )
    };
}

statements! {
    MAKE_META = "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)";
    META = "SELECT value FROM meta WHERE key = $1";
    SET_META = "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    SET_META_ONCE = "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";
    DROP_META = "DELETE FROM meta WHERE key = $1";

    WATERMARK = "SELECT value FROM watermark WHERE mailbox = $1";
    SET_WATERMARK = "INSERT INTO watermark (mailbox, value) VALUES ($1, $2) \
        ON CONFLICT (mailbox) DO UPDATE SET value = excluded.value";

    CLAIMABLE = "SELECT id, size, strikes FROM inbox WHERE settled = 0 AND lease_until <= $1 ORDER BY id LIMIT $2";
    /// The tests of [`CLAIMABLE`] stand here again: a row that somebody took in between must not be taken twice.
    CLAIM_MAILS = "UPDATE inbox SET strikes = strikes + 1, attempt = attempt + 1, leased_by = $1, lease_until = $2 \
        WHERE settled = 0 AND lease_until <= $3 AND id >= $4 AND id <= $5 AND strikes = $6 \
        RETURNING id, mailbox, origin, received, attempt, strikes - 1, again, residue, size, raw";
    RELEASE_MAIL = "UPDATE inbox SET strikes = strikes - 1, lease_until = 0, leased_by = NULL \
        WHERE id = $1 AND attempt = $2 AND settled = 0 AND strikes > 0";
    RETRY_MAIL = "UPDATE inbox SET settled = 0, strikes = 0, lease_until = 0, residue = NULL \
        WHERE id = $1 AND settled = 1 AND id IN (SELECT id FROM mail WHERE ended = 'quarantined')";
    RAW = "SELECT size, raw FROM inbox WHERE id = $1";
    RAW_OF = "SELECT i.size, i.raw FROM inbox i JOIN mail m ON m.id = i.id WHERE m.message_id = $1 ORDER BY i.id LIMIT 1";
    INBOX_SIZES = "SELECT id, size FROM inbox WHERE id > $1 ORDER BY id LIMIT $2";
    INBOX_PAGE = "SELECT id, mailbox, source_key, origin, received, again, residue, size, raw FROM inbox \
        WHERE id > $1 AND id <= $2 ORDER BY id";

    KEEP_ANSWERS = "INSERT INTO dns (sha256, answers) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING";

    MAILS = mails!("");
    MAILS_ENDED = mails!(" WHERE m.ended = $1");
    /// What waits for a human, came by itself, and of which no organiser was told.
    NEEDS_ATTENTION = mails!(
        " WHERE (m.ended = 'quarantined' OR m.reason = 'unclaimed') AND i.origin = 'live' AND i.settled <> 0 \
        AND m.summit = $1 AND NOT EXISTS (SELECT 1 FROM tick t WHERE t.key = 'attention:' || m.summit || ':' || m.id)"
    );
    MAILS_CALLED = mails!(" WHERE m.message_id = $1");
    /// Mails below `$1` that found no session when it was missing. Only kinds that can join one are read again.
    REQUEUE_BELOW = "WITH RECURSIVE below (message_id) AS (SELECT message_id FROM thread \
        WHERE parent = $1 OR aside = $1 \
        UNION SELECT t.message_id FROM below b JOIN thread t ON t.parent = b.message_id OR t.aside = b.message_id) \
        UPDATE inbox SET settled = 0, lease_until = 0, again = again + 1 WHERE settled = 1 AND id <> $2 AND id IN \
        (SELECT m.id FROM mail m JOIN below b ON b.message_id = m.message_id \
        WHERE m.sessions = '[]' AND m.kind IN ('reply', 'command', 'outcome', 'discussion'))";

    LOG_AFTER = "SELECT position, summit, session, message_id, at, line, change FROM log WHERE position > $1 \
        ORDER BY position";
    /// What the pages are made from, in numbers that never come twice.
    EDITION = "SELECT (SELECT COALESCE(MAX(position), 0) FROM log), \
        (SELECT COUNT(*) FROM outbox WHERE to_list = 1 AND status IN ('sent', 'confirmed')), \
        (SELECT value FROM meta WHERE key = 'settlings')";
    NEXT_SETTLING = "INSERT INTO meta (key, value) VALUES ('settlings', '1') ON CONFLICT (key) DO UPDATE \
        SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT)";

    POSITION = "SELECT COALESCE(MAX(position), 0) FROM log";

    FORGET_WORDS = "DELETE FROM searchable";

    /// When somebody wrote last. A mail that a program wrote, or that nobody can be named for, is nobody's word.
    HEARD = "SELECT MAX(i.received), 'heard' FROM mail m JOIN inbox i ON i.id = m.id \
        WHERE LOWER(m.from_address) IN ($1, $2) AND m.ended = 'recorded'";
    MUTE = "INSERT INTO mute (inbox_id, address, muted) VALUES ($1, $2, $3) \
        ON CONFLICT (inbox_id) DO UPDATE SET muted = excluded.muted";
    MUTED = "SELECT inbox_id, muted FROM mute WHERE address = $1 ORDER BY inbox_id DESC LIMIT 1";
    WAIT = "INSERT INTO waiting (token_hash, inbox_id, message_id, places, command_hash, address, expires) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (token_hash) DO NOTHING";
    /// What waits for organisers: a replay can't make it again, because the clock did.
    POSTS_WAITING = "SELECT token_hash, message_id, inbox_id, places, command_hash, address, expires, word, word_by \
        FROM waiting WHERE inbox_id IS NULL";
    /// Other words about a post that has another text from now on.
    CLOSE_POST = "UPDATE waiting SET expires = $2 \
        WHERE inbox_id IS NULL AND message_id = $1 AND token_hash <> $3 AND expires > $2";
    WAITING = "SELECT token_hash, message_id, inbox_id, places, command_hash, address, expires, word, word_by \
        FROM waiting WHERE token_hash = $1";
    WORD = "UPDATE waiting SET word = $2, word_by = $3 WHERE token_hash = $1 AND (word_by IS NULL OR word_by = $3)";
    WRONG_TRY = "INSERT INTO wrong_try (inbox_id, token_hash, address, at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (inbox_id) DO NOTHING";
    WRONG_TRIES = "SELECT COUNT(*) FROM wrong_try WHERE address = $1 AND at > $2 AND at <= $3 AND inbox_id < $4";
    /// Mails that brought a token before its command was read.
    REQUEUE_TRIES = "UPDATE inbox SET settled = 0, lease_until = 0, again = again + 1 WHERE settled = 1 AND id IN \
        (SELECT inbox_id FROM wrong_try WHERE token_hash = $1)";
    FORGET_TRIES = "DELETE FROM wrong_try WHERE token_hash = $1";
    ARRIVED = "SELECT id, mailbox, source_key, origin, received, again, residue, size, raw FROM inbox WHERE id = $1";

    OUR_LETTER = "SELECT COUNT(*) FROM outbox WHERE message_id = $1";
    ECHO = "UPDATE outbox SET status = 'confirmed', sent = COALESCE(sent, $2), lease_until = 0, error = NULL \
        WHERE message_id = $1";
    /// Each count walks along an index, however many letters there are.
    RECENT = "SELECT \
        (SELECT COUNT(*) FROM outbox WHERE person = $1 AND created > $3 AND status <> 'dropped' AND due > $2), \
        (SELECT COUNT(*) FROM outbox WHERE person = $1 AND created > $3 AND status <> 'dropped'), \
        (SELECT COUNT(*) FROM outbox WHERE person = '' AND created > $3 AND status <> 'dropped')";
    LEASE_LOST = "UPDATE outbox SET status = 'unknown', due = $2, lease_until = 0, doubts = doubts + 1, \
        error = 'the program stopped while it was being sent' WHERE status = 'sending' AND lease_until <= $1";
    END_MAIL_LEASES = "UPDATE inbox SET lease_until = 0 WHERE leased_by = $1 AND settled = 0";
    END_LETTER_LEASES = "UPDATE outbox SET lease_until = 0 WHERE leased_by = $1 AND status = 'sending'";
    CLAIM_LETTER = claim_letter!("");
    CLAIM_BREAKER = claim_letter!(" AND kind = 'breaker'");
    LETTER_DONE = "UPDATE outbox SET status = $3, due = COALESCE($4, due), error = $5, sent = COALESCE($6, sent), \
        doubts = doubts + CASE WHEN $3 = 'unknown' THEN 1 ELSE 0 END, \
        lease_until = 0, leased_by = NULL WHERE id = $1 AND attempt = $2 AND status IN ('sending', 'unknown')";
    LETTER_NOT_TRIED = "UPDATE outbox SET status = $3, error = $4, tried = NULL, lease_until = 0, leased_by = NULL \
        WHERE id = $1 AND attempt = $2 AND status = 'sending'";
    NEXT_LETTER = "SELECT MIN(CASE WHEN status = 'sending' THEN lease_until ELSE due END), 'next' FROM outbox \
        WHERE status IN ('pending', 'unknown', 'sending')";
    /// Without those that the clock has written, of which there is one for each occasion (`LetterKind::is_clocks`): a
    /// summit's reminders are no flood.
    SENT_SINCE = "SELECT COUNT(*) FROM outbox WHERE sent >= $1 AND kind NOT IN ('near', 'owing', 'moved', 'open', 'invitation', 'direct')";
    LETTERS = letters!("", "");
    LETTERS_AT = letters!("", " WHERE status = $1");
    LETTER = letters!(", bytes", " WHERE id = $1");
    POSTED = letters!(", bytes", " WHERE to_list = 1 AND status IN ('sent', 'confirmed')");
    HOLD = "UPDATE outbox SET status = 'held', error = $2 WHERE id = $1 AND status IN ('pending', 'unknown', 'failed')";
    HOLD_PENDING = "UPDATE outbox SET status = 'held', error = $1 WHERE status = 'pending' AND kind <> 'breaker'";
    PUT_OFF = "UPDATE outbox SET due = $2 WHERE status = 'pending' AND domain = $1 AND due < $2";
    /// What somebody returned: by its Message-ID, or by the sender that no other letter has.
    RETURNED = "SELECT id, recipients FROM outbox WHERE status IN ('sent', 'unknown') AND message_id = $1";
    RETURNED_TO = "SELECT id, recipients FROM outbox WHERE status IN ('sent', 'unknown') AND to_list = 0 \
        AND envelope_from = $1";
    BOUNCED = "UPDATE outbox SET status = 'failed', bounced = $2, error = $3 WHERE id = $1";
    LATE = "UPDATE outbox SET late = $2 WHERE id = $1";
    /// What did not reach a person: when it came back or was refused, and when it was late.
    RETURNS = "SELECT COALESCE(bounced, CASE WHEN status = 'failed' THEN tried END), late FROM outbox \
        WHERE person = $1 AND created > $2 AND status <> 'dropped'";
    RETURNED_PEOPLE = "SELECT DISTINCT recipients FROM outbox WHERE to_list = 0 AND created > $1 \
        AND (status = 'failed' OR late IS NOT NULL)";
    DIGESTS_OUT = "SELECT id, kind, message_id, summit, subject, sent FROM outbox WHERE sent > $1 AND to_list = 1 \
        AND status IN ('sent', 'confirmed') \
        AND kind IN ('proposal-digest', 'agenda', 'outcome-digest', 'final-report') ORDER BY id";
    CAME_BACK = "SELECT COUNT(*) FROM outbox WHERE bounced > $2 AND person = $1";
    /// Old doubts end with a human's word: they would have it held again, untried.
    RELEASE = "UPDATE outbox SET status = 'pending', due = $2, tried = NULL, bounced = NULL, doubts = 0, error = NULL \
        WHERE id = $1 AND status IN ('held', 'failed', 'unknown')";
    /// A post that is held, and was never tried.
    REWRITE = "UPDATE outbox SET bytes = $2 WHERE message_id = $1 AND status = 'held' AND attempt = 0";
    LETTER_CALLED = letters!(", bytes", " WHERE message_id = $1");
    DROP = "UPDATE outbox SET status = 'dropped' \
        WHERE id = $1 AND status IN ('pending', 'held', 'failed', 'unknown')";

    RUN_TICK = "INSERT INTO tick (key, kind, summit, due, ran, changes, outcomes, outcome) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
        ON CONFLICT (key) DO NOTHING";
    LAST_TICK = "SELECT t.key, t.due, t.ran, t.outcome, o.message_id \
        FROM tick t LEFT JOIN outbox o ON o.cause = t.key WHERE t.kind = $1 AND t.summit = $2 \
        ORDER BY t.due DESC, t.ran DESC, o.id LIMIT 1";

    /// The ticks of which a letter came, newest first.
    LAST_DIGEST = "SELECT t.key, t.due, t.ran, t.outcome, o.message_id \
        FROM tick t JOIN outbox o ON o.cause = t.key WHERE t.kind = $1 AND t.summit = $2 \
        ORDER BY t.due DESC, t.ran DESC, o.id LIMIT 1";
    /// Each tick writes down what has been told once it has run, so the highest position is what was told so far.
    TOLD = "SELECT COALESCE(MAX(changes), 0), COALESCE(MAX(outcomes), 0) FROM tick WHERE summit = $1";
    COUNT_DIGESTS = "SELECT COUNT(*) FROM tick t JOIN outbox o ON o.cause = t.key WHERE t.kind = $1 AND t.summit = $2";

    /// Who was asked for notes, and when.
    REMINDERS = "SELECT key, ran FROM tick WHERE kind = 'owing' AND summit = $1 AND outcome = 'sent' ORDER BY ran";

    ERASURE_OF = "SELECT number FROM erasure WHERE address = $1";
    ORDER_ERASURE = "INSERT INTO erasure (address, ordered) VALUES ($1, $2)";
    ERASURES = "SELECT number, address FROM erasure WHERE address IS NOT NULL ORDER BY number";
    ERASURE_DONE = "UPDATE erasure SET address = NULL, done = $2 WHERE number = $1";
    ANY_ERASED = "SELECT hash FROM erased LIMIT 1";
    KEEP_RESIDUE = "UPDATE inbox SET residue = $2 WHERE id = $1";
    BRING_RESIDUE = "UPDATE inbox SET residue = $3 WHERE mailbox = $1 AND source_key = $2";
    REWRITE_RAW = "UPDATE inbox SET residue = $2, size = $3, sha256 = $4, raw = $5 WHERE id = $1";
    FORGET_ANSWERS = "DELETE FROM dns WHERE sha256 = $1";
    LOG_OF_MAILS = "SELECT inbox_id, position, summit, session, message_id, at, line, change FROM log ORDER BY position";
    REWRITE_FACT = "UPDATE log SET message_id = $2, change = $3 WHERE position = $1";
    WORDS_BY = "SELECT inbox_id, word_by FROM waiting WHERE word_by IS NOT NULL AND inbox_id IS NOT NULL";
    FORGET_WAITING = "DELETE FROM waiting WHERE LOWER(address) = $1 OR LOWER(message_id) LIKE $2";
    FORGET_MUTE = "DELETE FROM mute WHERE address = $1";
    FORGET_WRONG = "DELETE FROM wrong_try WHERE address = $1";
    FORGET_TICKS = "UPDATE tick SET key = REPLACE(key, $1, $2), outcome = REPLACE(outcome, $1, $2) \
        WHERE key LIKE $3 OR outcome LIKE $3";
    PLACES_CALLED = "SELECT message_id, parent, aside, told, seen FROM thread \
        WHERE LOWER(message_id) LIKE $1 OR LOWER(parent) LIKE $1 OR LOWER(aside) LIKE $1";
    DROP_PLACE = "DELETE FROM thread WHERE message_id = $1";
    IS_TO_LIST = "SELECT to_list FROM outbox WHERE id = $1";
    REWRITE_LETTER = "UPDATE outbox SET cause = $2, recipients = $3, person = $4, domain = $5, subject = $6, status = $7, \
        error = $8, bytes = $9 WHERE id = $1";

    COUNT_WAITING = "SELECT COUNT(*), 'waiting' FROM inbox WHERE settled = 0";
    COUNT_ENDS = "SELECT COUNT(*), ended FROM mail GROUP BY ended ORDER BY ended";
    COUNT_LETTERS = "SELECT COUNT(*), status FROM outbox GROUP BY status ORDER BY status";
    COUNT_FACTS = "SELECT COUNT(*), 'facts' FROM log";
    LAST_ID = "SELECT MAX(id) FROM inbox";
    FIRST_RECEIVED = "SELECT MIN(received) FROM inbox WHERE origin = 'live'";
    LAST_RECEIVED = "SELECT MAX(received) FROM inbox WHERE origin = 'live'";
}

statements_of_many! {
    SIZES = "SELECT id, size FROM inbox WHERE id IN (", 1, ")";
    RAWS = "SELECT id, size, raw FROM inbox WHERE id IN (", 1, ")";
    RUN_ALREADY = "SELECT key FROM tick WHERE key IN (VALUES ", 1, ")";
    AUTHORS = "SELECT message_id, from_address FROM mail WHERE from_address IS NOT NULL AND message_id IN (VALUES ", 1,
        ") ORDER BY id";
    KNOWN_KEYS = "SELECT source_key FROM inbox WHERE (mailbox, source_key) IN (VALUES ", 2, ")";
    RECEIVE = "INSERT INTO inbox (mailbox, source_key, origin, received, size, sha256, raw) VALUES ", 7,
        " ON CONFLICT (mailbox, source_key) DO NOTHING";
    ANSWERS = "SELECT sha256, answers FROM dns WHERE sha256 IN (", 1, ")";
    /// The claims among these mails that nobody has settled; whose they are, the attempt tells.
    CLAIMS = "SELECT id, attempt FROM inbox WHERE settled = 0 AND id IN (", 1, ")";
    SETTLE_MAILS = "UPDATE inbox SET settled = 1, strikes = 0, lease_until = 0, leased_by = NULL WHERE id IN (", 1, ")";
    PUT_MAILS = "INSERT INTO mail (id, message_id, content_hash, subject, from_name, from_address, at, list, kind, ended, \
        reason, detail, sessions, candidates, summit, parents, chain, archived_at, id_hash, page) VALUES ", 20,
        " ON CONFLICT (id) DO UPDATE SET message_id = excluded.message_id, content_hash = excluded.content_hash, \
        subject = excluded.subject, from_name = excluded.from_name, from_address = excluded.from_address, \
        at = excluded.at, list = excluded.list, kind = excluded.kind, ended = excluded.ended, reason = excluded.reason, \
        detail = excluded.detail, sessions = excluded.sessions, candidates = excluded.candidates, \
        summit = excluded.summit, parents = excluded.parents, chain = excluded.chain, \
        archived_at = excluded.archived_at, id_hash = excluded.id_hash, page = excluded.page";
    /// Those that stand for themselves: a copy is nobody's original.
    TWINS = "SELECT message_id, id, content_hash, from_address, list, at FROM mail \
        WHERE reason NOT IN ('duplicate', 'reused-message-id') AND message_id IN (VALUES ", 1, ") ORDER BY id";
    PUT_ERASED = "INSERT INTO erased (hash, until) VALUES ", 2,
        " ON CONFLICT (hash) DO UPDATE SET until = CASE WHEN excluded.until > erased.until THEN excluded.until \
        ELSE erased.until END";
    KNOWN_ERASED = "SELECT hash, until FROM erased WHERE hash IN (VALUES ", 1, ")";
    PUT_THREAD = "INSERT INTO thread (message_id, parent, aside, told, seen) VALUES ", 5,
        " ON CONFLICT (message_id) DO UPDATE SET parent = excluded.parent, aside = excluded.aside, \
        told = excluded.told, seen = excluded.seen";
    /// The given mails and those above them, nearest first. UNION, not UNION ALL: a cycle ends by itself. Who needs what
    /// lies beyond the limit asks again from there.
    ABOVE = "WITH RECURSIVE above (message_id, parent, aside, told, seen) AS \
        (SELECT message_id, parent, aside, told, seen FROM thread WHERE message_id IN (VALUES ", 1, ") \
        UNION SELECT t.message_id, t.parent, t.aside, t.told, t.seen FROM above a \
        JOIN thread t ON t.message_id IN (a.parent, a.aside)) \
        SELECT message_id, parent, aside, told, seen FROM above LIMIT 1000";
    ADD_FACTS = "INSERT INTO log (inbox_id, summit, session, message_id, at, line, kind, change) VALUES ", 8,
        " RETURNING position";
    /// What reads as before is not written again.
    PUT_WORDS = "INSERT INTO searchable (summit, session, submitted, title, told, prose) VALUES ", 6,
        " ON CONFLICT (summit, session) DO UPDATE SET submitted = excluded.submitted, title = excluded.title, \
        told = excluded.told, prose = excluded.prose WHERE searchable.submitted <> excluded.submitted \
        OR searchable.title <> excluded.title OR searchable.told <> excluded.told OR searchable.prose <> excluded.prose";
    ADD_LETTERS = "INSERT INTO outbox (kind, message_id, cause, summit, envelope_from, recipients, to_list, person, \
        domain, subject, status, created, due, bytes) VALUES ", 14, " ON CONFLICT (message_id) DO NOTHING";
    BY_ID_HASH = "SELECT id_hash, message_id FROM mail WHERE id_hash IN (VALUES ", 1, ") ORDER BY id";
    BY_PAGE = "SELECT page, message_id FROM mail WHERE page IN (VALUES ", 1, ") ORDER BY id";
    ARCHIVED = "SELECT message_id, list, archived_at FROM mail WHERE message_id IN (VALUES ", 1,
        ") ORDER BY id";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_cut_into_few_sizes_and_nothing_is_left_out() {
        let list: Vec<usize> = (0..200).collect();
        let sizes = |many: Many| many.pieces(&list).map(<[usize]>::len).collect::<Vec<_>>();
        assert_eq!(sizes(TWINS), [64, 64, 64, 8]);
        assert_eq!(sizes(RECEIVE), [32, 32, 32, 32, 32, 32, 8], "rows with many columns come in fewer at a time");
        assert_eq!(PUT_MAILS.pieces(&list).flatten().copied().collect::<Vec<_>>(), list);
        assert_eq!(TWINS.pieces(&list[..0]).count(), 0);
    }
}
