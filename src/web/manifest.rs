//! What we have put into a directory: so that nobody else's files are touched, and nothing is done twice.

use super::publish::PublishError;
use crate::clock::Timestamp;
use crate::store::Edition;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

/// Where it lies in the directory.
pub const NAME: &str = ".rapporteur.json";

/// Everything that the files follow from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    pub edition: Edition,
    /// Of the configuration, as far as pages show it, and the program's version.
    pub making: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Manifest {
    /// What all files were made from; nothing while they are being written.
    pub source: Option<Source>,
    /// They read so from then on, and until then.
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub files: BTreeMap<String, File>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub bytes: u64,
    /// SHA-256 in hex.
    pub hash: String,
}

impl Manifest {
    /// That of a directory; an empty one where we have not been.
    pub fn read(dir: &Path) -> Result<Manifest, PublishError> {
        let path = dir.join(NAME);
        match fs::read(&path) {
            // One that cannot be read names no files of ours: they are written anew, and none is removed.
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Manifest::default()),
            Err(source) => Err(PublishError::Disk { path, source }),
        }
    }

    pub fn write(&self, dir: &Path) -> Result<(), PublishError> {
        let text = serde_json::to_vec(self).unwrap_or_else(|error| unreachable!("plain JSON: {error}"));
        put(dir, NAME, &text)
    }

    /// Whether the files were made from this, still read so, and are all there.
    pub fn is_of(&self, source: &Source, now: Timestamp, dir: &Path) -> bool {
        let in_time = self.since.is_some_and(|since| since <= now) && self.until.is_none_or(|until| now < until);
        self.source.as_ref() == Some(source)
            && in_time
            && self.files.iter().all(|(path, file)| file.is_at(&dir.join(path)))
    }

    /// Whether this file stands there already, so far as a glance can tell.
    pub fn has(&self, dir: &Path, path: &str, file: &File) -> bool {
        self.files.get(path) == Some(file) && file.is_at(&dir.join(path))
    }
}

impl File {
    fn is_at(&self, path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() == self.bytes)
    }
}

/// Writes a file so that whoever reads it sees the old one or the new one.
pub fn put(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), PublishError> {
    let path = dir.join(name);
    let parent = path.parent().unwrap_or(dir);
    let last = path.file_name().unwrap_or_default().to_string_lossy();
    let new = parent.join(format!(".{last}.{}.new", std::process::id()));
    let written = fs::create_dir_all(parent)
        .and_then(|()| fs::File::create(&new)?.write_all(bytes))
        .and_then(|()| fs::rename(&new, &path));
    written.map_err(|source| {
        // It is of no use to anybody.
        let _ = fs::remove_file(&new);
        PublishError::Disk { path, source }
    })
}

/// Removes a file of ours, and its folder when nothing is left in it.
pub fn remove(dir: &Path, name: &str) -> Result<(), PublishError> {
    let Some(path) = inside(dir, name) else { return Ok(()) };
    match fs::remove_file(&path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(PublishError::Disk { path, source }),
    }
    if let Some(folder) = path.parent().filter(|folder| *folder != dir) {
        // Somebody else's file may be in it.
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}

/// A path of the manifest, which anybody may have edited: it never leads out of the directory.
fn inside(dir: &Path, name: &str) -> Option<PathBuf> {
    let plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    plain.then(|| dir.join(name))
}
