//! What goes wrong with a file, said so that its owner can mend it.

use std::io;
use std::path::{Path, PathBuf};

/// One file that cannot be used, with what to do about it. The other files go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` {what}: {fix}", path.display())]
pub struct Trouble {
    pub path: PathBuf,
    /// Continues a sentence that begins with the path: `is empty`.
    pub what: String,
    /// An order to the reader: `remove it, or fetch the archive again`.
    pub fix: String,
}

impl Trouble {
    pub fn new(path: &Path, what: impl Into<String>, fix: impl Into<String>) -> Trouble {
        Trouble { path: path.to_owned(), what: what.into(), fix: fix.into() }
    }

    /// The system refused: `deed` continues the path's sentence, as in `cannot be read`.
    pub fn io(path: &Path, deed: &str, error: &io::Error) -> Trouble {
        let fix = match error.kind() {
            io::ErrorKind::PermissionDenied => {
                format!("give the user that runs rapporteur access to it, for example `chmod u+rwX {}`", path.display())
            }
            io::ErrorKind::NotFound => "check the path; a dangling link may be removed".to_owned(),
            io::ErrorKind::IsADirectory => "name a file, or move this directory elsewhere".to_owned(),
            io::ErrorKind::StorageFull => "make room on this disk".to_owned(),
            io::ErrorKind::InvalidInput => "remove it; only plain files can hold mail".to_owned(),
            _ => "check the file and the disk it is on".to_owned(),
        };
        Trouble::new(path, format!("{deed} ({error})"), fix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_one_sentence_with_file_cause_and_fix() {
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        let said = Trouble::io(Path::new("/var/mail/xen"), "cannot be read", &denied).to_string();
        assert_eq!(
            said,
            "`/var/mail/xen` cannot be read (permission denied): give the user that runs rapporteur access to it, for example `chmod u+rwX /var/mail/xen`"
        );
    }
}
