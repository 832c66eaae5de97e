//! What stands beneath the author's words: signatures, and the lines that lists append.

use super::Line;
use regex::Regex;
use std::sync::LazyLock;

/// `-- ` (RFC 3676 §4.3); a no-break space counts as the space.
pub fn is_signature_mark(text: &str) -> bool {
    matches!(text, "-- " | "--\u{a0}")
}

/// Lines that may stand under a `--` without its space for it to be a signature.
const SHORT_SIGNATURE: usize = 8;

/// A signature begins here, with the first of `lines`: `-- `, or `--` near the end of what was written.
pub fn signature_begins(lines: &[Line]) -> bool {
    let Some(first) = lines.first() else { return false };
    if is_signature_mark(&first.text) {
        return true;
    }
    if !matches!(first.text.trim_end(), "--" | "—") {
        return false;
    }
    let below = lines[1..].iter().take_while(|line| !line.text.starts_with('>'));
    let below = below.filter(|line| !line.text.trim().is_empty()).take(SHORT_SIGNATURE + 1).count();
    (1..=SHORT_SIGNATURE).contains(&below)
}

/// How telephones sign in many languages. Lower case, at the start of a short line.
const DEVICE_SIGNATURES: [&str; 38] = [
    "sent from my ",
    "sent from mail for ",
    "sent from outlook",
    "sent from yahoo",
    "sent from samsung",
    "sent from proton",
    "sent from a mobile",
    "sent from mobile",
    "sent via ",
    "sent with proton",
    "sent with airmail",
    "get outlook for ",
    "von meinem ",
    "von meiner ",
    "gesendet von ",
    "gesendet mit ",
    "diese nachricht wurde von meinem ",
    "envoyé de mon ",
    "envoyé depuis ",
    "télécharger outlook",
    "enviado desde mi ",
    "enviado do meu ",
    "enviado a partir do ",
    "inviato da ",
    "inviato dal mio ",
    "verstuurd vanaf ",
    "verzonden vanaf ",
    "skickat från min ",
    "sendt fra min ",
    "lähetetty ",
    "wysłane z ",
    "odesláno z ",
    "отправлено с ",
    "отправлено из ",
    "надіслано з ",
    "στάλθηκε από το ",
    "发自我的",
    "iphoneから送信",
];
const DEVICE_SIGNATURE_LENGTH: usize = 60;

pub fn is_device_signature(text: &str) -> bool {
    let text = text.trim_matches([' ', '*', '_', '.', '[', ']', '<', '\u{a0}']);
    if text.is_empty() || text.chars().count() > DEVICE_SIGNATURE_LENGTH || text.ends_with(':') {
        return false;
    }
    let text = text.to_lowercase();
    DEVICE_SIGNATURES.iter().any(|start| text.starts_with(start))
        && !text.starts_with("von meine") | text.ends_with("gesendet")
}

/// Longest footer, in lines; two lists may have added one each.
const FOOTER_LINES: usize = 16;
const FOOTERS: usize = 3;

/// The index of the first line that a list or a scanner appended; the number of lines when there is none.
pub fn footer_start(lines: &[Line]) -> usize {
    let mut end = lines.len();
    for _ in 0..FOOTERS {
        let window = end.saturating_sub(FOOTER_LINES);
        match (window..end).find(|&at| footer_begins(&lines[at..end])) {
            Some(at) => end = at,
            None => break,
        }
    }
    end
}

/// Whether all of a part is what lists append.
pub fn is_footer(lines: &[Line]) -> bool {
    let from = lines.iter().position(|line| !line.text.trim().is_empty());
    from.is_some_and(|from| footer_start(lines) <= from)
}

fn footer_begins(lines: &[Line]) -> bool {
    let text = lines[0].text.trim();
    if text.starts_with('>') {
        return false;
    }
    if FOOTER_FIRST.is_match(text) {
        return true;
    }
    let mut below = lines[1..].iter().map(|line| line.text.trim()).filter(|text| !text.is_empty()).take(4);
    match rule(text) {
        Some('_') => below.any(|line| FOOTER_LINE.is_match(line) || LIST_NAME.is_match(line)),
        Some(_) => below.any(|line| FOOTER_LINE.is_match(line)),
        None => false,
    }
}

/// The character that a separating line is drawn with.
fn rule(text: &str) -> Option<char> {
    let first = text.chars().next().filter(|c| "_-=~*".contains(*c))?;
    let enough = if first == '-' { 2 } else { 5 };
    (text.len() >= enough && text.chars().all(|c| c == first)).then_some(first)
}

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant, and a test builds it")
}

/// Says by itself that a footer begins: Google Groups, majordomo, mlmmj, Sympa, scanners.
static FOOTER_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    compiled(concat!(
        r"(?i)^(?:you received this message because you are subscribed to",
        r"|to unsubscribe from this (?:list|group)\b",
        r"|to unsubscribe(?:,)? (?:send|e-?mail|visit|from the list)",
        r"|unsubscribe: https?:",
        r"|this e-?mail has been (?:checked|scanned) for viruses",
        r"|diese e-mail wurde von avast)",
    ))
});
/// Stands in a footer beneath a separating line.
static FOOTER_LINE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(concat!(
        r"(?i)(?:\bunsubscribe\b|/listinfo/|/mailman[23]?/|/postorius/|/sympa/",
        r"|-(?:request|leave|unsubscribe)@|\bmajordomo@|you received this message because",
        r"|groups\.google\.com/)",
    ))
});
/// `Devel mailing list`, as Mailman writes it.
static LIST_NAME: LazyLock<Regex> = LazyLock::new(|| compiled(r"(?i)^\S{1,60} mailing list(?:\s+--?\s+\S+@\S+)?$"));

#[cfg(test)]
mod tests {
    use crate::mail::{SpanKind, Text};
    use SpanKind::{Footer, Signature, Visible};

    fn kinds(text: &str) -> Vec<SpanKind> {
        Text::plain(text, false).lines.into_iter().map(|line| line.kind).collect()
    }

    #[test]
    fn a_signature_hides_what_stands_in_it() {
        assert_eq!(kinds("+1\n-- \nAda\nAttend: yes\n"), [Visible, Signature, Signature, Signature]);
        assert_eq!(kinds("+1\n--\nAda\n"), [Visible, Signature, Signature], "the space is often lost");
        let list = "One\n--\n".to_owned() + &"Two\n".repeat(20);
        assert!(kinds(&list).iter().all(|kind| *kind == Visible), "far from the end it is a rule");
    }

    #[test]
    fn telephones_sign_and_people_say_goodbye() {
        for line in [
            "Sent from my iPhone",
            "Von meinem iPhone gesendet",
            "Envoyé de mon iPhone",
            "Get Outlook for iOS",
            "发自我的 iPhone",
        ] {
            assert_eq!(kinds(&format!("+1\n{line}\n")), [Visible, Signature], "{line}");
        }
        assert_eq!(kinds("+1\nRegards,\nAda\n"), [Visible; 3]);
        assert_eq!(
            kinds("Sent from my side, too: a list of the topics that we could talk about in Delft.\n"),
            [Visible]
        );
    }

    #[test]
    fn lists_append_footers() {
        for footer in [
            "_______________________________________________\nDevel mailing list\nDevel@lists.example.org\nhttps://lists.example.org/listinfo/devel\n",
            "_______________________________________________\nDevel mailing list -- devel@lists.example.org\nTo unsubscribe send an email to devel-leave@lists.example.org\n",
            "-- \nYou received this message because you are subscribed to the Google Groups \"devel\" group.\nTo unsubscribe from this group, write to devel+unsubscribe@example.org.\n",
            "--\nTo unsubscribe from this list: send the line \"unsubscribe devel\" in\nthe body of a message to majordomo@example.org\n",
        ] {
            let mail = format!("Hello\n\n{footer}");
            let lines = footer.lines().count();
            assert_eq!(kinds(&mail), [vec![Visible; 2], vec![Footer; lines]].concat(), "{footer}");
            let twice = format!("Hello\n{footer}{footer}");
            assert_eq!(kinds(&twice), [vec![Visible], vec![Footer; 2 * lines]].concat(), "through two lists");
        }
    }

    #[test]
    fn headings_and_rules_are_no_footers() {
        let notes = "Participants\n------------\nAda, Bob\n\nDecisions\n------------\nThe mailing list is the place\n";
        assert!(kinds(notes).iter().all(|kind| *kind == Visible));
    }
}
