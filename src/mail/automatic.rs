//! Did a program write this mail? RFC 3834, and what programs do that never read it.

use super::Automatic;
use super::header::{Header, token};

/// How programs begin the subject of their answers. Lower case.
const SUBJECTS: [&str; 40] = [
    "out of office",
    "out of the office",
    "out-of-office",
    "automatic reply",
    "autoreply",
    "auto-reply",
    "auto reply",
    "auto:",
    "autoresponse",
    "auto response",
    "vacation reply",
    "abwesenheitsnotiz",
    "abwesend:",
    "abwesenheit:",
    "automatische antwort",
    "réponse automatique",
    "absence du bureau",
    "respuesta automática",
    "respuesta automatica",
    "fuera de la oficina",
    "fuera de oficina",
    "risposta automatica",
    "fuori sede",
    "resposta automática",
    "automatisch antwoord",
    "afwezig:",
    "autosvar",
    "automatiskt svar",
    "automatisk svar",
    "automaattinen vastaus",
    "automatyczna odpowiedź",
    "automatická odpověď",
    "автоматический ответ",
    "автоответ",
    "автоматична відповідь",
    "αυτόματη απάντηση",
    "otomatik yanıt",
    "自动回复",
    "自動応答",
    "자동 회신",
];

/// The rows of the truth table in `docs/operating.md`. Precedence says nothing of mail that came through a list: lists
/// set it themselves.
pub fn automatic(header: &Header, subject: &str) -> Automatic {
    let submitted = header.all("auto-submitted").map(token).find(|token| !token.is_empty() && token != "no");
    if let Some(token) = submitted {
        return Automatic::Yes(format!("Auto-Submitted: {token}"));
    }
    let from_list = header.first("list-id").is_some();
    let precedence = header.all("precedence").map(token).find(|token| is_bulk(token));
    let answering = ["x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-response-suppress"];
    let answering = answering
        .iter()
        .find(|name| header.all(name).map(token).any(|value| !matches!(value.as_str(), "" | "no" | "none")));
    let lower = subject.to_lowercase();
    let title = lower.trim_start_matches("re:").trim_start();
    match (precedence, answering) {
        (Some(token), _) if !from_list => Automatic::Hint(format!("Precedence: {token}")),
        (_, Some(name)) => Automatic::Hint(format!("there is a header {name}")),
        _ if SUBJECTS.iter().any(|start| title.starts_with(start)) => {
            Automatic::Hint(format!("the subject `{subject}`"))
        }
        _ => Automatic::No,
    }
}

fn is_bulk(token: &str) -> bool {
    matches!(token, "bulk" | "junk" | "auto_reply")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(header: &str) -> Automatic {
        let header = Header::read(header.as_bytes());
        let subject = header.first("subject").unwrap_or("").to_owned();
        automatic(&header, &subject)
    }

    #[test]
    fn a_person_says_no() {
        for header in [
            "",
            "Auto-Submitted: no",
            "Auto-Submitted: no (human)",
            "Auto-Submitted: NO ; x=y",
            "Precedence: list",
            "Precedence: bulk\nList-Id: <devel.example.org>",
            "Subject: [TOPIC] Autoreply storms\nX-Auto-Response-Suppress: none",
        ] {
            assert_eq!(verdict(header), Automatic::No, "{header}");
        }
    }

    #[test]
    fn a_program_says_so_in_any_case_and_by_any_token() {
        for header in [
            "Auto-Submitted: auto-replied",
            "auto-submitted: (vacation) AUTO-GENERATED; owner=ada",
            "Auto-Submitted: auto-notified",
            "Auto-Submitted: surely",
            "Auto-Submitted: no\nAuto-Submitted: auto-replied",
        ] {
            assert!(matches!(verdict(header), Automatic::Yes(_)), "{header}");
        }
    }

    #[test]
    fn the_rest_are_hints() {
        for header in [
            "Precedence: bulk",
            "Precedence: junk",
            "Precedence: auto_reply",
            "X-Autoreply: yes",
            "X-Autorespond: your mail",
            "X-Auto-Response-Suppress: All",
            "Subject: Out of Office: Re: slots",
            "Subject: Re: Automatische Antwort: slots",
            "Subject: 自动回复: slots",
        ] {
            assert!(matches!(verdict(header), Automatic::Hint(_)), "{header}");
        }
    }
}
