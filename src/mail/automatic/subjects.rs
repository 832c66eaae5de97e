//! How programs begin the subject of their answers: the default texts of Exchange and Outlook, Gmail, GroupWise, Notes,
//! Dovecot's sieve, vacation(1), Horde, RT and OTRS. Lower case.

use crate::mail::glance::Glance;
use std::sync::LazyLock;

const ANSWERS: [&str; 86] = [
    // English
    "out of office",
    "out of the office",
    "out-of-office",
    "i am out of the office",
    "i'm out of the office",
    "i am out of office",
    "i'm out of office",
    "away from my mail",
    "on vacation",
    "automatic reply",
    "automated reply",
    "automatic response",
    "automated response",
    "automatically generated reply",
    "autoreply",
    "auto-reply",
    "auto reply",
    "auto",
    "autoresponse",
    "auto response",
    "auto-response",
    "autoresponder",
    "vacation reply",
    "vacation message",
    "vacation notice",
    "vacation",
    // German
    "abwesenheitsnotiz",
    "abwesenheitsmeldung",
    "abwesenheitsbenachrichtigung",
    "abwesend",
    "abwesenheit",
    "außer haus",
    "automatische antwort",
    "automatische rückantwort",
    // French
    "réponse automatique",
    "reponse automatique",
    "réponse d'absence",
    "absence du bureau",
    "absent du bureau",
    "message d'absence",
    // Spanish, Catalan, Portuguese
    "respuesta automática",
    "respuesta automatica",
    "fuera de la oficina",
    "fuera de oficina",
    "resposta automàtica",
    "resposta automática",
    "resposta automatica",
    "fora do escritório",
    "ausência temporária",
    // Italian, Romanian
    "risposta automatica",
    "fuori sede",
    "fuori ufficio",
    "răspuns automat",
    // Dutch, Nordic, Baltic
    "automatisch antwoord",
    "automatisch bericht",
    "afwezig",
    "afwezigheidsbericht",
    "autosvar",
    "automatiskt svar",
    "automatisk svar",
    "frånvaro",
    "fraværende",
    "ikke til stede",
    "automaattinen vastaus",
    "poissa",
    "automaatvastus",
    "automātiska atbilde",
    "automatinis atsakymas",
    // Slavic, Hungarian, Greek, Turkish
    "automatyczna odpowiedź",
    "poza biurem",
    "automatická odpověď",
    "automatická odpoveď",
    "automatski odgovor",
    "samodejni odgovor",
    "автоматический ответ",
    "автоответ",
    "автоматична відповідь",
    "автоматичен отговор",
    "automatikus válasz",
    "αυτόματη απάντηση",
    "otomatik yanıt",
    // Asia
    "自动回复",
    "自动答复",
    "自動回覆",
    "自動応答",
    "자동 회신",
];

/// Does the subject, in lower case, begin as an automatic answer does, behind `Re:` and the tag of a ticket system? The phrase must end
/// there, or go on as these do: `Out of office until Monday`, but not `Out of office hours at the summit`.
pub fn is_answer(subject: &str) -> bool {
    let title = behind_tags(subject);
    if !GLANCE.may_begin(title) {
        return false;
    }
    ANSWERS.iter().filter_map(|phrase| title.strip_prefix(phrase).map(|rest| (phrase, rest))).any(|(phrase, rest)| {
        let tagged = title.len() < subject.trim().len();
        let one_word = !phrase.contains([' ', '-']) && phrase.is_ascii();
        // `Vacation` alone, or behind the tag of a list, is somebody's topic.
        if one_word { rest.starts_with(COLONS) } else { ends(rest) && !(tagged && rest.is_empty()) }
    })
}

static GLANCE: LazyLock<Glance> = LazyLock::new(|| Glance::of(ANSWERS));

const COLONS: [char; 2] = [':', '：'];

fn ends(rest: &str) -> bool {
    const ON: [&str; 14] = [
        "re:",
        "aw:",
        "autoreply",
        "auto-reply",
        "from",
        "until",
        "till",
        "bis",
        "reply",
        "alert",
        "notification",
        "-",
        "–",
        "(",
    ];
    let Some(first) = rest.chars().next() else { return true };
    let trimmed = rest.trim_start();
    let spaced = trimmed.len() < rest.len();
    COLONS.contains(&first)
        || !spaced && !first.is_alphanumeric()
        || spaced && (trimmed.is_empty() || trimmed.starts_with(COLONS) || ON.iter().any(|on| trimmed.starts_with(on)))
}

fn behind_tags(subject: &str) -> &str {
    let mut title = subject.trim();
    loop {
        let inner = title.strip_prefix('[').and_then(|inner| inner.split_once(']')).map(|(_, rest)| rest);
        match inner.or_else(|| title.strip_prefix("re:")) {
            Some(rest) => title = rest.trim_start(),
            None => return title,
        }
    }
}
