//! How mail comes in: Maildirs that others use too, mboxes that grow, archives in every wrapping.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use rapporteur::mailbox::archive::{self, RawMail};
use rapporteur::mailbox::mbox::{self, Ending, Poll, write_mboxrd};
use rapporteur::mailbox::{LIMIT, Trouble, maildir};
use std::fs::{self, File};
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};

fn mail(number: usize) -> String {
    // Later numbers are later mails, and names would sort otherwise: 10 before 9.
    let day = number + 1;
    format!(
        "Received: from a by b; {day} Jul 2017 10:00:00 +0000\nMessage-ID: <{number}@example.org>\nSubject: mail {number}\n\nFrom here on: words.\n\nFrom there too.\n"
    )
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn age(path: &Path, seconds: i64) {
    let then = Timestamp::now() - SignedDuration::from_secs(seconds);
    File::options().append(true).open(path).unwrap().set_modified(then.into()).unwrap();
}

fn texts(mails: &[RawMail]) -> Vec<String> {
    mails.iter().map(|mail| String::from_utf8_lossy(&mail.raw).into_owned()).collect()
}

fn mbox_of(mails: &[String]) -> Vec<u8> {
    let mut out = Vec::new();
    for mail in mails {
        write_mboxrd(&mut out, "ada@example.org", at("2017-07-04T10:00:00Z"), mail.as_bytes()).unwrap();
    }
    out
}

/// Everything in an archive: the mails, and the troubles.
fn import(path: &Path) -> (Vec<RawMail>, Vec<Trouble>) {
    let (mails, troubles): (Vec<_>, Vec<_>) = archive::open(&[path.to_owned()]).partition(Result::is_ok);
    (mails.into_iter().map(Result::unwrap).collect(), troubles.into_iter().map(Result::unwrap_err).collect())
}

// --- Maildir ---

fn new_maildir() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    maildir::create(dir.path()).unwrap();
    dir
}

fn keys(dir: &Path) -> Vec<String> {
    maildir::list(dir).unwrap().into_iter().map(|entry| entry.key().to_owned()).collect()
}

#[test]
fn a_maildir_is_listed_in_the_order_of_delivery_and_without_what_its_owner_put_aside() {
    let dir = new_maildir();
    for (name, age_of_file) in [
        ("cur/1700000002.M1P1.host:2,S", 0),
        ("new/1700000001.M9P1.host", 0),
        ("cur/1700000001.M10P1.host:2,RS", 0),
        ("cur/1700000000.trashed.host:2,ST", 0),
        ("cur/1700000000.draft.host:2,D", 0),
        ("cur/1700000002.M1P1.host", 0), // the same mail, caught twice while it moved
        ("new/.hidden", 0),
        ("tmp/1700000000.M1P1.host", 0),
        ("new/7", 1_000_000_000),
    ] {
        let path = dir.path().join(name);
        fs::write(&path, "x").unwrap();
        age(&path, age_of_file);
    }
    assert_eq!(keys(dir.path()), ["7", "1700000001.M9P1.host", "1700000001.M10P1.host", "1700000002.M1P1.host"]);
}

#[test]
fn a_mail_that_its_reader_moves_meanwhile_is_found_again_and_a_deleted_one_is_gone() {
    let dir = new_maildir();
    maildir::deliver(dir.path(), "1700000000.a.host", b"Subject: a\n\n").unwrap();
    let entry = maildir::list(dir.path()).unwrap().remove(0);
    let moved = dir.path().join("cur/1700000000.a.host:2,S");
    fs::rename(entry.path(), &moved).unwrap();
    let (raw, _) = maildir::read_entry(&entry, LIMIT).unwrap().expect("found under its key");
    assert_eq!(raw, b"Subject: a\n\n");
    fs::remove_file(moved).unwrap();
    assert_eq!(maildir::read_entry(&entry, LIMIT), Ok(None));
}

#[test]
fn one_unreadable_mail_is_named_and_the_others_go_on() {
    let dir = new_maildir();
    fs::create_dir(dir.path().join("new/1700000000.directory.host")).unwrap();
    std::os::unix::fs::symlink("/no/such/file", dir.path().join("cur/1700000001.dangling.host:2,")).unwrap();
    let pipe = dir.path().join("new/1700000001.pipe.host");
    assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
    maildir::deliver(dir.path(), "1700000002.good.host", b"Subject: good\n\n").unwrap();
    let read: Vec<_> =
        maildir::list(dir.path()).unwrap().iter().map(|entry| maildir::read_entry(entry, LIMIT)).collect();
    assert_eq!(read.len(), 4);
    for (trouble, name) in read.iter().zip(["directory", "dangling", "pipe"]) {
        let trouble = trouble.as_ref().unwrap_err();
        assert!(trouble.path.to_string_lossy().contains(name) && !trouble.fix.is_empty(), "{trouble}");
    }
    assert_eq!(read[3].as_ref().unwrap().as_ref().unwrap().0, b"Subject: good\n\n");
}

#[test]
fn a_huge_mail_is_read_to_the_limit_and_one_byte() {
    let dir = new_maildir();
    let path = dir.path().join("new/1700000000.huge.host");
    File::create(&path).unwrap().set_len(60 << 20).unwrap();
    let entry = maildir::list(dir.path()).unwrap().remove(0);
    assert_eq!(maildir::read_entry(&entry, LIMIT).unwrap().unwrap().0.len(), LIMIT + 1);
    let (mails, _) = import(dir.path());
    assert_eq!(mails[0].raw.len(), LIMIT + 1);
}

#[test]
fn a_directory_that_is_no_maildir_is_refused_with_the_command_that_makes_one() {
    let dir = tempfile::tempdir().unwrap();
    let trouble = maildir::list(dir.path()).unwrap_err().to_string();
    assert!(trouble.contains("mkdir -p") && trouble.contains(&dir.path().display().to_string()), "{trouble}");
    assert!(maildir::list(Path::new("/no/such/dir")).unwrap_err().to_string().contains("/no/such/dir"));
}

#[test]
fn a_delivery_is_whole_or_not_there_and_a_retry_adds_nothing() {
    let dir = new_maildir();
    fs::write(dir.path().join("tmp/one"), "half a ma").unwrap(); // what a crash left
    let first = maildir::deliver(dir.path(), "one", b"Subject: one\n\n").unwrap();
    assert_eq!(fs::read(&first).unwrap(), b"Subject: one\n\n");
    assert_eq!(maildir::deliver(dir.path(), "one", b"Subject: one\n\n").unwrap(), first);
    assert_eq!(keys(dir.path()), ["one"]);
    assert_eq!(fs::read_dir(dir.path().join("tmp")).unwrap().count(), 0);
    for unfit in ["", ".one", "../one", "one:2,S"] {
        assert!(maildir::deliver(dir.path(), unfit, b"").is_err(), "{unfit}");
    }
}

// --- mbox ---

fn read_mbox(bytes: &[u8]) -> Vec<mbox::Mail> {
    mbox::Reader::new(BufReader::with_capacity(7, bytes), 0, LIMIT).map(Result::unwrap).collect()
}

#[test]
fn a_mail_begins_only_where_a_postmark_follows_an_empty_line() {
    let text = "From ada@example.org Tue Jul  4 10:00:00 2017\nSubject: a\n\nFrom here on\nFrom x Tue Jul  4 10:00:00 2017\n\n>From quoted\n>>From twice\n> From me\n\nFrom bob Tue Jul  4 11:00:00 2017\nSubject: b\n\n\n\n";
    for text in [text.to_owned(), text.replace('\n', "\r\n")] {
        let end = if text.contains('\r') { "\r\n" } else { "\n" };
        let mails = read_mbox(text.as_bytes());
        assert_eq!(mails.len(), 2);
        let first =
            "Subject: a\n\nFrom here on\nFrom x Tue Jul  4 10:00:00 2017\n\nFrom quoted\n>From twice\n> From me\n";
        assert_eq!(String::from_utf8_lossy(&mails[0].raw), first.replace('\n', end));
        assert_eq!(mails[1].raw, format!("Subject: b{end}{end}{end}").as_bytes());
        assert_eq!(mails[1].offset as usize, text.find("From bob").unwrap());
        assert_eq!(mails[1].date, Some(at("2017-07-04T11:00:00Z")));
        assert_eq!((mails[0].ending, mails[1].ending), (Ending::Separator, Ending::EmptyLine));
    }
}

#[test]
fn a_huge_mail_in_an_mbox_does_not_grow_in_memory_nor_hide_the_next() {
    let line = "x".repeat(200_000) + "\n";
    let text =
        format!("From a Tue Jul  4 10:00:00 2017\n{}\nFrom b Tue Jul  4 10:00:00 2017\nSubject: b\n\n", line.repeat(3));
    let mails: Vec<_> = mbox::Reader::new(text.as_bytes(), 0, 1000).map(Result::unwrap).collect();
    assert_eq!(mails.iter().map(|mail| mail.raw.len()).collect::<Vec<_>>(), [1001, 11]);
    assert_eq!(read_mbox(text.as_bytes())[0].raw.len(), line.len() * 3, "long lines come whole");
}

fn lines() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        Just(b"From ada@example.org Tue Jul  4 10:00:00 2017".to_vec()),
        "(>){0,3}From [a-z ]{0,9}".prop_map(String::into_bytes),
        Just(Vec::new()),
        proptest::collection::vec(any::<u8>(), 0..30),
    ];
    let end = prop_oneof![Just(b"\n".to_vec()), Just(b"\r\n".to_vec()), Just(b"\n\n".to_vec()), Just(Vec::new())];
    proptest::collection::vec((line, end), 0..12)
        .prop_map(|pairs| pairs.into_iter().flat_map(|(a, b)| [a, b].concat()).collect())
}

proptest! {
    #[test]
    fn what_is_written_reads_back_byte_by_byte(mails in proptest::collection::vec(lines(), 1..5)) {
        let mut out = Vec::new();
        for mail in &mails {
            write_mboxrd(&mut out, "ada@example.org", at("2017-07-04T10:00:00Z"), mail).unwrap();
        }
        let read: Vec<Vec<u8>> = read_mbox(&out).into_iter().map(|mail| mail.raw).collect();
        let expected: Vec<Vec<u8>> = mails.into_iter().map(|mut mail| {
            if !mail.is_empty() && !mail.ends_with(b"\n") { mail.push(b'\n'); }
            mail
        }).collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn nothing_makes_the_reader_stumble(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let text = [b"From a Tue Jul  4 10:00:00 2017\n".as_slice(), &bytes].concat();
        prop_assert_eq!(read_mbox(&text)[0].offset, 0);
        mbox::Reader::new(bytes.as_slice(), 0, 10).for_each(drop);
    }
}

struct Growing {
    _dir: tempfile::TempDir,
    path: PathBuf,
    watermark: Option<String>,
}

impl Growing {
    fn new() -> Growing {
        let dir = tempfile::tempdir().unwrap();
        Growing { path: dir.path().join("xen.mbox"), _dir: dir, watermark: None }
    }

    fn append(&self, bytes: &[u8], seconds_ago: i64) {
        File::options().create(true).append(true).open(&self.path).unwrap().write_all(bytes).unwrap();
        age(&self.path, seconds_ago);
    }

    fn replace(&self, bytes: &[u8]) {
        fs::write(&self.path, bytes).unwrap();
        age(&self.path, 600);
    }

    /// The subjects' numbers that this poll brought.
    fn poll(&mut self) -> Vec<String> {
        let Poll { mails, watermark, .. } =
            mbox::poll(&self.path, self.watermark.as_deref(), usize::MAX, Timestamp::now()).unwrap();
        self.watermark = Some(watermark);
        mails.iter().map(|mail| String::from_utf8_lossy(&mail.raw).lines().nth(2).unwrap()[14..].to_owned()).collect()
    }
}

#[test]
fn a_growing_mbox_brings_each_mail_once() {
    let mut mbox = Growing::new();
    mbox.append(&mbox_of(&[mail(1), mail(2)]), 600);
    assert_eq!(mbox.poll(), ["1", "2"]);
    assert!(mbox.poll().is_empty());
    mbox.append(&mbox_of(&[mail(3)]), 600);
    assert_eq!(mbox.poll(), ["3"]);
}

#[test]
fn a_mail_that_is_still_being_written_waits_until_it_is_whole() {
    let mut mbox = Growing::new();
    let bytes = mbox_of(&[mail(1), mail(2)]);
    let (begun, rest) = bytes.split_at(bytes.len() - 20);
    mbox.append(begun, 10);
    assert_eq!(mbox.poll(), ["1"], "cut in the middle of a line");
    mbox.append(rest, 0);
    assert!(mbox.poll().is_empty(), "whole, but written this second");
    age(&mbox.path, 10);
    let lock = mbox.path.with_extension("mbox.lock");
    fs::write(&lock, "").unwrap();
    assert!(mbox.poll().is_empty(), "locked");
    fs::remove_file(lock).unwrap();
    assert_eq!(mbox.poll(), ["2"]);
}

#[test]
fn a_last_mail_without_empty_line_is_taken_in_the_end_and_the_next_one_too() {
    let mut mbox = Growing::new();
    let bytes = mbox_of(&[mail(1)]);
    mbox.append(&bytes[..bytes.len() - 1], 10);
    assert!(mbox.poll().is_empty());
    age(&mbox.path, 100);
    assert_eq!(mbox.poll(), ["1"]);
    mbox.append(&[b"\n".as_slice(), &mbox_of(&[mail(2)])].concat(), 100);
    assert_eq!(mbox.poll(), ["2"]);
}

#[test]
fn a_rotated_a_cut_and_a_rewritten_mbox_are_noticed_and_read_anew() {
    let mut mbox = Growing::new();
    mbox.replace(&mbox_of(&[mail(1), mail(2)]));
    assert_eq!(mbox.poll(), ["1", "2"]);
    mbox.replace(&mbox_of(&[mail(3)]));
    assert_eq!(mbox.poll(), ["3"], "rotated: a shorter file");
    mbox.replace(&mbox_of(&[mail(4), mail(5), mail(6)]));
    assert_eq!(mbox.poll(), ["4", "5", "6"], "rotated: a longer file");
    mbox.replace(&mbox_of(&[mail(5), mail(6)]));
    assert_eq!(mbox.poll(), ["5", "6"], "an old mail was deleted");
    mbox.replace(b"");
    assert!(mbox.poll().is_empty());
    mbox.replace(&mbox_of(&[mail(7)]));
    assert_eq!(mbox.poll(), ["7"]);
}

#[test]
fn a_poll_brings_a_portion_and_says_that_there_is_more() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m");
    fs::write(&path, mbox_of(&[mail(1), mail(2), mail(3)])).unwrap();
    age(&path, 600);
    let first = mbox::poll(&path, None, 1, Timestamp::now()).unwrap();
    assert_eq!((first.mails.len(), first.more), (1, true));
    assert_eq!(first.mails[0].key.len(), 64);
    assert_eq!(first.mails[0].received, at("2017-07-04T10:00:00Z"));
    let second = mbox::poll(&path, Some(&first.watermark), usize::MAX, Timestamp::now()).unwrap();
    assert_eq!((second.mails.len(), second.more), (2, false));
}

#[test]
fn a_file_that_is_no_mbox_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notes.txt");
    fs::write(&path, "From time to time\nthere are notes.\n").unwrap();
    for path in [path.as_path(), dir.path(), Path::new("/no/such/mbox")] {
        let trouble = mbox::poll(path, None, usize::MAX, Timestamp::now()).unwrap_err().to_string();
        assert!(trouble.contains(&path.display().to_string()), "{trouble}");
    }
}

// --- archives ---

type Packer = fn(&[u8]) -> Vec<u8>;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut packed = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut packed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn tar_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(1_500_000_000);
        tar.append_data(&mut header, name, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

const PACKERS: [Packer; 5] = [|bytes| bytes.to_vec(), gzip, xz, zstd, bzip2];

#[test]
fn an_mbox_comes_out_the_same_however_it_is_packed_and_called() {
    let dir = tempfile::tempdir().unwrap();
    let mails: Vec<String> = (0..20).map(mail).collect();
    let mbox = mbox_of(&mails);
    // Members one after the other, as `cat a.gz b.gz` makes them.
    let (a, b) = mbox.split_at(mbox.len() / 2);
    let twofold: Vec<Vec<u8>> = PACKERS.iter().map(|pack| [pack(a), pack(b)].concat()).collect();
    for bytes in PACKERS.iter().map(|pack| pack(&mbox)).chain(twofold) {
        let path = dir.path().join("list");
        fs::write(&path, bytes).unwrap();
        let (read, troubles) = import(&path);
        assert_eq!(troubles, []);
        assert_eq!(texts(&read), mails);
        assert!(read[0].place.ends_with("list:0"), "{}", read[0].place);
    }
}

#[test]
fn a_maildir_in_a_tar_file_comes_in_the_order_of_receipt() {
    let dir = tempfile::tempdir().unwrap();
    let ten = mail(10);
    let nine = mail(9);
    let deep = "a-directory-with-a-long-name/".repeat(6) + "cur/2:2,S";
    let tar = tar_of(&[
        (&deep, ten.as_bytes()),
        (&deep.replace("cur/2:2,S", "new/3"), nine.as_bytes()),
        (&deep.replace("2:2,S", "4:2,ST"), mail(1).as_bytes()),
        (&deep.replace("cur", "tmp"), mail(1).as_bytes()),
        ("README", b"These are mails."),
    ]);
    for pack in PACKERS {
        let path = dir.path().join("archive");
        fs::write(&path, pack(&tar)).unwrap();
        let (read, troubles) = import(&path);
        assert_eq!(troubles, []);
        assert_eq!(texts(&read), [nine.clone(), ten.clone()]);
        assert_eq!(read[0].received, at("2017-07-10T10:00:00Z"));
        assert!(read[0].place.ends_with("new/3"));
    }
}

#[test]
fn a_tree_of_everything_is_read_in_a_fixed_order() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    fs::write(root.join("10.eml"), mail(10)).unwrap();
    fs::write(root.join("9.eml"), mail(9)).unwrap();
    fs::write(root.join("2017.mbox.gz"), gzip(&mbox_of(&[mail(11)]))).unwrap();
    fs::write(root.join("old.tar"), tar_of(&[("m.mbox.xz", &xz(&mbox_of(&[mail(12)])))])).unwrap();
    fs::write(root.join("README.md"), "# Not a mail\n").unwrap();
    fs::write(root.join("picture.png"), b"\x89PNG\0\0").unwrap();
    fs::create_dir(root.join(".git")).unwrap();
    fs::write(root.join(".git/1.eml"), mail(1)).unwrap();
    let inner = root.join("box");
    maildir::create(&inner).unwrap();
    maildir::create(&inner.join(".Sent")).unwrap();
    maildir::deliver(&inner, "a", mail(14).as_bytes()).unwrap();
    maildir::deliver(&inner, "b", mail(13).as_bytes()).unwrap();
    maildir::deliver(&inner.join(".Sent"), "c", mail(15).as_bytes()).unwrap();
    std::os::unix::fs::symlink(root, root.join("circle")).unwrap();

    let mut archive = archive::open(&[root.to_owned()]);
    let progress = archive.progress();
    let read: Vec<RawMail> = archive.by_ref().map(Result::unwrap).collect();
    assert_eq!(texts(&read), (9..=15).map(mail).collect::<Vec<_>>());
    assert_eq!(progress.left_out(), 2);
    assert!(progress.total() > 0);
    assert_eq!(progress.done(), progress.total());
    assert_eq!(texts(&import(root).0), texts(&read), "twice the same");
}

#[test]
fn windows_line_ends_change_nothing_but_themselves() {
    let dir = tempfile::tempdir().unwrap();
    let crlf: Vec<String> = (0..3).map(|number| mail(number).replace('\n', "\r\n")).collect();
    let mbox = String::from_utf8(mbox_of(&(0..3).map(mail).collect::<Vec<_>>())).unwrap().replace('\n', "\r\n");
    fs::write(dir.path().join("m"), mbox).unwrap();
    assert_eq!(texts(&import(&dir.path().join("m")).0), crlf);
    fs::write(dir.path().join("1.eml"), &crlf[1]).unwrap();
    assert_eq!(texts(&import(&dir.path().join("1.eml")).0), [crlf[1].clone()]);
}

#[test]
fn a_broken_archive_gives_what_stands_before_the_break_and_names_the_place() {
    let dir = tempfile::tempdir().unwrap();
    let mails: Vec<String> = (0..2000).map(|number| mail(number % 27)).collect();
    let mbox = mbox_of(&mails);
    let members: Vec<(String, &[u8])> =
        mails.iter().enumerate().map(|(i, mail)| (format!("cur/{i}"), mail.as_bytes())).collect();
    let tar = tar_of(&members.iter().map(|(name, mail)| (name.as_str(), *mail)).collect::<Vec<_>>());
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() / 2 + 7].to_vec();
    let mut broken: Vec<Vec<u8>> = PACKERS.iter().map(|pack| cut(pack(&mbox))).collect();
    broken.extend([cut(tar.clone()), cut(gzip(&tar))]);
    let mut scrambled = gzip(&mbox);
    let middle = scrambled.len() / 2;
    scrambled[middle..middle + 64].fill(0xff);
    broken.push(scrambled);
    for (number, bytes) in broken.into_iter().enumerate() {
        let path = dir.path().join("broken");
        fs::write(&path, bytes).unwrap();
        let (read, troubles) = import(&path);
        // A compressor that packs in large blocks gives nothing of a block that is cut.
        let in_blocks = (2..=4).contains(&number);
        assert!(read.len() < 2000 && (in_blocks || read.len() > 100), "{number}: {}", read.len());
        // Scrambled, a gzip file unpacks to nonsense for a while: its checksum stands at the end.
        let honest = number != 7;
        assert!(!honest || read.iter().all(|mail| mail.raw.ends_with(b"too.\n")), "{number}: no half mail");
        // Of a tar file, the member that is cut may be named beside the file.
        assert!((1..=2).contains(&troubles.len()), "{number}: {troubles:?}");
        let said = troubles[0].to_string();
        assert!(said.contains(&path.display().to_string()) && said.chars().any(|c| c.is_ascii_digit()), "{said}");
    }
}

#[test]
fn a_small_file_that_breaks_at_once_still_gives_its_first_mails() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("small.gz");
    let packed = gzip(&mbox_of(&[mail(1), mail(2), mail(3)]));
    fs::write(&path, &packed[..packed.len() - 12]).unwrap();
    let (read, troubles) = import(&path);
    assert_eq!(texts(&read), [mail(1), mail(2)]);
    assert_eq!(troubles.len(), 1);
}

#[test]
fn what_is_no_archive_is_named_and_the_next_path_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let [empty, text, good, bomb] = ["empty", "text", "good.eml", "bomb"].map(|name| dir.path().join(name));
    fs::write(&empty, "").unwrap();
    fs::write(&text, "Dear diary,\n").unwrap();
    fs::write(&good, mail(1)).unwrap();
    fs::write(&bomb, (0..9).fold(mail(1).into_bytes(), |bytes, _| gzip(&bytes))).unwrap();
    let paths = [empty, text, PathBuf::from("/no/such/archive"), bomb, good];
    let all: Vec<_> = archive::open(&paths).collect();
    let said: Vec<String> = all.iter().filter_map(|mail| Some(mail.as_ref().err()?.to_string())).collect();
    for (said, word) in said.iter().zip(["is empty", "neither a mail", "/no/such/archive", "layers"]) {
        assert!(said.contains(word), "{said}");
    }
    assert_eq!((said.len(), all.len()), (4, 5));
    assert!(all[4].is_ok());
}

#[test]
fn a_consumer_that_leaves_early_leaves_nothing_running() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m");
    fs::write(&path, mbox_of(&(0..27).map(mail).collect::<Vec<_>>())).unwrap();
    let mut archive = archive::open(&[path]);
    let progress = archive.progress();
    assert!(archive.next().is_some());
    drop(archive);
    let begun = std::time::Instant::now();
    while std::sync::Arc::strong_count(&progress) > 1 {
        assert!(begun.elapsed().as_secs() < 5, "the reading thread still runs");
        std::thread::yield_now();
    }
}
