//! Mails that arbitrary people write to one another: members, hosts, organisers, strangers, and forgers who write in
//! the name of each of them.
//!
//! Whoever made a mail knows what in it is alive, who it is from, and which way it went. That knowledge, and no reader of
//! the program, is what the proof goes by.

use proptest::prelude::*;

/// Who stands in From. The first two are one person's; the third organises the other summit.
pub const PEOPLE: [&str; 8] = [
    "olga@example.org",
    "olga@old.example.net",
    "otto@example.org",
    "ada@example.org",
    "gus@example.org",
    "mallory@example.com",
    "grace@example.org",
    "rapporteur@example.org",
];
/// As PEOPLE, in From's words: names are anybody's, and Mallory takes Gus's.
const NAMES: [&str; 8] = ["Olga", "Olga", "Otto", "Ada Example", "Gus Example", "Gus Example", "Grace", "Rapporteur"];

/// What a line of the author's own may change, by the names of changes in the log.
pub const LINES: [(&str, &[&str]); 36] = [
    ("+1", &["interest"]),
    ("Attend: remote", &["attendance"]),
    ("S-1: +1", &["interest"]),
    ("S-2 Attend: no", &["attendance"]),
    ("#session interested very", &["interest"]),
    ("#session decline", &["attendance"]),
    ("#session title A better title", &["titled"]),
    ("#session host add Gus Example <gus@example.org>", &["host_added"]),
    ("#session host drop Gus Example", &["host_dropped"]),
    ("#session host drop Ada Example", &["host_dropped"]),
    ("#session slot 2027-07-14 14:00 in Room A", &["slotted"]),
    ("#session cancel", &["unslotted"]),
    ("#session track Guests", &["tracked"]),
    ("#session withdraw", &["withdrawn"]),
    ("#session S-1 withdraw", &["withdrawn"]),
    ("#session reopen", &["reopened"]),
    ("#session accept", &["accepted"]),
    ("#session S-2 accept", &["accepted"]),
    ("#session reject", &["rejected"]),
    ("#session merge S-2", &["merged"]),
    ("#session split", &["reopened"]),
    ("#session host me", &["host_claimed"]),
    ("#session object we said two", &["objected"]),
    ("#session settle one it is", &["settled"]),
    // The mail that is answered.
    ("#session undo <PARENT>", &["undone"]),
    ("#session ^propose", &["proposed"]),
    ("#session ^notes S-1", &["noted", "scribe"]),
    ("#session action done 1", &["action_done"]),
    ("Action: done 1", &["action_done"]),
    ("Scribe: me", &["scribe"]),
    ("Ref: https://lists.example.org/devel/0@example.com/", &["referenced"]),
    ("Suggest: test it first", &["suggested"]),
    ("Decision: it stays off", &["noted"]),
    ("Action: Gus: write it down", &["noted"]),
    // Named as a host: with an address it gives rights, without none.
    ("Contact: Grace <grace@example.org>", &[]),
    ("Contact: Gus Example", &[]),
];

/// What a mail may change by what it is, whatever its lines say: its own prose is a suggestion or notes.
const BY_KIND: [(Kind, &[&str]); 4] = [
    (Kind::Proposal, &["proposed", "referenced"]),
    (Kind::Revision, &["revised", "proposed", "referenced"]),
    (Kind::Notes, &["noted", "scribe"]),
    (Kind::Reply, &["suggested"]),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Proposal,
    Revision,
    Notes,
    Reply,
}

/// Around a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    Bare,
    Quoted,
    Fenced,
    Indented,
    Signature,
    Forwarded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    List,
    OtherList,
    Private,
    Elsewhere,
}

/// What From looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    One,
    /// Two authors in one header.
    Two,
    /// Two headers.
    Twice,
    /// The list itself, with the person in Reply-To; this list is not known to do so.
    Munged,
}

#[derive(Clone, Debug)]
pub struct Letter {
    pub who: usize,
    pub from: From,
    pub way: Way,
    pub kind: Kind,
    /// Which of the earlier mails it answers, counted back from the last.
    pub answers: Option<usize>,
    /// Which of the earlier mails has its Message-ID.
    pub reuses: Option<usize>,
    pub lines: Vec<(usize, Cover)>,
    /// Says that somebody checked who it is from: anybody can write that.
    pub vouched: bool,
}

pub fn any_letter() -> impl Strategy<Value = Letter> {
    use prop::sample::select;
    let from = prop_oneof![12 => Just(From::One), 1 => select(vec![From::Two, From::Twice, From::Munged])];
    let way = prop_oneof![
        10 => Just(Way::List),
        3 => Just(Way::OtherList),
        3 => Just(Way::Private),
        1 => Just(Way::Elsewhere)
    ];
    let kind = prop_oneof![
        2 => Just(Kind::Proposal),
        1 => Just(Kind::Revision),
        1 => Just(Kind::Notes),
        5 => Just(Kind::Reply)
    ];
    let hidden = vec![Cover::Quoted, Cover::Fenced, Cover::Indented, Cover::Signature, Cover::Forwarded];
    let cover = prop_oneof![3 => Just(Cover::Bare), 1 => select(hidden)];
    let lines = prop::collection::vec((0..LINES.len(), cover), 0..4);
    let answers = prop_oneof![1 => Just(None), 5 => (0usize..6).prop_map(Some)];
    let reuses = prop_oneof![12 => Just(None), 1 => (0usize..6).prop_map(Some)];
    (0..PEOPLE.len(), from, way, kind, answers, reuses, lines, any::<bool>()).prop_map(
        |(who, from, way, kind, answers, reuses, lines, vouched)| Letter {
            who,
            from,
            way,
            kind,
            answers,
            reuses,
            lines,
            vouched,
        },
    )
}

/// The letters of one case, with what they became.
#[derive(Debug)]
pub struct Written {
    pub letter: Letter,
    pub id: String,
    pub raw: String,
}

impl Written {
    /// Who wrote it, as far as anybody can tell.
    pub fn author(&self) -> Option<&'static str> {
        (self.letter.from == From::One).then_some(PEOPLE[self.letter.who])
    }

    pub fn name(&self) -> &'static str {
        NAMES[self.letter.who]
    }

    /// The changes that its living words could ask for.
    pub fn may_change(&self) -> Vec<&'static str> {
        let living = self.letter.lines.iter().filter(|(_, cover)| *cover == Cover::Bare);
        let by_kind = BY_KIND.iter().filter(|(kind, _)| *kind == self.letter.kind).map(|(_, changes)| changes);
        let by_line = living.map(|(line, _)| &LINES[*line].1);
        // Decisions and actions are taken down from anywhere in the author's own text, indented lists among it.
        let marked = |(line, cover): &(usize, Cover)| {
            *cover == Cover::Indented && ["Decision:", "Action:"].iter().any(|mark| LINES[*line].0.starts_with(mark))
        };
        let noted = self.letter.lines.iter().any(marked).then_some("noted");
        by_kind.chain(by_line).flat_map(|changes| changes.iter().copied()).chain(noted).collect()
    }
}

/// Puts the letters on paper, in their order. Those of another case have other Message-IDs.
pub fn write(letters: &[Letter], case: usize) -> Vec<Written> {
    let mut written: Vec<Written> = Vec::with_capacity(letters.len());
    for (n, letter) in letters.iter().enumerate() {
        let earlier = |back: usize| n.checked_sub(back + 1).map(|at| written[at].id.clone());
        let id = letter.reuses.and_then(earlier).unwrap_or_else(|| format!("{n}.{case}@example.com"));
        let parent = letter.answers.and_then(earlier).filter(|parent| *parent != id);
        let raw = on_paper(n, letter, &id, parent.as_deref());
        written.push(Written { letter: letter.clone(), id, raw });
    }
    written
}

fn on_paper(n: usize, letter: &Letter, id: &str, parent: Option<&str>) -> String {
    let (address, name) = (PEOPLE[letter.who], NAMES[letter.who]);
    let from = match letter.from {
        From::One => format!("From: {name} <{address}>"),
        From::Two => format!("From: {name} <{address}>, Eve <eve@example.com>"),
        From::Twice => format!("From: Eve <eve@example.com>\nFrom: {name} <{address}>"),
        From::Munged => format!("From: {name} via Devel <devel@lists.example.org>\nReply-To: {address}"),
    };
    let way = match letter.way {
        Way::List => "To: devel@lists.example.org\nList-Id: <devel.lists.example.org>",
        Way::OtherList => "To: users@lists.example.org\nList-Id: <users.lists.example.org>",
        Way::Private => "To: rapporteur@example.org",
        Way::Elsewhere => "To: talk@example.net\nList-Id: <talk.example.net>",
    };
    let subject = match (letter.kind, parent) {
        (Kind::Proposal, _) => format!("[DESIGN SESSION] Topic {}", n % 3),
        (Kind::Revision, _) => format!("[DESIGN SESSION v2] Topic {}", n % 3),
        (Kind::Notes, _) => format!("[NOTES] Topic {}", n % 3),
        (Kind::Reply, _) => format!("Re: [DESIGN SESSION] Topic {}", n % 3),
    };
    let thread = parent.map(|id| format!("In-Reply-To: <{id}>\nReferences: <{id}>\n")).unwrap_or_default();
    let vouched = match letter.vouched {
        true => format!("Authentication-Results: mx.example.com; dmarc=pass header.from={address}\n"),
        false => String::new(),
    };
    let (above, below): (Vec<(usize, Cover)>, Vec<_>) = letter.lines.iter().partition(|(_, cover)| {
        // What stands below these two is theirs.
        !matches!(cover, Cover::Signature | Cover::Forwarded)
    });
    let mut body = String::new();
    for (line, cover) in above {
        let text = LINES[line].0.replace("PARENT", parent.unwrap_or("nobody@example.com"));
        body += &match cover {
            Cover::Quoted => format!("> {text}\n\n"),
            Cover::Fenced => format!("```\n{text}\n```\n\n"),
            Cover::Indented => format!("Words.\n    {text}\n\n"),
            _ => format!("{text}\n\n"),
        };
    }
    body += &format!("Words {n}.\n\n");
    for (line, cover) in below {
        let text = LINES[line].0.replace("PARENT", parent.unwrap_or("nobody@example.com"));
        body += &match cover {
            Cover::Signature => format!("-- \n{text}\n"),
            _ => format!("---------- Forwarded message ----------\nFrom: Eve <eve@example.com>\n\n{text}\n"),
        };
    }
    let minute = n * 2;
    format!(
        "{from}\n{way}\nSubject: {subject}\nMessage-ID: <{id}>\nDate: Mon, 3 May 2027 {:02}:{:02}:00 +0000\n{thread}\
         {vouched}\n{body}",
        6 + minute / 60,
        minute % 60,
    )
}
