//! A disk that is full: the daemon waits, answers questions meanwhile, and goes on by itself when there is room.

use crate::books::Books;
use crate::mails::mail;
use crate::place::{Inbox, Place, scratch};
use rapporteur::clock::Timestamp;
use rapporteur::mailbox::maildir;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// 2027-01-01.
const NOW: i64 = 1_798_761_600;
const MAILS: usize = 200;

/// A disk of a few megabytes, taken away by a watcher on a pipe when the test ends, however it does.
struct Disk {
    dir: tempfile::TempDir,
    watcher: Child,
}

impl Disk {
    /// `None` where we may not mount.
    fn new(size: &str) -> Option<Disk> {
        let dir = tempfile::tempdir().expect("a directory");
        let watcher = Command::new("sh")
            .args(["-c", "trap '' INT TERM HUP; cat; umount -l \"$0\"; rmdir \"$0\""])
            .arg(dir.path())
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh, to watch over a disk");
        let mounted = mount(&["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"], dir.path());
        let disk = Disk { dir, watcher };
        mounted.then_some(disk)
    }

    fn grows(&self, size: &str) {
        assert!(mount(&["-o", &format!("remount,size={size}")], self.dir.path()), "remount");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.watcher.stdin.take());
        let _ = self.watcher.wait();
    }
}

fn mount(options: &[&str], dir: &Path) -> bool {
    let status = Command::new("mount").args(options).arg(dir).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_it_waits_answers_and_goes_on_by_itself() {
    let Some(disk) = Disk::new("1500k") else {
        let _ = writeln!(std::io::stderr(), "SKIPPED: no disk may be mounted here; nothing was shown about a full one");
        return;
    };
    let now = Timestamp::from_second(NOW).expect("a time");
    let (mailboxes, calm) = (scratch(), scratch());
    // Only the database is on the small disk.
    maildir::create(mailboxes.path()).expect("our own directory");
    std::os::unix::fs::symlink(mailboxes.path(), disk.dir.path().join("inbox")).expect("our own directory");
    let place = Place::new(disk.dir.path(), &Inbox::maildir(), None).await;
    let calm = Place::new(calm.path(), &Inbox::maildir(), None).await;
    let mut daemon = place.start(now);
    for n in 0..MAILS {
        let raw = [mail(n), ballast(n)].concat();
        for place in [&place, &calm] {
            place.deliver(&format!("{NOW}.{n:06}.torture"), &raw, now);
        }
    }
    wait("the disk was never full", &place, || place.log().contains("is full"));
    thread::park_timeout(Duration::from_secs(3));
    place.run(&["sessions"], now);
    place.run(&["status"], now);
    assert!(daemon.try_wait().expect("a child of ours").is_none(), "it gave up: {}", place.log());

    disk.grows("100m");
    let grown = Instant::now();
    calm.run(&["once"], now);
    let undisturbed = Books::of(&calm, now).await;
    let ends = undisturbed.ends.values().sum::<usize>();
    while Books::of(&place, now).await.ends.values().sum::<usize>() < ends {
        assert!(grown.elapsed() < Duration::from_secs(60), "it does not go on: {}", place.log());
        thread::park_timeout(Duration::from_millis(100));
    }
    println!("went on within {:?} of there being room again", grown.elapsed());
    daemon.kill().expect("a child of ours");
    daemon.wait().expect("a child of ours");
    assert_eq!(place.integrity().await, "ok");
    Books::of(&place, now).await.must_be(&undisturbed, "after the full disk");
}

/// A part of a mail that no compression makes smaller.
fn ballast(n: usize) -> Vec<u8> {
    let mut random = crate::random::Random::new(n as u64);
    let line = |random: &mut crate::random::Random| {
        (0..70).map(|_| b'a' + random.below(26) as u8).chain([b'\n']).collect::<Vec<u8>>()
    };
    (0..200).flat_map(|_| line(&mut random)).collect()
}

fn wait(otherwise: &str, place: &Place, happened: impl Fn() -> bool) {
    let started = Instant::now();
    while !happened() {
        assert!(started.elapsed() < Duration::from_secs(60), "{otherwise}: {}", place.log());
        thread::park_timeout(Duration::from_millis(20));
    }
}
