//! Reverts an import: deletes the clients that it created and that were not changed since.

use std::collections::{BTreeMap, HashMap};

use futures_util::stream::{self, StreamExt as _};
use serde::Serialize;

use super::candidate::TENANT_KEY;
use super::compare::{Found, comes_from, differences, find};
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

/// The report of an undo: an outcome for each client of the plan that an import created or changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[must_use = "it has the clients that were not undone"]
pub struct UndoReport {
    /// Whether it was a dry run: nothing was deleted, and the states say what an undo would do.
    pub dry_run: bool,
    /// The clients that an import created or changed, by the journal and by the clients at Stytch,
    /// in the plan's order. A state is `undone`, `failed`, or `kept`, whose `reason` is `changed`
    /// since the import, `updated` if it was there before and the import made it equal to Auth0's,
    /// `not_in_journal` if another import did so or created it, or `gone` or `no_secret` if its secret
    /// cannot be compared.
    pub clients: Vec<ImportRecord>,
}

impl UndoReport {
    /// The number of clients in each state.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<ImportState, usize> {
        tally(self.clients.iter().map(|one| one.state))
    }

    /// Whether every client that an import created or changed is deleted.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.clients.iter().all(|one| one.state == ImportState::Undone)
    }
}

/// Deletes the clients that an import with this journal created, except those whose name,
/// description, scopes, metadata, status or secret was changed since. The secrets are compared with
/// those in `export`. Clients at Stytch that were imported from this tenant are reported even if
/// the journal does not have them, or is missing.
///
/// # Errors
/// An error that ends the undo, such as wrong credentials, or a journal that cannot be written.
pub async fn undo(
    client: &Client,
    plan: &Plan,
    export: &Auth0Export,
    journal: Option<&Journal>,
    options: &UndoOptions,
    mut progress: impl FnMut(&ImportRecord),
) -> Result<UndoReport> {
    plan.check(client)?;
    plan.check_tenant(export)?;
    let ids: Vec<_> = plan.clients.iter().map(|one| one.client_id.clone()).collect();
    let found = find(client, &ids).await?;
    let (secrets, gate) = (export.secrets(), RateGate::default());
    let job = Job { client, journal, options, export, secrets, found, gate };
    let work = plan.clients.iter().enumerate().map(|(index, planned)| {
        let job = &job;
        async move {
            let record = match job.is_made(planned) {
                true => Some(job.undo(planned).await?),
                false => job.left_by_others(planned),
            };
            Ok::<_, Error>(record.map(|record| (index, record)))
        }
    });
    let mut done = stream::iter(work).buffer_unordered(options.concurrency.max(1));
    let mut records = Vec::new();
    while let Some(outcome) = done.next().await {
        let Some((index, record)) = outcome? else { continue };
        progress(&record);
        records.push((index, record));
    }
    records.sort_unstable_by_key(|(index, _)| *index);
    let clients = records.into_iter().map(|(_, record)| record).collect();
    Ok(UndoReport { dry_run: options.dry_run, clients })
}

struct Job<'j> {
    client: &'j Client,
    journal: Option<&'j Journal>,
    options: &'j UndoOptions,
    export: &'j Auth0Export,
    secrets: HashMap<&'j str, &'j Secret>,
    /// The clients at Stytch.
    found: Found,
    gate: RateGate,
}

impl Job<'_> {
    fn is_made(&self, planned: &PlannedClient) -> bool {
        self.journal.is_some_and(|journal| journal.is_made(planned))
    }

    /// The record of a client at Stytch that an import left there, but that this journal's imports
    /// did not create.
    fn left_by_others(&self, planned: &PlannedClient) -> Option<ImportRecord> {
        let found = self.found.get(&planned.client_id)?;
        let kept = ImportRecord::of(planned, ImportState::Kept);
        if self.journal.is_some_and(|journal| journal.is_taken(planned)) {
            let note = "it was at Stytch before the import, which made it equal to Auth0's: its \
                        earlier fields are not known";
            return Some(kept.because("updated").noting([note.to_owned()]));
        }
        let note = "an import created it or made it equal to Auth0's, but this journal does not \
                    have that import: delete it at Stytch if nothing uses it";
        let is_imported = comes_from(found, self.export.domain()) || self.is_equal(planned, found);
        is_imported.then(|| kept.because("not_in_journal").noting([note.to_owned()]))
    }

    /// Whether the client is as planned, for plans whose metadata has no room for the tenant.
    fn is_equal(&self, planned: &PlannedClient, found: &M2MClient) -> bool {
        let secret = self.secrets.get(planned.client_id.as_str());
        planned.is_wanted()
            && !planned.trusted_metadata.contains_key(TENANT_KEY)
            && secret.is_some_and(|secret| differences(found, planned, secret).is_empty())
    }

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
        if let (false, Some(journal)) = (self.options.dry_run, self.journal) {
            journal.record(planned, JournalState::Undone, &record)?;
        }
        Ok(record)
    }

    /// The record of a client that differs from the imported one.
    fn why_kept(&self, planned: &PlannedClient, found: &M2MClient) -> Option<ImportRecord> {
        let kept = ImportRecord::of(planned, ImportState::Kept);
        let Some(secret) = self.secrets.get(planned.client_id.as_str()) else {
            let (reason, why) = self.export.why_no_secret(&planned.client_id);
            let note =
                format!("{why}, and cannot be compared: delete it at Stytch if nothing uses it");
            return Some(kept.because(reason).noting([note]));
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
