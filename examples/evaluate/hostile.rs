//! Mail that was made to break its reader: every file comes to one end, without a panic, in bounded time.

use crate::data::Data;
use crate::table::{Goal, Miss, Row};
use rapporteur::clock::Timestamp;
use rapporteur::config::Config;
use rapporteur::daemon::understand::{Unread, understand_all};
use rapporteur::mail::Reason;
use std::time::{Duration, Instant};

pub fn measure(data: &Data, config: &Config) -> anyhow::Result<Vec<Row>> {
    let mut results = Vec::new();
    let (mut slowest, mut slowest_file) = (Duration::ZERO, String::new());
    for folder in ["hostile", "auth", "bounce", "reply", "thread"] {
        for path in data.files(folder)? {
            let raw = std::fs::read(&path)?;
            let start = Instant::now();
            let understood = understand_all(&[Unread::new(&raw, Timestamp::now(), None)], &config.policy);
            let took = start.elapsed();
            let file = path.display().to_string();
            if took > slowest {
                (slowest, slowest_file) = (took, file.clone());
            }
            let ended = understood.len() == 1 && understood[0].refused != Some(Reason::Internal);
            let miss = Miss { case: file, expected: "an end".to_owned(), got: "a panic".to_owned() };
            results.push(if ended { Ok(()) } else { Err(miss) });
        }
    }
    if results.is_empty() {
        return Ok(vec![Row::missing("hostile")]);
    }
    let mut time = Row::figure("hostile, slowest", format!("{:.1} ms", slowest.as_secs_f64() * 1e3));
    time.misses.push(Miss { case: slowest_file, expected: "a moment".to_owned(), got: time.measured.clone() });
    Ok(vec![Row::hits("hostile, one end each", Goal::Percent(100.0), results), time])
}
