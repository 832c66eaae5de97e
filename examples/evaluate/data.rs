//! The folder: sets of cases, files, real mail.

use anyhow::Context;
use rapporteur::mailbox::archive::{self, RawMail};
use serde_json::Value;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

pub struct Data {
    root: PathBuf,
}

/// One file of cases; its name without the ending.
pub struct Set {
    pub name: String,
    pub cases: Vec<Value>,
}

impl Data {
    pub fn open(root: &Path) -> anyhow::Result<Data> {
        anyhow::ensure!(root.is_dir(), "{} is no folder\n  fix: name the folder with the mail", root.display());
        Ok(Data { root: root.to_owned() })
    }

    /// Every `expected/KIND_*.jsonl`, by name.
    pub fn sets(&self, kind: &str) -> anyhow::Result<Vec<Set>> {
        let mut sets = Vec::new();
        for path in files(&self.root.join("expected"))? {
            let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
            let is_set = path.extension().is_some_and(|ending| ending == "jsonl");
            if !is_set || !name.starts_with(&format!("{kind}_")) {
                continue;
            }
            let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let case = |(line, text): (usize, &str)| {
                serde_json::from_str(text).with_context(|| format!("{}:{}", path.display(), line + 1))
            };
            let cases = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(case);
            sets.push(Set { name: name.to_owned(), cases: cases.collect::<Result<_, _>>()? });
        }
        Ok(sets)
    }

    /// What a case is about: its `input`, or the bytes of its `file`.
    pub fn input(&self, case: &Value) -> anyhow::Result<Vec<u8>> {
        match (case["input"].as_str(), case["file"].as_str()) {
            (Some(input), _) => Ok(input.as_bytes().to_owned()),
            (None, Some(file)) => self.read(file),
            (None, None) => anyhow::bail!("the case {} has neither `input` nor `file`", name(case)),
        }
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }

    pub fn read(&self, file: &str) -> anyhow::Result<Vec<u8>> {
        let path = self.path(file);
        std::fs::read(&path).with_context(|| path.display().to_string())
    }

    /// The files of one folder and those below, by name.
    pub fn files(&self, folder: &str) -> anyhow::Result<Vec<PathBuf>> {
        files(&self.root.join(folder))
    }

    /// The mail of `real/`, each once, in the order of its time.
    pub fn real(&self) -> anyhow::Result<Vec<RawMail>> {
        let real = self.root.join("real");
        if !real.is_dir() {
            return Ok(Vec::new());
        }
        let mut mails = Vec::new();
        for mail in archive::open(&[real]) {
            mails.push(mail.map_err(|trouble| anyhow::anyhow!("{trouble}"))?);
        }
        let mut seen = HashSet::new();
        mails.retain(|mail| seen.insert(mail.raw.clone()));
        mails.sort_by_key(|mail| mail.received);
        Ok(mails)
    }
}

/// What to call a case.
pub fn name(case: &Value) -> &str {
    case["file"].as_str().or(case["case"].as_str()).unwrap_or("a case without a name")
}

fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    Ok(found)
}
