//! The demo's pages in a browser: headless Chromium, driven by Playwright, judged by axe-core.
//!
//! What is missing is installed: Chromium and node with apt (Debian, as root), playwright-core and axe-core with npm. On a
//! machine where that cannot be had nothing is judged, and the test says so; with `RAPPORTEUR_BROWSER` in the environment it fails.

#[path = "../support/apt.rs"]
mod apt;
#[path = "../support/home.rs"]
mod home;

use serde_json::Value;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// When the demo has been played.
const THEN: &str = "2017-07-17T09:00:00Z";
/// What drives the browser, and what judges.
const MODULES: [&str; 2] = ["playwright-core@1.64.1", "axe-core@4.11.0"];
/// One of each kind of page.
const PAGES: [&str; 15] = [
    "index.html",
    "topics.html",
    "decisions.html",
    "actions.html",
    "people/index.html",
    "people/rich-persaud.html",
    "search.html",
    "404.html",
    "xen2017/index.html",
    "xen2017/timetable.html",
    "xen2017/people.html",
    "xen2017/actions.html",
    "xen2017/digests.html",
    "xen2017/digest-2.html",
    "xen2017/S-1.html",
];

#[test]
fn the_pages_are_good_to_read_for_everybody() {
    let Some(modules) = browser() else { return };
    let home = tempfile::tempdir().expect("a temporary directory");
    home::run(&mut program(home.path(), &["demo"]));
    home::run(&mut program(home.path(), &["--config", "demo/rapporteur.toml", "publish", "site", "--now", THEN]));
    let site = format!("file://{}/", home.path().join("site").display());
    judge(&modules, &site, &PAGES);
}

#[test]
fn the_served_pages_are_the_same_to_a_browser() {
    let Some(modules) = browser() else { return };
    let home = home::Home::new("browser");
    home::run(&mut program(home.path(), &["demo"]));
    let address = format!("127.0.0.1:{}", home::free_port());
    let config = home.path().join("demo/rapporteur.toml");
    let text = fs::read_to_string(&config).expect("a configuration");
    fs::write(&config, format!("{text}\n[web]\nlisten = \"{address}\"\n")).expect("the configuration");
    let command =
        [env!("CARGO_BIN_EXE_rapporteur"), "--config", &config.display().to_string(), "run"].map(str::to_owned);
    let ready = || fs::read_to_string(home.path().join("run.log")).is_ok_and(|log| log.contains("serving the archive"));
    home.start("run", "TERM", &command.each_ref().map(String::as_str), ready);
    let pages = ["index.html", "xen2017/S-1.html", "search.html?q=design", "xen2017/S-99.html"];
    judge(&modules, &format!("http://{address}/"), &pages);
}

/// Has the pages visited, and asserts that there is nothing to say.
fn judge(modules: &Path, site: &str, pages: &[&str]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/visit.mjs");
    let mut node = Command::new("node");
    node.arg(script).arg(modules).arg(site).args(pages).stdin(Stdio::null());
    let output = node.output().expect("node");
    let (said, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}{err}");
    let findings: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}{err}"));
    assert_eq!(
        findings["visited"],
        pages.len() * 6,
        "each page light, dark, narrow, at 200 %, in large letters and on paper"
    );
    assert_eq!(findings["findings"], Value::Array(Vec::new()), "{findings:#}");
}

fn program(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rapporteur"));
    command.args(args).current_dir(dir).stdin(Stdio::null());
    command
}

/// The directory of the modules, when all that is needed is there.
fn browser() -> Option<PathBuf> {
    match catch_unwind(installed) {
        Ok(modules) => Some(modules),
        Err(panic) if std::env::var_os("RAPPORTEUR_BROWSER").is_some() => std::panic::resume_unwind(panic),
        Err(_) => {
            eprintln!("no browser can be had here: the pages were not judged");
            None
        }
    }
}

fn installed() -> PathBuf {
    let found = |program: &'static str| move || Path::new("/usr/bin").join(program).exists().then_some(());
    apt::need(&["chromium"], found("chromium"));
    apt::need(&["nodejs", "npm"], || found("node")().and_then(|()| found("npm")()));
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    fs::create_dir_all(&dir).expect("a directory");
    let lock = fs::File::create(dir.join("lock")).expect("a file to lock");
    lock.lock().expect("a lock: no other test installs now");
    let missing = |module: &&str| {
        let (name, version) = module.split_once('@').expect("a version");
        let about = fs::read_to_string(dir.join("node_modules").join(name).join("package.json")).unwrap_or_default();
        !about.contains(&format!("\"version\": \"{version}\""))
    };
    if MODULES.iter().any(missing) {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--prefix"])
            .arg(&dir)
            .args(MODULES);
        let output = npm.stdin(Stdio::null()).output().expect("npm");
        assert!(output.status.success(), "these tests need {MODULES:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    dir.join("node_modules")
}
