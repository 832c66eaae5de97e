//! How people and their telephones sign.

use super::tongues::phrases;
use super::{Line, forwarded};
use crate::mail::glance::Glance;
use memchr::memmem::Finder;
use regex::Regex;
use std::sync::LazyLock;

/// `-- ` (RFC 3676 §4.3); a no-break space counts as the space.
pub fn is_mark(text: &str) -> bool {
    matches!(text, "-- " | "--\u{a0}")
}

/// Lines that may stand under a mark without its space for it to be a signature.
const SHORT: usize = 8;
/// Characters of a line in such a signature, where the mark is no more than a drawn line.
const NARROW: usize = 72;

/// A signature begins with the first of `lines`: `-- `, or `--` near the end of what was written.
pub fn begins(lines: &[Line]) -> bool {
    let Some(first) = lines.first() else { return false };
    if is_mark(first.text) {
        return true;
    }
    let mark = first.text.trim_end();
    match mark {
        "--" | "—" | "–" | "—-" | "- --" => (1..=SHORT).contains(&below(lines).count()),
        _ if mark.starts_with(['—', '–', '_', '-']) && is_drawn(mark) => is_contact(lines),
        _ => false,
    }
}

/// What stands under a mark, as far as it can be a signature: one line more tells that it is none.
fn below<'a>(lines: &[Line<'a>]) -> impl Iterator<Item = &'a str> {
    let said = (1..lines.len()).filter(|at| !lines[*at].text.trim().is_empty());
    let own = said.take_while(|at| !lines[*at].text.starts_with('>') && forwarded::begins(&lines[*at..]).is_none());
    own.map(|at| lines[at].text.trim_end()).take(SHORT + 1)
}

/// Under a drawn line, a few short lines to the end, one of which holds an address or a number to call.
fn is_contact(lines: &[Line]) -> bool {
    let at_once = lines.get(1).is_some_and(|line| !line.text.trim().is_empty());
    let call = |text: &str| text.as_bytes().windows(2).any(|pair| pair[0] == b'+' && pair[1].is_ascii_digit());
    let reachable = |text: &str| text.contains('@') || text.contains("www.") || text.contains("http") || call(text);
    let (mut count, mut narrow, mut contact) = (0, true, false);
    for text in below(lines) {
        count += 1;
        narrow &= text.chars().count() <= NARROW;
        contact |= reachable(text);
    }
    at_once && narrow && contact && (2..=SHORT).contains(&count)
}

/// A line drawn with one character.
pub fn is_drawn(text: &str) -> bool {
    let mut chars = text.trim().chars();
    let Some(first) = chars.next().filter(|c| "-_=~*+#—–─━".contains(*c)) else { return false };
    let mut count = 1;
    chars.all(|c| {
        count += 1;
        c == first || "-_= ".contains(c)
    }) && count >= 3
}

/// Words and bytes of the line with which a telephone signs.
const DEVICE_WORDS: usize = 14;
const DEVICE_LENGTH: usize = 140;

/// Whether a telephone signs with this line.
pub fn is_device(text: &str) -> bool {
    let text = text.trim_matches(|c| {
        matches!(c, ' ' | '*' | '_' | '.' | '[' | ']' | '<' | '(' | ')' | '"' | '\u{a0}' | '\u{202a}' | '\u{202b}')
    });
    if text.len() < 8 || text.len() > DEVICE_LENGTH || text.ends_with(':') {
        return false;
    }
    if DEVICE_GLANCE.may_begin(text)
        && let Some(found) = DEVICE_FIRST.find(text)
    {
        let rest = text[found.end()..].trim_start();
        // `Sent from my desk, …` is prose: a device has a name, or is called one.
        let named = rest.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
        let thing = THING_FIRST.is_match(rest) || !found.as_str().is_ascii() && THING.is_match(rest);
        return (named || thing) && text.split_whitespace().count() <= DEVICE_WORDS;
    }
    let last = text.trim_end_matches(['.', '!', '。']);
    let ends = DEVICE_LAST_GLANCE.may_end(last)
        && DEVICE_LAST.iter().any(|phrase| last.ends_with(phrase))
        && THING.is_match(text);
    (ends || UTLOOK.find(text.as_bytes()).is_some() && OUTLOOK.is_match(text))
        && text.split_whitespace().count() <= DEVICE_WORDS
}

fn either(phrases: impl Iterator<Item = &'static str>) -> String {
    let mut words: Vec<String> = phrases.map(regex::escape).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.join("|")
}
fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is made from the table of words alone, and a test builds it")
}
fn first_words() -> impl Iterator<Item = &'static str> {
    phrases(|tongue| tongue.device).filter(|phrase| !phrase.starts_with('…'))
}
static DEVICE_GLANCE: LazyLock<Glance> = LazyLock::new(|| Glance::of(first_words()));
static DEVICE_FIRST: LazyLock<Regex> = LazyLock::new(|| compiled(&format!(r"(?i)^(?:{})", either(first_words()))));
static DEVICE_LAST_GLANCE: LazyLock<Glance> = LazyLock::new(|| Glance::of_ends(DEVICE_LAST.iter().copied()));
static DEVICE_LAST: LazyLock<Vec<&str>> =
    LazyLock::new(|| phrases(|tongue| tongue.device).filter_map(|phrase| phrase.strip_prefix('…')).collect());
/// `Get Outlook for iOS`, `Outlook für Android beziehen`, in any language.
static UTLOOK: LazyLock<Finder> = LazyLock::new(|| Finder::new("utlook"));
static OUTLOOK: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?i)^(?:\S+ ){0,4}outlook\S*(?: \S+){0,3}? ?(?:ios|android|aka\.ms|<https?:)|^(?:ios|android)\S* .{0,12}outlook",
    )
});
/// What people write mail with.
const THINGS: &str = r"i-?phon|i-?pad|i-?pod|ios\b|android|samsung|galaxy|huawei|xiaomi|redmi|nokia|motorola|htc|xperia|black ?berry|pixel|windows|outlook|gmail|yahoo|proton|phone|smart|mobil|móvil|celular|cellulare|téléphone|telefon|telephone|puhelin|handy|tablet|handheld|wireless|cell|device|gerät|dispositivo|appareil|appli|laptop|mac\b|mail|телефон|смартфон|планшет|устройств|мобильн|мобільн|手机|手機|电话|휴대|스마트|아이폰|스마트폰|スマート|携帯|נייד|הטלפון|هاتف|الهاتف|جهاز";
static THING: LazyLock<Regex> = LazyLock::new(|| compiled(&format!("(?i){THINGS}")));
static THING_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    compiled(&format!(
        r"(?i)^(?:(?:my|a|an|the|der|die|das|dem|mon|ma|mein\w*|mi|meu|minha|mio|mia|mijn|min|moj\w*|meg|den|the new|un|une|om|l'|d')\s*)?(?:{THINGS})"
    ))
});

#[cfg(test)]
mod tests {
    use crate::mail::{SpanKind, Text};
    use SpanKind::{Signature, Visible};

    fn kinds(text: &str) -> Vec<SpanKind> {
        Text::plain(text, false).lines().map(|line| line.kind).collect()
    }

    #[test]
    fn a_signature_hides_what_stands_in_it() {
        assert_eq!(kinds("+1\n-- \nAda\nAttend: yes\n"), [Visible, Signature, Signature, Signature]);
        assert_eq!(kinds("+1\n--\nAda\n"), [Visible, Signature, Signature], "the space is often lost");
        let list = "One\n--\n".to_owned() + &"Two\n".repeat(20);
        assert!(kinds(&list).iter().all(|kind| *kind == Visible), "far from the end it is a rule");
    }

    #[test]
    fn a_drawn_line_is_one_only_above_a_way_to_reach_somebody() {
        assert_eq!(kinds("+1\n\n——————\nAda Lovelace\nada@example.org\n")[2..], [Signature; 3]);
        assert!(kinds("Notes\n\n-----\n\nMore of them.\n").iter().all(|kind| *kind == Visible));
    }

    #[test]
    fn telephones_sign_and_people_say_goodbye() {
        for line in [
            "Sent from my iPhone",
            "Sent from my Fairphone 4G, please excuse the typos",
            "Sent from my mobile device",
            "Von meinem iPhone gesendet",
            "Envoyé de mon iPhone",
            "Envoyé à partir de Outlook pour Android<https://example.org/x>",
            "Get Outlook for iOS",
            "Outlook für Android beziehen<https://example.org/x>",
            "Verstuurd vanaf mijn iPad",
            "Lähetetty iPhonesta",
            "Odesláno z mobilu",
            "Отправлено с iPhone",
            "iPhone'umdan gönderildi",
            "发自我的 iPhone",
            "iPhoneから送信",
            "나의 iPhone에서 보냄",
        ] {
            assert_eq!(kinds(&format!("+1\n{line}\n")), [Visible, Signature], "{line}");
        }
        assert_eq!(kinds("+1\nRegards,\nAda\n"), [Visible; 3]);
        for prose in [
            "Sent from my side, too: a list of the topics that we could talk about in Delft.",
            "Sent from my desk, which is easier than the phone.",
            "The mails are sent from my phone.",
            "Outlook breaks the lines of patches.",
        ] {
            assert_eq!(kinds(prose), [Visible], "{prose}");
        }
    }
}
