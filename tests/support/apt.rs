//! Programs that tests need, installed where they are missing (Debian, as root).
//!
//! No package starts a daemon of its own meanwhile, and two test binaries do not install at once. Where a program
//! cannot be had the test fails and says why.

use std::fs::File;
use std::process::{Command, Stdio};

/// Packages ask `policy-rc.d` whether they may start daemons; 101 means no. The shell takes it away again even when the
/// test that waits for it is killed.
const INSTALL: &str = r#"
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    trap '' INT TERM HUP
    printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy
fi
install() { apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"; }
install "$@" || { apt-get update && install "$@"; }
"#;

/// Sees to it that `found` finds what it looks for, and returns that.
pub fn need<T>(packages: &[&str], found: impl Fn() -> Option<T>) -> T {
    if let Some(found) = found() {
        return found;
    }
    let packages_named = packages.join(" ");
    assert!(
        is_root(),
        "these tests need {packages_named}: install it with `apt-get install {packages_named}`, or run them as root"
    );
    let lock = std::env::temp_dir().join("rapporteur-tests-install.lock");
    let lock = File::create(&lock).expect("a file to lock");
    lock.lock().expect("a lock: no other test installs now");
    // Whoever held the lock before us may have installed it.
    if let Some(found) = found() {
        return found;
    }
    let mut install = Command::new("sh");
    install.args(["-c", INSTALL, "sh"]).args(packages).env("DEBIAN_FRONTEND", "noninteractive");
    let output = install.stdin(Stdio::null()).output().expect("sh");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "these tests need {packages_named}, and apt-get failed:\n{said}");
    found().unwrap_or_else(|| panic!("{packages_named} is installed, but not where it is looked for:\n{said}"))
}

pub fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().expect("`id -u`");
    output.stdout == b"0\n"
}
