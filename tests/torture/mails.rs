//! The mail of a busy list, as much of it as is wanted: number `n` is always the same.
//!
//! Of ten mails one proposes a session; the others answer proposals of the tens before theirs, in all the ways there are,
//! or talk. One in fifty is broken. Nobody writes often enough to meet a limit on answers.

/// Of so many mails the first is a proposal.
pub const TEN: usize = 10;

pub fn mail(n: usize) -> Vec<u8> {
    if n % 50 == 49 {
        return broken(n);
    }
    let ten = n / TEN;
    if n.is_multiple_of(TEN) {
        let tag = ["[TOPIC]", "[DESIGN SESSION]", "[BoF]"][ten % 3];
        let text = format!("What shall become of part {ten}?\n\n- Where it hurts\n- What we could do about it\n");
        return plain(n, &format!("{tag} The future of part {ten}"), "", &text);
    }
    // A proposal of an earlier ten; the first ten answer one that never comes.
    let about = ten.checked_sub(1 + n % 3).map_or_else(|| "nobody".to_owned(), |ten| name(ten * TEN));
    let thread = format!("In-Reply-To: <{about}@example.org>\n");
    let text = match n % TEN {
        1 => "+1\n",
        2 => "Attend: remote (a train)\n",
        3 => "Interest: very\n\nI would test it.\n",
        4 => "On Monday somebody wrote:\n> Attend: in person\n\nI don't think this is about my part at all.\n",
        5 => "Ref: https://example.org/design\n",
        // Asks for what it may not, or what there isn't: answered.
        6 if ten % 2 == 1 => "#session track Guests\n#session atend\n",
        6 => "I would like to attend this.\n",
        7 if ten % 4 == 3 => return notes(n, &about, &thread),
        7 => "Attend: in person\n",
        8 => return plain(n, "[PATCH] x86: a patch, and no session", "", "It fixes a typing error.\n"),
        _ => "How would that work with guests that migrate?\n",
    };
    plain(n, "Re: [devel] The future", &thread, text)
}

fn notes(n: usize, about: &str, thread: &str) -> Vec<u8> {
    let text = format!("Notes of {about}\n\nWe shall wait.\n\nDECISION: wait a year\nACTION: Ada: write it down\n");
    plain(n, "[NOTES] The future", thread, &text)
}

fn broken(n: usize) -> Vec<u8> {
    let name = name(n);
    match n / 50 % 5 {
        // No NUL: IMAP cannot carry it, so a server makes it something else.
        0 => format!("\u{1}\u{2}garbage {n} \n\n\u{7f}").into_bytes(),
        1 => format!("From: a@example.org, b@example.org\nSubject: [TOPIC] Two\nMessage-ID: <{name}@x>\n\nWho?\n")
            .into_bytes(),
        2 => format!("Subject: [TOPIC] Nobody\n\nNumber {n}\n").into_bytes(),
        3 => {
            let headers = format!(
                "From: c{n}@example.org\nMessage-ID: <{name}@x>\nContent-Type: multipart/mixed; boundary=\"b\""
            );
            format!("{headers}\n\n--b\nContent-Transfer-Encoding: base64\n\n====%%%%\n--b\n--b").into_bytes()
        }
        _ => [b"From: \xff\xfe <d@example.org>\nSubject: =?utf-8?B?////?=\n\n".as_slice(), name.as_bytes()].concat(),
    }
}

fn plain(n: usize, subject: &str, thread: &str, text: &str) -> Vec<u8> {
    let name = name(n);
    format!(
        "Return-Path: <devel-bounces@example.org>\nList-Id: <devel.example.org>\nFrom: Person {n} <{name}@people.example.org>\n\
         To: devel@example.org\nSubject: {subject}\nMessage-ID: <{name}@example.org>\nDate: Fri, 1 Jan 2027 00:00:00 +0000\n\
         {thread}\n{text}"
    )
    .into_bytes()
}

fn name(n: usize) -> String {
    format!("mail-{n}")
}
