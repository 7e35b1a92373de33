//! What an import has done so far, so that it can go on after a kill. It holds no secret.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::plan::{Plan, PlannedClient};
use super::report::ImportRecord;
use super::state::ImportState;
use crate::error::{Error, Result};

/// The journal's permissions: it names the tenant's clients.
#[cfg(unix)]
const OWNER_ALONE: u32 = 0o600;

/// A file that one import at a time appends a line to for each step. A line is whole or was never
/// written; what it says is what had been done at the least.
#[derive(Debug)]
pub struct Journal(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    file: File,
    entries: HashMap<String, Entry>,
}

/// What the journal last says of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum JournalState {
    /// Its creation was asked for, and no outcome is known.
    Begun,
    /// Another one was there, and was to be made equal or replaced; no outcome is known.
    Replacing,
    /// It was created.
    Imported,
    /// Another one was there, and was made equal.
    Updated,
    /// It was there already, and equal.
    Present,
    /// Another one was there, and was kept.
    Kept,
    /// Another one was there.
    Conflict,
    /// Stytch does not take it.
    Refused,
    /// It may do less at Auth0 than planned.
    Changed,
    /// Stytch could not be asked.
    Failed,
    /// It was created, and deleted by an undo.
    Undone,
}

impl JournalState {
    /// What a journal keeps of an import's outcome.
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

/// The first line.
#[derive(Serialize)]
struct Head<'p> {
    journal: u32,
    tenant: &'p str,
    project_id: &'p str,
}

/// Each further line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    client_id: String,
    /// Of what was planned, so that an edited plan is carried out anew.
    digest: String,
    pub(super) state: Option<JournalState>,
    /// Whether an import created it, whatever became of it since.
    #[serde(default)]
    made: bool,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// The field that was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) field: Option<String>,
    /// Whether a token was fetched with its secret, and was right.
    #[serde(default)]
    verified: bool,
    /// What was wrong with that token.
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

    /// Whether the last token was right, if one was fetched.
    pub(super) fn verification(&self) -> Option<bool> {
        (self.verified || self.problem.is_some()).then_some(self.verified)
    }
}

impl Journal {
    /// Opens the journal of `plan` at `path`, or starts it.
    ///
    /// # Errors
    /// `invalid_config` where the file cannot be used: it is another plan's, or another import is
    /// writing to it.
    pub fn open(path: &Path, plan: &Plan) -> Result<Self> {
        let failed = |e: io::Error| cannot_use(path, &e);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = open(&options, path)?;
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(OWNER_ALONE))
            .map_err(failed)?;
        if file.try_lock().is_err() {
            return Err(unusable(&format!("another import is writing to {}", path.display())));
        }
        let (mut inner, whole) = Inner::read(file, path, plan)?;
        // A kill may have left half a line, which counts as nothing.
        inner.file.set_len(whole as u64).map_err(failed)?;
        inner.file.seek(SeekFrom::End(0)).map_err(failed)?;
        if whole == 0 {
            inner.file.write_all(format!("{}\n", head_of(plan)?).as_bytes()).map_err(failed)?;
        }
        Ok(Self(Mutex::new(inner)))
    }

    /// Opens the journal of `plan` at `path` to look at it, even while an import writes to it.
    ///
    /// # Errors
    /// `invalid_config` where there is none, or it is another plan's.
    pub fn look(path: &Path, plan: &Plan) -> Result<Self> {
        let file = open(OpenOptions::new().read(true), path)?;
        Ok(Self(Mutex::new(Inner::read(file, path, plan)?.0)))
    }

    /// What it says of a client, if that was planned as it is now.
    pub fn state(&self, planned: &PlannedClient) -> Option<JournalState> {
        self.entry(planned)?.state
    }

    /// Whether a token of the client was right, if it was planned as it is now.
    pub fn is_verified(&self, planned: &PlannedClient) -> bool {
        self.entry(planned).is_some_and(|entry| entry.verified)
    }

    /// What was wrong with the token of the last verification.
    pub fn problem(&self, planned: &PlannedClient) -> Option<String> {
        self.entry(planned)?.problem
    }

    /// Whether an import created the client, or may have.
    pub(super) fn is_made(&self, planned: &PlannedClient) -> bool {
        let is_made = |entry: Entry| entry.made || entry.state == Some(JournalState::Begun);
        self.entry(planned).is_some_and(is_made)
    }

    /// Whether the journal does not say so already.
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

    /// Says what became of a client. What was verified before counts no longer.
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
            _ => self.entry(planned).is_some_and(|before| before.made),
        };
        self.write(Entry { state: Some(state), made, reason, field, ..Entry::of(planned) })
    }

    /// Says whether the client's token was right.
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
        let entry = self.lock().entries.get(&planned.client_id).cloned();
        entry.filter(|entry| entry.digest == digest_of(planned))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Inner {
    /// What stands in the file, and how much of it are whole lines.
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

/// Opens a file that its owner alone may read, through no symbolic link: somebody could have put one
/// there that leads to another file.
fn open(options: &OpenOptions, path: &Path) -> Result<File> {
    #[cfg(unix)]
    let options = {
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut options = options.clone();
        options.mode(OWNER_ALONE).custom_flags(libc::O_NOFOLLOW);
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

/// The first line.
fn head_of(plan: &Plan) -> Result<String> {
    let Plan { tenant, project_id, .. } = plan;
    serde_json::to_string(&Head { journal: 1, tenant, project_id })
        .map_err(|_| unusable("the plan's names cannot be written as JSON"))
}

/// One line in one write, which a kill of this process cannot tear.
fn append(file: &mut File, line: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    file.write_all(&text)
}

/// Of what is created, so that it changes when a person edits that, and not when notes change.
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
