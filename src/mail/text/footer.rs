//! What stands beneath the author's words and is nobody's: the lines that lists, scanners and lawyers append.

use super::{Line, attribution, cleaned, physical_lines, trimmed};
use crate::mail::glance::Glance;
use regex::Regex;
use std::sync::LazyLock;

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
pub fn is_footer(decoded: &str) -> bool {
    let cleaned = cleaned(decoded);
    let lines = attribution::unglued(physical_lines(&cleaned));
    let from = lines.iter().position(|line| !line.text.trim().is_empty());
    from.is_some_and(|from| footer_start(&lines) <= from)
}

fn footer_begins(lines: &[Line]) -> bool {
    let text = trimmed(lines[0].text);
    if text.is_empty() || text.starts_with('>') {
        return false;
    }
    if FOOTER_GLANCE.may_begin(text) && FOOTER_FIRST.is_match(text) {
        return true;
    }
    let Some(drawn) = rule(text) else { return false };
    let below = lines[1..].iter().map(|line| line.text.trim()).filter(|text| !text.is_empty()).take(4);
    // What stands under the next drawn line is that one's.
    let mut below = below.take_while(|text| rule(text).is_none());
    below.any(|line| FOOTER_LINE.is_match(line) || drawn == '_' && LIST_NAME.is_match(line))
}

/// The character that a separating line is drawn with.
fn rule(text: &str) -> Option<char> {
    let first = text.chars().next().filter(|c| "_-=~*#".contains(*c))?;
    let enough = if "-_".contains(first) { 2 } else { 5 };
    (text.len() >= enough && text.chars().all(|c| c == first || "-=".contains(c))).then_some(first)
}

/// Bytes in which a disclaimer has shown itself, and those in which it speaks of the mail.
const DISCLAIMER_LENGTH: usize = 700;
const DISCLAIMER_OPENING: usize = 160;
const DISCLAIMER_LINES: usize = 12;
/// How many lines may stand under its beginning: it is the last that is said, before a quote or the end.
const LINES_BELOW: usize = 40;

/// Whether a disclaimer may stand anywhere in `lines`: whether they speak of secrecy. Most mails do not, and none of
/// their paragraphs has to be looked at.
pub fn may_disclaim(lines: &[Line]) -> bool {
    let mut said = String::with_capacity(lines.iter().map(|line| line.text.len() + 1).sum());
    let own = |text: &&str| !text.is_empty() && !text.starts_with('>');
    for text in lines.iter().map(|line| trimmed(line.text)).filter(own) {
        match text.is_ascii() {
            true => said.push_str(text),
            false => said.push_str(&text.to_lowercase()),
        }
        said.push(' ');
    }
    said.make_ascii_lowercase();
    SECRET.is_match(&said)
}

/// Whether the first of `lines` begins a paragraph of a lawyer's: it opens with the mail itself, and speaks of secrecy
/// and of those who should, or should not, have it.
pub fn disclaimer_begins(lines: &[Line]) -> bool {
    if lines.get(LINES_BELOW).is_some_and(|line| !line.text.starts_with('>')) {
        return false;
    }
    let opening = paragraph(lines, DISCLAIMER_OPENING);
    if !THIS_MAIL.is_match(&opening[..opening.floor_char_boundary(DISCLAIMER_OPENING)]) {
        return false;
    }
    let whole = paragraph(lines, DISCLAIMER_LENGTH);
    SECRET.is_match(&whole) && READER.is_match(&whole)
}

/// The paragraph that begins with the first of `lines`, with the heading above it, as one line in lower case: so many
/// bytes of it and the rest of the last line.
fn paragraph(lines: &[Line], length: usize) -> String {
    let mut paragraph = String::new();
    let mut heading = false;
    for line in lines.iter().take(DISCLAIMER_LINES) {
        let text = trimmed(line.text);
        if text.is_empty() && heading {
            heading = false;
            continue;
        }
        if text.is_empty() || text.starts_with('>') || paragraph.len() > length {
            break;
        }
        // `Disclaimer`, `CONFIDENTIALITY NOTICE:` stand above it.
        heading = paragraph.is_empty() && text.split_whitespace().count() <= 3;
        paragraph.push_str(text);
        paragraph.push(' ');
    }
    lowered(paragraph)
}

/// Words in one case are found several times as fast as words in any.
fn lowered(mut text: String) -> String {
    if !text.is_ascii() {
        return text.to_lowercase();
    }
    text.make_ascii_lowercase();
    text
}

/// Lines of the sentences with which a scanner warns of mail from outside, when `lines` begin with them. The author's
/// words may follow in the next line.
pub fn banner(lines: &[Line]) -> Option<usize> {
    let text = trimmed(lines.first()?.text);
    let warns = BANNER_GLANCE.may_begin(text.trim_start_matches(BANNER_MARKS)) && BANNER.is_match(text);
    warns.then(|| {
        let ends =
            |line: &Line| line.text.trim_end().ends_with(['.', '!', ']', '*', '。']) || line.text.trim().is_empty();
        lines.iter().take(DISCLAIMER_LINES).position(ends).map_or(1, |last| last + 1)
    })
}

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant, and a test builds it")
}

/// Says by itself that a footer begins.
static FOOTER_FIRST: LazyLock<Regex> = LazyLock::new(|| compiled(&format!("(?i)^(?:{})", FOOTERS_FIRST.join("|"))));
static FOOTER_GLANCE: LazyLock<Glance> = LazyLock::new(|| Glance::of(FOOTERS_FIRST));
/// Google Groups, majordomo, mlmmj, Sympa, scanners. Patterns, each of which begins with two letters, for the glance.
const FOOTERS_FIRST: [&str; 37] = [
    r"you(?:'re| are)? receiv(?:ed|ing) this (?:message|e-?mail|because)",
    r"to unsubscribe from this (?:list|group|thread)\b",
    r"reply to this e-?mail directly",
    r"to unsubscribe(?:,)? (?:send|e-?mail|visit|from the list|or change)",
    r"unsubscribe: https?:",
    r"unsubscribe at:? https?:",
    r"subscribe at:? https?:",
    r"sie (?:erhalten|haben) diese (?:nachricht|e-mail)(?: erhalten)?, weil",
    r"vous recevez ce (?:message|courriel|mail),? (?:car|parce)",
    r"pour (?:vous désabonner|se désinscrire)",
    r"has recibido este (?:mensaje|correo) porque",
    r"recibi(?:ste|ó) este (?:mensaje|correo) porque",
    r"para (?:cancelar|anular) (?:la|su|tu) suscripción",
    r"você (?:recebeu|está recebendo) (?:essa|esta) mensagem porque",
    r"recebeu esta mensagem porque",
    r"hai ricevuto questo messaggio perché",
    r"ricevi questo messaggio perché",
    r"je (?:hebt|ontvangt) dit bericht",
    r"du (?:får|har fått|modtager|mottar) (?:det här|denne|dette|detta)",
    r"otrzymujesz tę wiadomość",
    r"вы получили это сообщение",
    r"ви отримали це повідомлення",
    r"bu iletiyi",
    r"tuto zprávu jste (?:dostal|obdržel)",
    r"このメールは.{0,40}(?:グループ|メーリングリスト)",
    r"您收到此邮件是因为",
    r"您會收到這封",
    r"이 메일은.{0,40}그룹",
    r"this e-?mail (?:message )?has been (?:checked|scanned)",
    r"this (?:message|mail) was scanned",
    r"virus-free\.",
    r"diese e-mail wurde (?:von avast|auf viren)",
    r"l'absence de virus dans ce courrier",
    r"ce courrier électronique ne contient aucun virus",
    r"este correo electrónico ha sido comprobado",
    r"este e-?mail foi (?:escaneado|verificado)",
    r"questa e-mail è stata controllata",
];
/// Stands in a footer beneath a separating line.
static FOOTER_LINE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(concat!(
        r"(?i)(?:\bunsubscribe\b|/listinfo|/mailman[23]?/|/postorius/|/hyperkitty/|/sympa/|/wws/",
        r"|[-+](?:request|leave|unsubscribe|unsub|help|bounces)@|\b(?:majordomo|sympa|listserv|mlmmj|ecartis)@",
        r"|you(?:'re| are)? receiv(?:ed|ing) this (?:message|e-?mail|because)|you receive all messages sent to this group|view/reply online \(#|groups\.google\.|groups\.io|reply to this e-?mail directly",
        r"|\b(?:désabonne|désinscri|abbestell|abmelden von|darse de baja|cancelar (?:la|su) suscripción|disiscri|cancellar[es]i|afmelden|avregistr|avanmäl|отписаться|відписатися|退订|退訂|配信停止|退会))",
    ))
});
/// `Devel mailing list`, as Mailman writes it in the list's language.
static LIST_NAME: LazyLock<Regex> = LazyLock::new(|| {
    compiled(concat!(
        r"(?i)^(?:\S+ ){0,4}(?:mailing[- ]?list\w*|mailingliste|liste de diffusion|liste de discussion|lista de (?:correo|distribución|discussão|distribuição)",
        r"|maillista\w*|postituslista|e-mail konferenc\w*|lista dyskusyjna|список рассылки|список розсилки|λίστα|邮件列表|郵件論壇|郵遞論壇|メーリングリスト|메일링 리스트|levelezőlista)(?:\s+\S+){0,4}$",
    ))
});

static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    compiled(concat!(
        r"(?:confiden|legally privileged|vertraulich|riservat|vertrouwelijk|konfidenti|fortrolig|konfident|luottamuksell|poufn|důvěrn|dôvern",
        r"|конфиденц|конфіденц|поверител|εμπιστευτικ|gizli|bizalmas|povjerljiv|rahasia|bảo mật|סודי|חסוי|سري|保密|机密|機密|秘密|기밀|비밀|intended (?:solely|only|exclusively) for)",
    ))
});
/// It speaks of the mail itself.
static THIS_MAIL: LazyLock<Regex> = LazyLock::new(|| {
    compiled(concat!(
        r"(?:(?:th(?:is|e)|any) (?:e-?mail|electronic mail|message|communication|transmission|information (?:contained|in this|transmitted)|contents? of|document)|diese[rs]? (?:e-?mail|nachricht|mail)|ce (?:message|courriel|courrier|mail)|cet e-?mail",
        r"|est[ea] (?:mensaje|correo|mensagem|e-?mail|comunica)|quest[oa] (?:messaggio|e-?mail|comunica)|le informazioni|dit (?:e-?mail)?bericht|deze e-?mail|detta (?:e-post|meddelande|mejl)|denn[ae] (?:e-?mail|e-post|mail|meddelelse|melding)",
        r"|tämä (?:viesti|sähköposti)|t[ae] (?:wiadomość|e-mail|informacj)|niniejsz|ta[ht]o (?:zpráva|správa)|tento e-?mail|это сообщение|данное сообщение|настоящее (?:сообщение|электронное)|це повідомлення|това съобщение",
        r"|το παρόν|bu (?:e-?posta|ileti|mesaj)|ez (?:az üzenet|az e-mail)|acest (?:mesaj|e-mail)|aquest (?:missatge|correu)|ova (?:poruka|e-pošta)|pesan ini|email ini|thư này|הודעה זו|هذه الرسالة|本邮件|本郵件|此邮件|此郵件|本电子邮件|本メール|このメール|このeメール|본 메일|이 메일|본 메시지|이 이메일)",
    ))
});
/// It speaks of who should, or should not, have it.
static READER: LazyLock<Regex> = LazyLock::new(|| {
    compiled(concat!(
        r"(?:intended (?:recipient|solely|only|exclusively|for)|addressee|addressed|(?:this|it|message|e-?mail) (?:message )?in error|by mistake|unauthori[sz]ed|empfänger|adressat|irrtümlich|destinat|par erreur|por error|por engano|per errore|geadresseerde|ontvanger|mottagare|modtager|mottaker|vastaanottaja",
        r"|adresat|odbiorc|příjemc|adresát|príjemc|получател|адресат|одержувач|παραλήπτ|alıcı|címzett|primatelj|penerima|người nhận|נמען|المستلم|المرسل إليه|收件|受信者|宛先|수신|받는)",
    ))
});
/// `CAUTION: This email originated from outside of the organisation.`
static BANNER: LazyLock<Regex> = LazyLock::new(|| {
    let words = BANNER_WORDS.join("|");
    compiled(&format!(
        r"(?i)^[\[*!# ]*(?:{words})\b.{{0,60}}(?:originat|external|outside|extern|stammt|proviene|provient)"
    ))
});
static BANNER_GLANCE: LazyLock<Glance> = LazyLock::new(|| Glance::of(BANNER_WORDS));
const BANNER_MARKS: [char; 5] = ['[', '*', '!', '#', ' '];
const BANNER_WORDS: [&str; 11] = [
    "caution",
    "warning",
    "attention",
    "external",
    "notice",
    "achtung",
    "vorsicht",
    "extern",
    "attenzione",
    "atención",
    "atenção",
];

#[cfg(test)]
mod tests {
    use crate::mail::{SpanKind, Text};
    use SpanKind::{Footer, Visible};

    fn kinds(text: &str) -> Vec<SpanKind> {
        Text::plain(text, false).lines().map(|line| line.kind).collect()
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
    fn lawyers_and_scanners_append_too() {
        let disclaimer = "This e-mail and its attachments are confidential and intended solely for the addressee.\nIf you have received it in error, delete it.\n";
        assert_eq!(kinds(&format!("Fine.\n\n{disclaimer}"))[2..], [Footer; 2]);
        assert_eq!(kinds(&format!("Fine.\n\nDisclaimer\n\n{disclaimer}"))[2..], [Footer; 4]);
        let above = format!("Fine.\n\n{disclaimer}\nOn Mon, 3 Jul 2017 at 10:00, Ada wrote:\n> One?\nYes.\n");
        assert_eq!(Text::plain(&above, false).visible_text(), "Fine.\n\nYes.");
        let banner = "CAUTION: This email originated from outside of the company. Do not click.\n\nFine.\n";
        assert_eq!(kinds(banner), [Footer, Visible, Visible]);
        let at_once = "CAUTION: This email originated from outside of the company.\nFine.\n";
        assert_eq!(kinds(at_once), [Footer, Visible]);
        let prose = "This message is about confidential virtual machines.\n\nThe addressee of an interrupt is another matter.\n";
        assert_eq!(kinds(prose), [Visible; 3]);
    }

    #[test]
    fn headings_and_rules_are_no_footers() {
        let notes = "Participants\n------------\nAda, Bob\n\nDecisions\n------------\nThe mailing list is the place\n";
        assert!(kinds(notes).iter().all(|kind| *kind == Visible));
        let footer = "_____________\nDevel mailing list\nhttps://example.org/listinfo/devel\n";
        let text = Text::plain(&format!("{notes}{footer}"), false);
        assert_eq!(text.visible_text(), notes.trim_end(), "a footer does not take the heading above it along");
    }
}
