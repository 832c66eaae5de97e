//! How fast real mail is read and understood, on one core, beside the MIME parser alone.
//!
//! A first look; `cargo bench` measures with more care.

use crate::table::{Goal, Row};
use mail_parser::MessageParser;
use rapporteur::config::Config;
use rapporteur::grammar;
use rapporteur::mail;
use rapporteur::mail::screen::{Watch, screen};
use rapporteur::mailbox::archive::RawMail;
use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: u32 = 5;

pub fn measure(real: &[RawMail], config: &Config) -> Vec<Row> {
    if real.is_empty() {
        return vec![Row::missing("real, speed")];
    }
    let parser = MessageParser::default();
    let alone = best(|| {
        for mail in real {
            black_box(parser.parse(&mail.raw));
        }
    });
    let watch = Watch { own: &[], loop_mark: &|_| false, sent_by_us: false };
    let vocabulary = &config.policy.summits[0].vocabulary;
    let understood = best(|| {
        for raw in real {
            if mail::gate(&raw.raw).is_ok() {
                let mail = mail::read(&raw.raw, raw.received);
                black_box(screen(&mail, &watch));
                black_box(grammar::parse(&mail, vocabulary));
            }
        }
    });
    let bytes: usize = real.iter().map(|mail| mail.raw.len()).sum();
    let figure = |time: Duration| {
        let seconds = time.as_secs_f64();
        format!("{:.0}/s {:.0} MB/s", real.len() as f64 / seconds, bytes as f64 / 1e6 / seconds)
    };
    let percent = Some(100.0 * alone.as_secs_f64() / understood.as_secs_f64());
    vec![
        Row::figure("real, the MIME parser alone", figure(alone)),
        Row { percent, goal: Goal::Percent(50.0), ..Row::figure("real, read and understood", figure(understood)) },
    ]
}

/// The least disturbed of some rounds.
fn best(mut work: impl FnMut()) -> Duration {
    let round = |_| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..ROUNDS).map(round).min().unwrap_or_default()
}
