//! Reading and understanding mail, on one core, beside the MIME parser alone.
//!
//! ```text
//! cargo bench --bench read
//! RAPPORTEUR_MAIL=DIR cargo bench --bench read
//! ```
//!
//! Without a folder the mails are made up (`generated`), so that everybody measures the same. With `RAPPORTEUR_MAIL`,
//! a folder or archive of mail as `rapporteur import` takes it, real mail is measured instead.
//! The goal, for real mail: `understand` reaches at least half of what `mime_parser` alone does. Made-up mail asks for more:
//! each of its paragraphs speaks of sessions and has letters beyond ASCII, and its header is quickly parsed.

mod generated;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use mail_parser::MessageParser;
use rapporteur::clock::Timestamp;
use rapporteur::grammar::{self, Vocabulary};
use rapporteur::mail;
use rapporteur::mail::screen::{Watch, screen};
use rapporteur::mailbox::archive;
use std::sync::LazyLock;

static MAILS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| match std::env::var_os("RAPPORTEUR_MAIL") {
    None => (0..500).map(generated::mail).collect(),
    Some(path) => archive::open(&[path.into()]).map(|mail| mail.expect("a file that can be read").raw).collect(),
});

const RECEIVED: Timestamp = Timestamp::constant(1_700_000_000, 0);

fn main() {
    let mut sizes: Vec<usize> = MAILS.iter().map(Vec::len).collect();
    sizes.sort_unstable();
    let at = |percent: usize| sizes.get((sizes.len() * percent) / 100).map_or(0, |bytes| bytes / 1000);
    println!("{} mails, median {} kB, the hundredth {} kB", sizes.len(), at(50), at(99));
    divan::main();
}

fn measure(bencher: Bencher, work: impl Fn(&[u8]) + Sync) {
    let bytes: usize = MAILS.iter().map(Vec::len).sum();
    let bencher = bencher.counter(BytesCount::new(bytes)).counter(ItemsCount::new(MAILS.len()));
    bencher.bench(|| MAILS.iter().for_each(|raw| work(raw)));
}

/// What we are held against.
#[divan::bench]
fn mime_parser(bencher: Bencher) {
    let parser = MessageParser::default();
    measure(bencher, |raw| {
        black_box(parser.parse(raw));
    });
}

#[divan::bench]
fn gate(bencher: Bencher) {
    measure(bencher, |raw| {
        black_box(mail::gate(raw)).ok();
    });
}

#[divan::bench]
fn read(bencher: Bencher) {
    measure(bencher, |raw| {
        if mail::gate(raw).is_ok() {
            black_box(mail::read(raw, RECEIVED));
        }
    });
}

#[divan::bench]
fn understand(bencher: Bencher) {
    let vocabulary = Vocabulary::default();
    measure(bencher, |raw| {
        if mail::gate(raw).is_ok() {
            let mail = mail::read(raw, RECEIVED);
            black_box(screen(&mail, &Watch { own: &[], loop_mark: &|_| false, sent_by_us: false }));
            black_box(grammar::parse(&mail, &vocabulary));
        }
    });
}
