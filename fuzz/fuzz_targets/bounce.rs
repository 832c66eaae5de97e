//! Any bytes in a delivery report, and any report.
#![no_main]

use rapporteur_fuzz::invariants;

/// From the null sender, with one part that people read and one for programs (RFC 3464 §2).
const REPORT: &[u8] = b"Return-Path: <>\nFrom: MAILER-DAEMON@example.org\nSubject: Undeliverable\n\
Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n\
Your mail was not delivered.\n\n--b\nContent-Type: message/delivery-status\n\n";

libfuzzer_sys::fuzz_target!(init: rapporteur_fuzz::let_panics_be_caught(), |bytes: &[u8]| {
    for raw in [bytes, &[REPORT, bytes].concat()] {
        if let Some(mail) = invariants::mail(raw) {
            invariants::bounce(&mail);
        }
    }
});
