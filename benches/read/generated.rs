//! Mails that look to their reader like those of a busy list: the same mail for the same number.
//!
//! Modelled on what list archives hold: half of a mail is its header (routes, signatures, references), two fifths of
//! the text are quotes, most of it is plain text, some is flowed, base64, HTML beside text, or has a part with the
//! list's footer. Lengths have a long tail: the median is 7 kB, one in a hundred is six times as long.

/// The words of all texts.
const WORDS: [&str; 40] = [
    "the",
    "session",
    "we",
    "should",
    "scheduler",
    "of",
    "a",
    "patch",
    "memory",
    "to",
    "discuss",
    "and",
    "interface",
    "is",
    "not",
    "maintainers",
    "in",
    "review",
    "that",
    "driver",
    "testing",
    "for",
    "it",
    "documentation",
    "with",
    "release",
    "on",
    "kernel",
    "as",
    "what",
    "Grüße",
    "this",
    "topic",
    "be",
    "regressions",
    "are",
    "stable",
    "or",
    "summit",
    "I",
];
const NAMES: [&str; 6] = ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Edsger Dijkstra", "Barbara Liskov", "Jürgen"];
const FOOTER: &str = "_______________________________________________\nDevel mailing list\nDevel@lists.example.org\n\
https://lists.example.org/mailman/listinfo/devel\n";

/// The mail of a number.
pub fn mail(number: u64) -> Vec<u8> {
    let mut dice = Dice(number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let text = body(&mut dice);
    let mut raw = header(&mut dice, number);
    match number % 20 {
        0 | 1 => raw.push_str(&format!("Content-Type: text/plain; charset=utf-8; format=flowed\n\n{text}{FOOTER}")),
        2 => raw.push_str(&format!(
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n{}\n",
            base64(&text)
        )),
        3 => {
            let html: String = text.lines().map(|line| format!("<div>{}</div>\n", line.replace('>', "&gt;"))).collect();
            raw.push_str(&format!(
                "Content-Type: multipart/alternative; boundary=\"=_part\"\n\n\
                 --=_part\nContent-Type: text/plain; charset=utf-8\n\n{text}\n\
                 --=_part\nContent-Type: text/html; charset=utf-8\n\n<html><body>{html}</body></html>\n--=_part--\n"
            ));
        }
        4 | 5 => raw.push_str(&format!(
            "Content-Type: multipart/mixed; boundary=\"=_part\"\n\n\
             --=_part\nContent-Type: text/plain; charset=utf-8\n\n{text}\n\
             --=_part\nContent-Type: text/plain; charset=us-ascii\n\n{FOOTER}\n--=_part--\n"
        )),
        _ => raw.push_str(&format!("Content-Type: text/plain; charset=utf-8\n\n{text}{FOOTER}")),
    }
    raw.into_bytes()
}

fn header(dice: &mut Dice, number: u64) -> String {
    let mut header = String::from("Return-Path: <devel-bounces@lists.example.org>\n");
    for hop in 0..4 + dice.below(5) {
        header.push_str(&format!(
            "Received: from relay{hop}.example.net (relay{hop}.example.net [192.0.2.{hop}])\n\
             \tby mx{hop}.example.org (Postfix) with ESMTPS id {:010X}\n\
             \tfor <devel@lists.example.org>; Tue, 11 Jul 2017 10:00:0{hop} +0000 (UTC)\n",
            dice.next() >> 24
        ));
    }
    for _ in 0..1 + dice.below(3) {
        header.push_str("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=default;\n");
        for _ in 0..5 + dice.below(4) {
            header.push_str(&format!("\t{:016x}{:016x}{:016x}\n", dice.next(), dice.next(), dice.next()));
        }
    }
    let author = NAMES[dice.below(NAMES.len())];
    let mailbox = author.split(' ').next().unwrap_or(author).to_lowercase().replace('ü', "ue");
    let reply = !number.is_multiple_of(8);
    header.push_str(&format!(
        "Date: Tue, 11 Jul 2017 12:{:02}:00 +0200\nFrom: {author} <{mailbox}@example.org>\n\
         To: devel@lists.example.org\nMessage-ID: <{number}.{:x}@example.org>\nMIME-Version: 1.0\n",
        number % 60,
        dice.next()
    ));
    if reply {
        header.push_str("References:");
        for _ in 0..1 + dice.below(12) {
            header.push_str(&format!(" <{:016x}.{:08x}@mail.example.org>\n", dice.next(), dice.next() >> 32));
        }
        header.push_str(&format!("In-Reply-To: <{:016x}.{:08x}@mail.example.org>\n", dice.next(), dice.next() >> 32));
    }
    header.push_str("Cc:");
    for _ in 0..1 + dice.below(12) {
        let name = NAMES[dice.below(NAMES.len())];
        header.push_str(&format!(" \"{name}\" <person{}@example.net>,\n", dice.below(100)));
    }
    header.push_str(" devel@lists.example.org\n");
    let tag = if number.is_multiple_of(16) { "[DESIGN SESSION] " } else { "" };
    header.push_str(&format!(
        "Subject: {}[Devel] {tag}{}\nX-BeenThere: devel@lists.example.org\nPrecedence: list\n\
         List-Id: Development <devel.lists.example.org>\nList-Post: <mailto:devel@lists.example.org>\n\
         List-Unsubscribe: <https://lists.example.org/mailman/options/devel>,\n\
         \t<mailto:devel-request@lists.example.org?subject=unsubscribe>\nErrors-To: devel-bounces@lists.example.org\n",
        if reply { "Re: " } else { "" },
        dice.words(7),
    ));
    header
}

fn body(dice: &mut Dice) -> String {
    // Paragraphs: many mails have few, and few have many.
    let paragraphs = match dice.below(100) {
        0..50 => 3 + dice.below(4),
        50..90 => 6 + dice.below(8),
        90..98 => 16 + dice.below(20),
        _ => 60 + dice.below(60),
    };
    let mut text = format!("On 11/07/17 09:12, {} wrote:\n", NAMES[dice.below(NAMES.len())]);
    for _ in 0..paragraphs {
        let mark = if dice.below(5) < 2 { ["> ", "> > "][dice.below(2)] } else { "" };
        for _ in 0..2 + dice.below(6) {
            text.push_str(mark);
            text.push_str(&dice.words(11));
            text.push('\n');
        }
        text.push_str(mark.trim_end());
        text.push('\n');
    }
    match dice.below(6) {
        0 => text.push_str("Attend: remote\n"),
        1 => text.push_str("+1, I would like to attend this session.\n"),
        2 => text.push_str("See https://lists.example.org/devel/a.b@example.org/ for more.\n"),
        _ => {}
    }
    text.push_str("\n-- \nAda\nExample Research\n");
    text
}

fn base64(text: &str) -> String {
    let encoded = data_encoding::BASE64_MIME.encode(text.as_bytes());
    encoded.replace("\r\n", "\n")
}

/// Numbers that look like chance and are the same each time: xorshift64*.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 33) as usize % limit
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| WORDS[self.below(WORDS.len())]).collect::<Vec<_>>().join(" ")
    }
}
