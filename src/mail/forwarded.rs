//! Where a mail that was passed on begins: a marker line, or the header lines that some mailers write above it.

use super::Line;

/// Between dashes: `-----Original Message-----`. Lower case.
const MARKERS: [&str; 49] = [
    "original message",
    "reply message",
    "forwarded message",
    "forwarded mail",
    "begin forwarded message",
    "ursprüngliche nachricht",
    "originalnachricht",
    "original-nachricht",
    "antwort nachricht",
    "weitergeleitete nachricht",
    "anfang der weitergeleiteten nachricht",
    "message d'origine",
    "message original",
    "message transféré",
    "message transmis",
    "début du message réexpédié",
    "mensaje original",
    "mensaje reenviado",
    "inicio del mensaje reenviado",
    "messaggio originale",
    "messaggio inoltrato",
    "inizio messaggio inoltrato",
    "mensagem original",
    "mensagem encaminhada",
    "oorspronkelijk bericht",
    "origineel bericht",
    "doorgestuurd bericht",
    "ursprungligt meddelande",
    "originalmeddelande",
    "vidarebefordrat meddelande",
    "oprindelig meddelelse",
    "videresendt meddelelse",
    "opprinnelig melding",
    "videresendt melding",
    "alkuperäinen viesti",
    "edelleenlähetetty viesti",
    "oryginalna wiadomość",
    "wiadomość oryginalna",
    "původní zpráva",
    "přeposlaná zpráva",
    "исходное сообщение",
    "пересылаемое сообщение",
    "вихідне повідомлення",
    "αρχικό μήνυμα",
    "özgün ileti",
    "eredeti üzenet",
    "mesaj original",
    "原始邮件",
    "元のメッセージ",
];
/// These stand without dashes too, with a colon.
const BARE_MARKERS: [&str; 5] = [
    "begin forwarded message",
    "anfang der weitergeleiteten nachricht",
    "début du message réexpédié",
    "inicio del mensaje reenviado",
    "inizio messaggio inoltrato",
];

/// What a header line above a quoted mail says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    From,
    Date,
    To,
    Subject,
    Copy,
}

const KEYS: [(Key, &[&str]); 5] = [
    (
        Key::From,
        &[
            "from",
            "von",
            "de",
            "da",
            "van",
            "från",
            "fra",
            "lähettäjä",
            "od",
            "от",
            "от кого",
            "від",
            "από",
            "kimden",
            "gönderen",
            "feladó",
            "de la",
            "发件人",
            "寄件者",
            "差出人",
            "보낸 사람",
        ],
    ),
    (
        Key::Date,
        &[
            "sent",
            "date",
            "gesendet",
            "datum",
            "envoyé",
            "enviado",
            "enviado el",
            "enviada em",
            "fecha",
            "data",
            "inviato",
            "verzonden",
            "skickat",
            "sendt",
            "dato",
            "lähetetty",
            "päivämäärä",
            "wysłano",
            "odesláno",
            "отправлено",
            "дата",
            "надіслано",
            "στάλθηκε",
            "ημερομηνία",
            "gönderildi",
            "tarih",
            "elküldve",
            "dátum",
            "trimis",
            "发送时间",
            "日期",
            "送信日時",
            "日付",
            "보낸 날짜",
            "날짜",
        ],
    ),
    (
        Key::To,
        &[
            "to",
            "an",
            "à",
            "para",
            "a",
            "aan",
            "till",
            "til",
            "vastaanottaja",
            "do",
            "komu",
            "кому",
            "προς",
            "kime",
            "címzett",
            "către",
            "收件人",
            "宛先",
            "받는 사람",
        ],
    ),
    (
        Key::Subject,
        &[
            "subject",
            "betreff",
            "objet",
            "asunto",
            "oggetto",
            "assunto",
            "onderwerp",
            "ämne",
            "emne",
            "aihe",
            "temat",
            "předmět",
            "тема",
            "θέμα",
            "konu",
            "tárgy",
            "subiect",
            "主题",
            "主旨",
            "件名",
            "제목",
        ],
    ),
    (Key::Copy, &["cc", "kopie", "copie", "kopi", "copia", "kopia", "копия", "抄送", "참조"]),
];

/// How far a block of header lines is followed.
const BLOCK_LINES: usize = 12;

/// Whether a passed-on mail begins with the first of `lines`: nothing from here on is the author's.
pub fn begins(lines: &[Line]) -> bool {
    let Some(first) = lines.first() else { return false };
    is_marker(&first.text) || header_block(lines) || (is_rule(&first.text) && header_block(&lines[1..]))
}

fn is_marker(text: &str) -> bool {
    let text = text.trim();
    let inner = text.trim_matches(['-', '_', '=', '*', ' ']);
    let dashes = text.len() - text.trim_start_matches(['-', '_', '=']).len();
    // The longest marker has 37 characters: a longer line need not be lowered and compared.
    if inner.is_empty() || inner.chars().count() > 48 {
        return false;
    }
    let phrase = inner.to_lowercase();
    if dashes >= 2 {
        return MARKERS.contains(&phrase.trim_end_matches([':', ' ']));
    }
    phrase.strip_suffix(':').is_some_and(|bare| BARE_MARKERS.contains(&bare.trim_end()))
}

/// A line of underscores, as Outlook draws above the header lines.
fn is_rule(text: &str) -> bool {
    let text = text.trim();
    text.len() >= 10 && text.bytes().all(|byte| byte == b'_')
}

/// `From:`, `Sent:`, `To:`, `Subject:` beneath each other: three of them, or two that carry an address and a time.
fn header_block(lines: &[Line]) -> bool {
    // Indented header lines are shown, not passed on; only bold ones are indented by mailers.
    let indented = |line: &Line| line.text.starts_with(['\t', ' ']) && !line.text.trim_start().starts_with('*');
    if lines.first().is_none_or(indented) {
        return false;
    }
    let mut found: Vec<Key> = Vec::new();
    let (mut address, mut time) = (false, false);
    let mut wrapped = 0;
    for line in lines.iter().take(BLOCK_LINES) {
        let text = line.text.trim();
        match key(text) {
            Some((key, value)) => {
                address |= matches!(key, Key::From | Key::To) && value.contains('@');
                time |= key == Key::Date && has_time(value);
                if !found.contains(&key) {
                    found.push(key);
                }
                wrapped = 0;
            }
            // A long value may be broken over two more lines.
            None if found.is_empty() || text.is_empty() || wrapped == 2 => break,
            None => wrapped += 1,
        }
    }
    let sender = found.contains(&Key::From) || found.contains(&Key::Date);
    sender
        && (found.len() >= 3 && (address || time || found.contains(&Key::From)) || found.len() == 2 && address && time)
}

fn key(text: &str) -> Option<(Key, &str)> {
    let (name, value) = text.split_once([':', '：'])?;
    if name.chars().count() > 20 {
        return None;
    }
    let name = name.trim_matches(['*', '_', ' ', '\u{a0}']).to_lowercase();
    let (key, _) = KEYS.iter().find(|(_, names)| names.contains(&name.as_str()))?;
    Some((*key, value))
}

/// `17:42`
fn has_time(value: &str) -> bool {
    value.as_bytes().windows(3).any(|w| w[0].is_ascii_digit() && w[1] == b':' && w[2].is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use crate::mail::{SpanKind, Text};

    /// How many lines are the author's own before something passed on begins, if it does.
    fn own_lines(text: &str) -> Option<usize> {
        let text = Text::plain(text, false);
        text.lines.iter().position(|line| line.kind == SpanKind::Forwarded)
    }

    #[test]
    fn marker_lines_in_many_languages_end_the_authors_words() {
        for marker in [
            "-----Original Message-----",
            "----- Original Message -----",
            "---------- Forwarded message ----------",
            "-------- Weitergeleitete Nachricht --------",
            "-----Message d'origine-----",
            "________ Mensaje original ________",
            "Begin forwarded message:",
        ] {
            assert_eq!(own_lines(&format!("+1\n\n{marker}\nAttend: yes\n")), Some(2), "{marker}");
        }
    }

    #[test]
    fn header_lines_do_too() {
        let english = "+1\n\nFrom: Ada <ada@example.org>\nSent: Monday, July 3, 2017 10:00 AM\nTo: Devel\nSubject: Slots\n\nAttend: yes\n";
        assert_eq!(own_lines(english), Some(2));
        let german = "+1\n________________________________\n*Von:* Ada\n*Gesendet:* Montag, 3. Juli 2017 10:00\n*An:* Devel\n*Betreff:* Slots\n";
        assert_eq!(own_lines(german), Some(1));
        let short = "+1\nFrom: ada@example.org\nDate: Mon, 3 Jul 2017 10:00:00 +0000\n\nHi\n";
        assert_eq!(own_lines(short), Some(1));
    }

    #[test]
    fn fields_of_a_proposal_are_no_header_lines() {
        assert_eq!(own_lines("Title: Slots\nDate: July 11 2017\nContact: Ada <ada@example.org>\nTrack: Tools\n"), None);
        assert_eq!(own_lines("Date: July 11 2017, 10:00\nRoom: 2\n"), None);
        assert_eq!(own_lines("Such a mail:\n\n  From: Ada <ada@example.org>\n  To: Bob\n  Subject: x\n\nSee?\n"), None);
        assert_eq!(own_lines("------- Agenda -------\nOriginal message of the talk\n"), None);
    }
}
