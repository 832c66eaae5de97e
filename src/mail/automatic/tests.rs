use super::*;

fn verdict(header: &str) -> Automatic {
    crate::mail::read(format!("{header}\n\nHi\n").as_bytes(), crate::clock::Timestamp::UNIX_EPOCH).automatic
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
