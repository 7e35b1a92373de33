//! Reverts an import: deletes the clients that it created and that were not changed since.

use std::collections::{BTreeMap, HashMap};

use futures_util::stream::{self, StreamExt as _};
use serde::Serialize;

use super::compare::differences;
use super::conflict::delete;
use super::journal::{Journal, JournalState};
use super::plan::Plan;
use super::planned::PlannedClient;
use super::rate_gate::RateGate;
use super::records::Auth0Export;
use super::report::ImportRecord;
use super::state::{ImportState, tally};
use crate::client::Client;
use crate::clients::model::M2MClient;
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;

/// Options of an undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoOptions {
    /// Number of clients deleted concurrently. Default 8.
    pub concurrency: usize,
    /// Whether to only report what would be done. Default: no.
    pub dry_run: bool,
}

impl Default for UndoOptions {
    fn default() -> Self {
        Self { concurrency: 8, dry_run: false }
    }
}

/// The report of an undo: an outcome for each client that the import created.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[must_use = "it has the clients that were not undone"]
pub struct UndoReport {
    /// Whether it was a dry run: nothing was deleted, and the states say what an undo would do.
    pub dry_run: bool,
    /// The clients that an import created, by the journal, in the plan's order. A state is
    /// `undone`, `kept` if the client was changed since, or `failed`.
    pub clients: Vec<ImportRecord>,
}

impl UndoReport {
    /// The number of clients in each state.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<ImportState, usize> {
        tally(self.clients.iter().map(|one| one.state))
    }

    /// Whether every client that the import created is deleted.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.clients.iter().all(|one| one.state == ImportState::Undone)
    }
}

/// Deletes the clients that an import with this journal created, except those whose name,
/// description, scopes, metadata, status or secret was changed since. The secrets are compared with
/// those in `export`.
///
/// # Errors
/// An error that ends the undo, such as wrong credentials, or a journal that cannot be written.
pub async fn undo(
    client: &Client,
    plan: &Plan,
    export: &Auth0Export,
    journal: &Journal,
    options: &UndoOptions,
    mut progress: impl FnMut(&ImportRecord),
) -> Result<UndoReport> {
    plan.check(client)?;
    plan.check_tenant(export)?;
    let secrets = export.secrets();
    let job = Job { client, journal, options, secrets, gate: RateGate::default() };
    let made = plan.clients.iter().filter(|one| journal.is_made(one));
    let work = made.enumerate().map(|(index, planned)| {
        let job = &job;
        async move { job.undo(planned).await.map(|record| (index, record)) }
    });
    let mut done = stream::iter(work).buffer_unordered(options.concurrency.max(1));
    let mut records = Vec::new();
    while let Some(outcome) = done.next().await {
        let (index, record) = outcome?;
        progress(&record);
        records.push((index, record));
    }
    records.sort_unstable_by_key(|(index, _)| *index);
    let clients = records.into_iter().map(|(_, record)| record).collect();
    Ok(UndoReport { dry_run: options.dry_run, clients })
}

struct Job<'j> {
    client: &'j Client,
    journal: &'j Journal,
    options: &'j UndoOptions,
    secrets: HashMap<&'j str, &'j Secret>,
    gate: RateGate,
}

impl Job<'_> {
    async fn undo(&self, planned: &PlannedClient) -> Result<ImportRecord> {
        let clients = self.client.clients();
        let gone = || ImportRecord::of(planned, ImportState::Undone);
        let record = match self.gate.retry(|| clients.get(&planned.client_id)).await {
            Ok(found) => match self.why_kept(planned, &found.m2m_client) {
                Some(kept) => return Ok(kept),
                None if self.options.dry_run => {
                    return Ok(ImportRecord { at_stytch: true, ..gone() });
                }
                None => match delete(self.client, &self.gate, &planned.client_id).await {
                    Ok(()) => gone(),
                    Err(error) => return self.failed(planned, error),
                },
            },
            Err(error) if error.kind() == ErrorKind::NotFound => gone(),
            Err(error) => return self.failed(planned, error),
        };
        if !self.options.dry_run {
            self.journal.record(planned, JournalState::Undone, &record)?;
        }
        Ok(record)
    }

    /// The record of a client that differs from the imported one.
    fn why_kept(&self, planned: &PlannedClient, found: &M2MClient) -> Option<ImportRecord> {
        let kept = ImportRecord::of(planned, ImportState::Kept);
        let Some(secret) = self.secrets.get(planned.client_id.as_str()) else {
            return Some(kept.because("no_secret"));
        };
        let mut differs = differences(found, planned, secret);
        if found.next_client_secret_last_four.is_some() {
            differs.push("next_client_secret".into());
        }
        (!differs.is_empty()).then(|| ImportRecord { differs, ..kept.because("changed") })
    }

    fn failed(&self, planned: &PlannedClient, error: Error) -> Result<ImportRecord> {
        match error.kind() {
            ErrorKind::Authentication | ErrorKind::PermissionDenied => Err(error),
            _ => {
                let failed = ImportRecord::failed(planned, &error);
                Ok(ImportRecord { at_stytch: true, ..failed })
            }
        }
    }
}
