//! The record of an import's steps, with which it continues after an interruption. It contains no
//! secret.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::plan::Plan;
use super::planned::PlannedClient;
use super::report::ImportRecord;
use super::state::ImportState;
use crate::error::{Error, Result};

/// The file's permissions: readable by its owner only, since it names the tenant's clients.
#[cfg(unix)]
const OWNER_ONLY: u32 = 0o600;

/// A file to which an import appends a line for each step. Only one import at a time can write to
/// it. It lists at least the steps that were done; a partial last line is ignored.
#[derive(Debug)]
pub struct Journal(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    file: File,
    entries: HashMap<String, Entry>,
}

/// The last state of a client in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum JournalState {
    /// Its creation was requested; the outcome is unknown.
    Begun,
    /// Stytch had another client with this id, which was about to be updated or replaced; the
    /// outcome is unknown.
    Replacing,
    /// The client was created.
    Imported,
    /// Stytch had another client with this id, which was made equal.
    Updated,
    /// Stytch already had an equal client.
    Present,
    /// Stytch had another client with this id, which was kept.
    Kept,
    /// Stytch had another client with this id.
    Conflict,
    /// Stytch refused the client.
    Refused,
    /// The client had lost access at Auth0.
    Changed,
    /// The import of the client failed; run it again.
    Failed,
    /// The client was created, and an undo deleted it.
    Undone,
}

impl JournalState {
    /// The journal's state for an import's outcome, if it is recorded.
    pub(super) fn of(state: ImportState) -> Option<Self> {
        Some(match state {
            ImportState::Imported => Self::Imported,
            ImportState::Updated => Self::Updated,
            ImportState::Present => Self::Present,
            ImportState::Kept => Self::Kept,
            ImportState::Conflict => Self::Conflict,
            ImportState::Refused => Self::Refused,
            ImportState::Changed => Self::Changed,
            ImportState::Failed => Self::Failed,
            ImportState::Undone => Self::Undone,
            ImportState::Begun => Self::Begun,
            ImportState::Import | ImportState::Skip | ImportState::Orphan => return None,
        })
    }
}

impl From<JournalState> for ImportState {
    fn from(state: JournalState) -> Self {
        match state {
            JournalState::Begun | JournalState::Replacing => Self::Begun,
            JournalState::Imported => Self::Imported,
            JournalState::Updated => Self::Updated,
            JournalState::Present => Self::Present,
            JournalState::Kept => Self::Kept,
            JournalState::Conflict => Self::Conflict,
            JournalState::Refused => Self::Refused,
            JournalState::Changed => Self::Changed,
            JournalState::Failed => Self::Failed,
            JournalState::Undone => Self::Undone,
        }
    }
}

/// The journal's first line.
#[derive(Serialize)]
struct Head<'p> {
    journal: u32,
    tenant: &'p str,
    project_id: &'p str,
}

/// Every other line of the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    client_id: String,
    /// Digest of the planned client, so that a client edited in the plan is imported again.
    digest: String,
    pub(super) state: Option<JournalState>,
    /// Whether an import created the client, even if it was changed or deleted later.
    #[serde(default)]
    made: bool,
    /// The reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// The refused field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) field: Option<String>,
    /// Whether a token fetched with the client's secret was correct.
    #[serde(default)]
    verified: bool,
    /// The fault of that token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) problem: Option<String>,
}

impl Entry {
    fn of(planned: &PlannedClient) -> Self {
        Self {
            client_id: planned.client_id.clone(),
            digest: digest_of(planned),
            state: None,
            made: false,
            reason: None,
            field: None,
            verified: false,
            problem: None,
        }
    }

    /// Whether the last fetched token was correct.
    pub(super) fn verification(&self) -> Option<bool> {
        (self.verified || self.problem.is_some()).then_some(self.verified)
    }
}

impl Journal {
    /// Opens the journal of `plan` at `path`, or creates it.
    ///
    /// # Errors
    /// `invalid_config` if the file belongs to another plan, if another import is writing to it, or
    /// if it cannot be opened.
    pub fn open(path: &Path, plan: &Plan) -> Result<Self> {
        let failed = |e: io::Error| cannot_use(path, &e);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = open(&options, path)?;
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(OWNER_ONLY))
            .map_err(failed)?;
        if file.try_lock().is_err() {
            return Err(unusable(&format!("another import is writing to {}", path.display())));
        }
        let (mut inner, whole) = Inner::read(file, path, plan)?;
        // An interruption may have left a partial last line, which is ignored.
        inner.file.set_len(whole as u64).map_err(failed)?;
        inner.file.seek(SeekFrom::End(0)).map_err(failed)?;
        if whole == 0 {
            inner.file.write_all(format!("{}\n", head_of(plan)?).as_bytes()).map_err(failed)?;
        }
        Ok(Self(Mutex::new(inner)))
    }

    /// Opens the journal of `plan` at `path` for reading, even while an import writes to it.
    ///
    /// # Errors
    /// `invalid_config` if the file does not exist or belongs to another plan.
    pub fn look(path: &Path, plan: &Plan) -> Result<Self> {
        let file = open(OpenOptions::new().read(true), path)?;
        Ok(Self(Mutex::new(Inner::read(file, path, plan)?.0)))
    }

    /// The state of a client, unless its plan was edited since.
    #[must_use]
    pub fn state(&self, planned: &PlannedClient) -> Option<JournalState> {
        self.entry(planned)?.state
    }

    /// Whether a token of the client was correct, unless its plan was edited since.
    #[must_use]
    pub fn is_verified(&self, planned: &PlannedClient) -> bool {
        self.entry(planned).is_some_and(|entry| entry.verified)
    }

    /// The fault of the token of the last verification.
    #[must_use]
    pub fn problem(&self, planned: &PlannedClient) -> Option<String> {
        self.entry(planned)?.problem
    }

    /// Whether an import created the client, or may have created it, even if its plan was edited
    /// since.
    pub(super) fn is_made(&self, planned: &PlannedClient) -> bool {
        let is_made = |entry: Entry| entry.made || entry.state == Some(JournalState::Begun);
        self.last_entry(planned).is_some_and(is_made)
    }

    /// Whether the client was a conflict that an import made equal, or may have made equal, to
    /// Auth0's.
    pub(super) fn is_taken(&self, planned: &PlannedClient) -> bool {
        let taken = [JournalState::Updated, JournalState::Replacing].map(Some);
        self.last_entry(planned).is_some_and(|entry| taken.contains(&entry.state))
    }

    /// Whether this differs from the journal's last state.
    pub(super) fn is_news(
        &self,
        planned: &PlannedClient,
        state: JournalState,
        record: &ImportRecord,
    ) -> bool {
        let same = |entry: Entry| {
            entry.state == Some(state)
                && entry.reason == record.reason
                && entry.field == record.field
        };
        !self.entry(planned).is_some_and(same)
    }

    /// Writes a client's state. Earlier verifications of the client are dropped.
    pub(super) fn record(
        &self,
        planned: &PlannedClient,
        state: JournalState,
        record: &ImportRecord,
    ) -> Result<()> {
        let (reason, field) = (record.reason.clone(), record.field.clone());
        let made = match state {
            JournalState::Imported => true,
            JournalState::Undone
            | JournalState::Updated
            | JournalState::Replacing
            | JournalState::Present
            | JournalState::Kept => false,
            _ => self.last_entry(planned).is_some_and(|before| before.made),
        };
        self.write(Entry { state: Some(state), made, reason, field, ..Entry::of(planned) })
    }

    /// Writes whether the client's token was correct.
    pub(super) fn record_verified(
        &self,
        planned: &PlannedClient,
        problem: Option<&str>,
    ) -> Result<()> {
        let entry = self.entry(planned).unwrap_or_else(|| Entry::of(planned));
        let problem = problem.map(str::to_owned);
        self.write(Entry { verified: problem.is_none(), problem, ..entry })
    }

    fn write(&self, entry: Entry) -> Result<()> {
        let mut inner = self.lock();
        append(&mut inner.file, &entry)
            .map_err(|e| unusable(&format!("cannot write to the journal: {e}")))?;
        inner.entries.insert(entry.client_id.clone(), entry);
        Ok(())
    }

    pub(super) fn entry(&self, planned: &PlannedClient) -> Option<Entry> {
        self.last_entry(planned).filter(|entry| entry.digest == digest_of(planned))
    }

    /// The client's last entry, even if its plan was edited since.
    fn last_entry(&self, planned: &PlannedClient) -> Option<Entry> {
        self.lock().entries.get(&planned.client_id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Inner {
    /// The file's entries, and the length of its whole lines.
    fn read(mut file: File, path: &Path, plan: &Plan) -> Result<(Self, usize)> {
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(|e| cannot_use(path, &e))?;
        let head = head_of(plan)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut lines = text.get(..whole).unwrap_or_default().lines();
        let is_ours = match lines.next() {
            Some(first) => first == head,
            None => head.starts_with(&text),
        };
        if !is_ours {
            let path = path.display();
            return Err(unusable(&format!("{path} is not the journal of this plan's import")));
        }
        let entries = lines.filter_map(|line| serde_json::from_str::<Entry>(line).ok());
        let entries = entries.map(|entry| (entry.client_id.clone(), entry)).collect();
        Ok((Self { file, entries }, whole))
    }
}

/// Opens a file that only its owner can read. A symbolic link is refused: somebody else could have
/// made it point to another file.
fn open(options: &OpenOptions, path: &Path) -> Result<File> {
    #[cfg(unix)]
    let options = {
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut options = options.clone();
        options.mode(OWNER_ONLY).custom_flags(libc::O_NOFOLLOW);
        options
    };
    let is_link = || path.symlink_metadata().is_ok_and(|there| there.is_symlink());
    let refused = || {
        let path = path.display();
        unusable(&format!("{path} is a symbolic link, which is not followed: name the file itself"))
    };
    if cfg!(not(unix)) && is_link() {
        return Err(refused());
    }
    let file = options.open(path).map_err(|error| match is_link() {
        true => refused(),
        false => cannot_use(path, &error),
    })?;
    match file.metadata().is_ok_and(|opened| opened.is_file()) {
        true => Ok(file),
        false => Err(unusable(&format!("{} is not a file", path.display()))),
    }
}

/// The journal's first line.
fn head_of(plan: &Plan) -> Result<String> {
    let Plan { tenant, project_id, .. } = plan;
    serde_json::to_string(&Head { journal: 1, tenant, project_id })
        .map_err(|_| unusable("the plan's names cannot be written as JSON"))
}

/// One line in one write, which stays whole if this process is killed.
fn append(file: &mut File, line: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    file.write_all(&text)
}

/// Digest of the fields that are created: it changes when the user edits them, not when notes
/// change.
fn digest_of(planned: &PlannedClient) -> String {
    let PlannedClient { client_name, client_description, scopes, trusted_metadata, .. } = planned;
    let created = (client_name, client_description, scopes, trusted_metadata);
    let text = serde_json::to_vec(&created).unwrap_or_default();
    let digest = digest(&SHA256, &text);
    URL_SAFE_NO_PAD.encode(digest.as_ref().get(..16).unwrap_or_default())
}

fn cannot_use(path: &Path, error: &io::Error) -> Error {
    unusable(&format!("cannot use {}: {error}", path.display()))
}

fn unusable(what: &str) -> Error {
    Error::invalid_config("journal", what)
}
