//! What a server says that does as it should.

use super::{Manner, PASSWORD, Phase, State, TOKEN};
use data_encoding::BASE64;
use std::sync::{Arc, Mutex};

/// The whole answer to a command, its tagged end included.
pub fn answer(
    tag: &str,
    name: &str,
    rest: &str,
    manner: Manner,
    told: &mut usize,
    state: &Arc<Mutex<State>>,
) -> (Phase, Vec<u8>) {
    let mut state = state.lock().unwrap();
    let ok = format!("{tag} OK done\r\n");
    let said = |words: String| (words + &ok).into_bytes();
    match name {
        "CAPABILITY" => (Phase::Capability, said(format!("* CAPABILITY IMAP4rev1 {}\r\n", manner.offers))),
        "LOGIN" | "AUTHENTICATE" => (Phase::Login, login(tag, &format!("{name} {rest}"))),
        "EXAMINE" | "SELECT" => {
            *told = state.mails.len();
            let next = state.mails.keys().last().map_or(1, |last| last + 1);
            let mod_seq = match manner.offers.contains("CONDSTORE") {
                true => format!("* OK [HIGHESTMODSEQ {}] highest\r\n", state.mod_seq),
                false => "* OK [NOMODSEQ] none\r\n".to_owned(),
            };
            let words = format!(
                "* FLAGS (\\Seen \\Deleted)\r\n* {told} EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY {}] valid\r\n\
                 * OK [UIDNEXT {next}] next\r\n{mod_seq}",
                state.uid_validity
            );
            (Phase::Examine, said(words))
        }
        "NOOP" => {
            let count = state.mails.len();
            let news = if count == *told { String::new() } else { format!("* {count} EXISTS\r\n") };
            *told = count;
            (Phase::Noop, said(news))
        }
        "UID" => uid(tag, rest, &mut state),
        "LOGOUT" => (Phase::Logout, said("* BYE see you\r\n".into())),
        "STATUS" => (Phase::Change, said("* STATUS \"x\" (UIDNEXT 1)\r\n".into())),
        _ => (Phase::Change, format!("{tag} BAD unknown\r\n").into_bytes()),
    }
}

fn uid(tag: &str, rest: &str, state: &mut State) -> (Phase, Vec<u8>) {
    let mut words = rest.splitn(3, ' ');
    let (verb, set) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let items = words.next().unwrap_or("");
    let last = state.mails.keys().last().copied().unwrap_or(0);
    let within = |uid: &u32| {
        set.split(',').any(|range| {
            let (from, to) = range.split_once(':').unwrap_or((range, range));
            let number = |text: &str| if text == "*" { last } else { text.parse().expect("a number") };
            // `9:*` means `*:9` when the last is below 9 (RFC 9051 §9, seq-range).
            let (from, to) = (number(from), number(to));
            (from.min(to)..=from.max(to)).contains(uid)
        })
    };
    let phase = match (verb, items) {
        ("FETCH", "(UID)") => Phase::List,
        ("FETCH", items) if items.contains("RFC822.SIZE") => Phase::Sizes,
        ("FETCH", _) => Phase::Bodies,
        _ => Phase::Change,
    };
    if phase == Phase::Bodies && state.unreadable.iter().any(within) {
        return (phase, format!("{tag} NO [SERVERBUG] cannot read it\r\n").into_bytes());
    }
    let mut said = Vec::new();
    for (place, (uid, mail)) in state.mails.iter().enumerate().filter(|(_, (uid, _))| within(uid)) {
        let place = place + 1;
        match phase {
            Phase::List => said.extend(format!("* {place} FETCH (UID {uid})\r\n").bytes()),
            Phase::Sizes => {
                let size = mail.size;
                let date = "INTERNALDATE \" 4-Jul-2017 10:00:00 +0200\"";
                said.extend(format!("* {place} FETCH (UID {uid} RFC822.SIZE {size} {date})\r\n").bytes());
            }
            Phase::Bodies => {
                let most: usize =
                    items.trim_end_matches(">)").rsplit('.').next().unwrap_or("").parse().expect("a size");
                let raw = &mail.raw[..mail.raw.len().min(most)];
                said.extend(format!("* {place} FETCH (UID {uid} BODY[]<0> {{{}}}\r\n", raw.len()).bytes());
                said.extend_from_slice(raw);
                said.extend_from_slice(b")\r\n");
            }
            _ => {}
        }
    }
    if verb == "MOVE" {
        let gone: Vec<u32> = state.mails.keys().copied().filter(within).collect();
        for uid in gone {
            said.extend(state.expunge(uid).bytes());
        }
    }
    said.extend(format!("{tag} OK done\r\n").bytes());
    (phase, said)
}

/// What comes of a login: the one user, by any of the ways.
pub fn login(tag: &str, command: &str) -> Vec<u8> {
    let in_base64 = |text: &str| BASE64.encode(text.as_bytes());
    let right = [
        format!("LOGIN \"ada\" \"{PASSWORD}\""),
        format!("AUTHENTICATE PLAIN {}", in_base64(&format!("\0ada\0{PASSWORD}"))),
        format!("AUTHENTICATE XOAUTH2 {}", in_base64(&format!("user=ada\x01auth=Bearer {TOKEN}\x01\x01"))),
    ];
    let bearer =
        command.strip_prefix("AUTHENTICATE OAUTHBEARER ").and_then(|proof| BASE64.decode(proof.as_bytes()).ok());
    let bearer = bearer.is_some_and(|proof| {
        let proof = String::from_utf8_lossy(&proof).into_owned();
        proof.starts_with("n,a=ada,\x01host=localhost\x01port=")
            && proof.ends_with(&format!("\x01auth=Bearer {TOKEN}\x01\x01"))
    });
    match bearer || right.iter().any(|right| right == command) {
        true => format!("{tag} OK welcome\r\n").into_bytes(),
        // Some servers repeat what they were told.
        false => format!("{tag} NO [AUTHENTICATIONFAILED] not you: {command}\r\n").into_bytes(),
    }
}
