//! What a rotation of many secrets has done: a line of JSON for each step, without secrets.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// How far a client's rotation has come.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub(super) enum Step {
    /// It may have been started. Its next secret was not given to the store yet.
    Started,
    /// The next secret, which ends so, was given to the store; whether it is stored is not known.
    Storing { last_four: String },
    /// The next secret, which ends so, is stored.
    Stored { last_four: String },
    /// It is over.
    Rotated,
    /// It was left as it was before.
    Left,
}

#[derive(Deserialize, Serialize)]
struct Line {
    client_id: String,
    #[serde(flatten)]
    step: Step,
}

/// The file, held by one process at a time.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    steps: HashMap<String, Step>,
}

impl Journal {
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let failed = |source| Failure::io(format!("cannot open {shown}"), source);
        if fs::symlink_metadata(path).is_ok_and(|there| !there.is_file()) {
            return Err(Failure::usage(format!("{shown} is not a file")));
        }
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(failed)?;
        file.try_lock().map_err(|_| {
            Failure::Conflict(format!("another process rotates secrets with {shown}"))
        })?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        // Half a line at the end was not finished, and so says nothing.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).map_err(failed)?;
        let mut steps = HashMap::new();
        for line in text.get(..whole).unwrap_or_default().lines() {
            let Line { client_id, step } = serde_json::from_str(line)
                .map_err(|_| Failure::usage(format!("{shown} is not the journal of a rotation")))?;
            steps.insert(client_id, step);
        }
        Ok(Self { path: path.to_owned(), file, steps })
    }

    pub(super) fn step(&self, client_id: &str) -> Option<&Step> {
        self.steps.get(client_id).filter(|step| **step != Step::Left)
    }

    pub(super) fn note(&mut self, client_id: &str, step: Step) -> Result<(), Failure> {
        let line = Line { client_id: client_id.to_owned(), step: step.clone() };
        let write = |file: &mut File| -> io::Result<()> {
            let mut text = serde_json::to_string(&line)?;
            text.push('\n');
            file.write_all(text.as_bytes())?;
            file.sync_data()
        };
        write(&mut self.file).map_err(|source| {
            Failure::io(format!("cannot write to {}", self.path.display()), source)
        })?;
        self.steps.insert(client_id.to_owned(), step);
        Ok(())
    }

    /// Removes a file that this run made and in which nothing was noted.
    pub(super) fn remove_if_empty(self) -> Result<(), Failure> {
        if self.steps.is_empty() { self.remove() } else { Ok(()) }
    }

    /// All is done: the next run starts anew.
    pub(super) fn remove(self) -> Result<(), Failure> {
        fs::remove_file(&self.path)
            .map_err(|source| Failure::io(format!("cannot remove {}", self.path.display()), source))
    }
}
