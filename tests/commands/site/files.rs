//! The demo's site as files.

use super::html::{files, pages, parsed};
use crate::program::{Ran, program};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// When the demo has been played, before its outcomes are final.
const THEN: &str = "2017-07-17T09:00:00Z";
/// After that.
const LATER: &str = "2017-08-01T09:00:00Z";

struct Demo(tempfile::TempDir);

impl Demo {
    fn played() -> Demo {
        let demo = Demo(tempfile::tempdir().expect("a temporary directory"));
        let output = program(&["demo"]).current_dir(demo.0.path()).output().expect("the program starts");
        Ran::from(output).ok();
        demo
    }

    fn site(&self) -> PathBuf {
        self.0.path().join("site")
    }

    /// What `publish` said, as JSON.
    fn publish(&self, now: &str) -> serde_json::Value {
        let args = ["--config", "demo/rapporteur.toml", "publish", "site", "--json", "--now", now];
        let output = program(&args).current_dir(self.0.path()).output().expect("the program starts");
        serde_json::from_str(&Ran::from(output).ok()).expect("JSON")
    }
}

fn published(files: usize, written: usize, removed: usize) -> serde_json::Value {
    serde_json::json!({"files": files, "written": written, "removed": removed})
}

/// A path, seen from a page.
fn target(page: &str, href: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in href.split('/') {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn every_link_leads_somewhere() {
    let demo = Demo::played();
    demo.publish(THEN);
    let all = files(&demo.site());
    let pages = pages(&demo.site());
    let anchors: BTreeMap<&str, BTreeSet<String>> = pages
        .iter()
        .map(|(path, html)| {
            let (tags, _) = parsed(html);
            let ids: Vec<String> = tags.iter().filter_map(|tag| tag.attributes.get("id").cloned()).collect();
            let once: BTreeSet<String> = ids.iter().cloned().collect();
            assert_eq!(once.len(), ids.len(), "{path} has an id twice");
            (path.as_str(), once)
        })
        .collect();
    let mut followed = 0;
    for (path, html) in &pages {
        for href in parsed(html).0.iter().filter_map(|tag| tag.attributes.get("href")) {
            if ["https://", "http://", "mailto:"].iter().any(|scheme| href.starts_with(scheme)) {
                continue;
            }
            let (file, anchor) = href.split_once('#').unwrap_or((href, ""));
            let file = if file.is_empty() { path.clone() } else { target(path, file) };
            assert!(all.contains_key(&file), "{path} leads to {href}, which is not there");
            assert!(anchor.is_empty() || anchors[file.as_str()].contains(anchor), "{path}: no {anchor} in {file}");
            followed += 1;
        }
    }
    assert!(followed > 500, "{followed} links");
}

#[test]
fn what_has_not_changed_is_not_written_and_what_is_no_page_any_more_is_removed() {
    let demo = Demo::played();
    let first = demo.publish(THEN);
    let count = files(&demo.site()).len() - 1;
    assert_eq!(first, published(count, count, 0), "all but the manifest");
    assert_eq!(demo.publish(THEN), published(count, 0, 0));

    let own = demo.site().join("xen2017/ours.html");
    fs::write(&own, "by hand").expect("a file of somebody else");
    fs::remove_file(demo.site().join("xen2017/S-4.html")).expect("a page");
    assert_eq!(demo.publish(THEN), published(count, 1, 0), "the missing page alone is written anew");

    // Two outcomes are final by now: their pages, and those that tell of them.
    let before = files(&demo.site());
    let later = demo.publish(LATER);
    let after = files(&demo.site());
    let changed: Vec<&String> = after.keys().filter(|path| after[*path] != before[*path]).collect();
    assert_eq!(later["written"], changed.len() - 1, "{changed:?}");
    assert!(changed.contains(&&"xen2017/S-1.html".to_owned()) && !changed.contains(&&"xen2017/S-4.html".to_owned()));

    let config = demo.0.path().join("demo/rapporteur.toml");
    let text = fs::read_to_string(&config).expect("the configuration");
    fs::write(&config, text.replace("slug = \"xen2017\"", "slug = \"xen\"")).expect("the configuration");
    let moved = demo.publish(LATER);
    assert!(moved["removed"].as_u64() > Some(5), "{moved}");
    assert!(!demo.site().join("xen2017/S-1.html").exists());
    assert_eq!(fs::read_to_string(&own).expect("what is not ours stays"), "by hand");
    assert!(demo.site().join("xen/index.html").exists());
}

#[test]
fn a_manifest_that_somebody_edited_leads_nowhere_else() {
    let demo = Demo::played();
    demo.publish(THEN);
    let precious = demo.0.path().join("precious");
    fs::write(&precious, "mine").expect("a file");
    let manifest = demo.site().join(".rapporteur.json");
    let file = r#""files":{"../precious":{"bytes":4,"hash":""},"#;
    let text = fs::read_to_string(&manifest).expect("the manifest").replace(r#""files":{"#, file);
    fs::write(&manifest, text).expect("the manifest");
    demo.publish(LATER);
    assert_eq!(fs::read_to_string(&precious).expect("it is there"), "mine");
    fs::write(&manifest, "{ not JSON").expect("the manifest");
    assert!(demo.publish(LATER)["written"].as_u64() > Some(5));
}

#[test]
fn nobodys_address_stands_in_it() {
    let demo = Demo::played();
    demo.publish(THEN);
    let lists = ["xen-devel@lists.example.org"];
    for (path, bytes) in
        files(&demo.site()).into_iter().filter(|(path, _)| path.ends_with(".html") || path.ends_with(".json"))
    {
        let text = String::from_utf8(bytes).expect("UTF-8");
        // Message-IDs look like addresses, and stand in links and in headers to be set.
        let ids = ["In-Reply-To:", "message_id", "http", "mailto:"];
        for line in text.lines().filter(|line| line.contains("@")) {
            let shown = line.replace("@…", "").replace(lists[0], "");
            assert!(!shown.contains('@') || ids.iter().any(|id| line.contains(id)), "{path}: {line}");
        }
    }
    let hides = |html: &String| parsed(html).1.contains("@…");
    assert!(pages(&demo.site()).values().any(hides), "attributions hold addresses");
}

#[test]
fn a_page_is_small_beside_its_words() {
    let demo = Demo::played();
    demo.publish(THEN);
    for (path, html) in pages(&demo.site()) {
        let words = parsed(&html).1.len();
        assert!(html.len() - words < 20_000, "{path}: {} bytes for {words} of words", html.len());
    }
    assert!(file_size(&demo.site().join("style.css")) < 20_000);
}

fn file_size(path: &Path) -> u64 {
    fs::metadata(path).expect("a file").len()
}
