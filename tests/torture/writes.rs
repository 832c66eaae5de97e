//! Killed, and failed by the disk, at every single write, fsync and send of a run over twenty mails.
//!
//! `strace` ends the program, or lets a call fail, at the n-th call of a thread, for each n until a run gets through. The
//! small edition takes every tenth n. Where tracing is refused the test says so and proves nothing.

use crate::apt::need;
use crate::books::{Books, finish, letters_arrived};
use crate::kills::setting;
use crate::mails::mail;
use crate::place::{Inbox, Place, scratch};
use crate::relay::Relay;
use rapporteur::clock::Timestamp;
use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

/// The day before (2027-01-01 12:00), when there is no mail yet, and the run: half an hour after a digest was due.
const BEFORE: i64 = 1_798_804_800;
const RUN: i64 = BEFORE + 21 * 3600 + 1800;
const MAILS: usize = 20;

/// How a call ends, and which calls.
const FAULTS: [(&str, &[&str]); 3] = [
    ("signal=KILL", &["pwrite64", "write", "fsync", "fdatasync", "ftruncate", "unlink", "sendto"]),
    ("error=EIO", &["pwrite64", "fsync", "fdatasync"]),
    ("error=ENOSPC", &["pwrite64"]),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_or_failed_at_any_write_fsync_or_send_it_goes_on_as_if_nothing_had_been() {
    let strace = need(&["strace"], || Some(PathBuf::from("/usr/bin/strace")).filter(|path| path.exists()));
    let traced = Command::new(&strace).args(["-qq", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    if !traced.is_ok_and(|status| status.success()) {
        // Past the capture of the tests' output: nobody shall believe that this was proven.
        let _ = writeln!(std::io::stderr(), "SKIPPED: ptrace is refused here; 0 writes, fsyncs and sends were tried");
        return;
    }
    let every = setting("RAPPORTEUR_EVERY", 10);
    let bench = Bench::new(strace).await;
    let calm = bench.place("calm");
    calm.run(&["once"], time(RUN));
    let calm = bench.books(&calm, "undisturbed").await;
    let mut total = 0;
    for (fault, calls) in FAULTS {
        for call in calls {
            let mut tried = 0;
            for n in (1..).step_by(every) {
                let hit = bench.hits(fault, call, n, &calm).await;
                tried += usize::from(hit);
                if !hit {
                    println!("{fault} at {call}: {tried} places");
                    break;
                }
            }
            total += tried;
        }
    }
    println!("killed or failed at {total} places; each time the rest of the work came out as if nothing had been");
}

/// Where one run after the other is made from the same beginning.
struct Bench {
    strace: PathBuf,
    home: tempfile::TempDir,
    relay: Relay,
    /// Whose mailbox gets the echoes.
    current: Arc<Mutex<PathBuf>>,
}

impl Bench {
    async fn new(strace: PathBuf) -> Bench {
        let home = scratch();
        let current = Arc::new(Mutex::new(home.path().to_owned()));
        let shared = current.clone();
        let echo = move |n: usize, copy: &str| {
            let dir = shared.lock().expect("nobody panics with it").clone();
            let place = Place { inbox: dir.join("inbox"), dir };
            place.deliver(&format!("{RUN}.e{n:06}.echo"), copy.as_bytes(), time(RUN));
        };
        let relay = Relay::start(1, Box::new(echo));
        relay.recovers();
        let template = home.path().join("template");
        fs::create_dir(&template).expect("our own directory");
        let place = Place::new(&template, &Inbox::maildir(), Some(relay.port)).await;
        place.run(&["once"], time(BEFORE));
        for n in 0..MAILS {
            place.deliver(&format!("{RUN}.{n:06}.torture"), &mail(n), time(RUN));
        }
        Bench { strace, home, relay, current }
    }

    /// A fresh copy of the beginning.
    fn place(&self, name: &str) -> Place {
        let dir = self.home.path().join(name);
        let copied = Command::new("cp").arg("-a").arg(self.home.path().join("template")).arg(&dir).status();
        assert!(copied.is_ok_and(|status| status.success()), "cp -a");
        *self.current.lock().expect("nobody panics with it") = dir.clone();
        Place { inbox: dir.join("inbox"), dir }
    }

    /// One run in which the n-th such call of a thread ends so, and an undisturbed one after it. `false` when there was
    /// no n-th call.
    async fn hits(&self, fault: &str, call: &str, n: usize, calm: &Books) -> bool {
        let after = format!("after {fault} at {call} number {n}");
        let place = self.place("disturbed");
        let trace = place.dir.join("trace");
        let output = self.disturbed(&place, &trace, &format!("{call}:{fault}:when={n}"));
        let trace = fs::read_to_string(&trace).unwrap_or_default();
        let failed = trace.lines().find(|line| line.contains("INJECTED"));
        let hit = output.status.signal() == Some(9) || failed.is_some();
        if hit && call.starts_with('f') && fault == "error=EIO" {
            // Commits rest on the syncs of the log. Of the directory's, of the database's own and of the log's last, when it
            // is closed, SQLite tells nobody: nothing is committed after them, and the log stays and is read again.
            let of_log = |line: &str| line.contains(".db-wal>");
            let later = trace.lines().skip_while(|line| !line.contains("INJECTED")).skip(1).any(of_log);
            let kept_to_itself = !failed.is_some_and(of_log) || !later;
            let said = String::from_utf8_lossy(&output.stderr);
            let told = match output.status.success() {
                // At the very end there is nothing left to fail but its farewell.
                true => kept_to_itself || said.contains("does not take note that this program ends"),
                false => said.contains("the disk"),
            };
            assert!(told, "{after}: {:?} {said}", output.status);
        }
        assert!(hit || output.status.success(), "{after}: {output:?}");
        self.books(&place, &after).await.must_be(calm, &after);
        fs::remove_dir_all(&place.dir).expect("our own directory");
        hit
    }

    fn disturbed(&self, place: &Place, trace: &Path, inject: &str) -> Output {
        let run = place.command(&["once"], time(RUN));
        let call = inject.split(':').next().expect("a call");
        let mut strace = Command::new("setpriv");
        strace.args(["--pdeathsig", "KILL"]).arg(&self.strace).args(["-f", "-y", "-qq", "-o"]).arg(trace);
        strace.args(["-e", &format!("trace={call}"), "-e", &format!("inject={inject}")]);
        strace.arg(run.get_program()).args(run.get_args()).current_dir(&place.dir);
        // One thread for the network, so that the n-th call is nearly always the same one.
        strace.env("TOKIO_WORKER_THREADS", "1").stdin(Stdio::null());
        strace.output().expect("setpriv, of util-linux")
    }

    /// How things stand when the rest of the work is done.
    async fn books(&self, place: &Place, after: &str) -> Books {
        let end = finish(place, RUN + 2 * 3600, 2, |_| ()).await;
        assert_eq!(place.integrity().await, "ok", "{after}");
        letters_arrived(place, &self.relay, after).await;
        Books::of(place, end).await
    }
}

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("a time of this century")
}
