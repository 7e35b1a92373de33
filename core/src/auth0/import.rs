//! Carries a plan out. Each client is imported once, even if the import is interrupted and run
//! again. The clients at Stytch decide what is left to do; the journal only records which of them
//! an import created.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use futures_util::stream::{self, StreamExt as _};

use super::candidate::{Candidate, candidates};
use super::compare::{Found, comes_from, find};
use super::conflict::take_auth0;
use super::journal::{Journal, JournalState};
use super::plan::Plan;
use super::planned::{Grants, PlannedClient};
use super::rate_gate::RateGate;
use super::records::{Auth0Export, domain_of};
use super::report::{ImportRecord, ImportReport};
use super::state::{ImportState, OnConflict, PlanState};
use crate::client::Client;
use crate::clients::model::{ClientStatus, M2MClient};
use crate::error::{Error, ErrorKind, Result};
use crate::retry::is_retryable_in_job;
use crate::secret::Secret;
use crate::text::visible;

/// Consecutive failed clients after which the import stops: then the server is down, and no client
/// is at fault.
const MAX_FAILED_CLIENTS: u32 = 10;

/// The reason of a client that has lost some of the planned access.
const ACCESS_REMOVED: &str = "access_removed";
/// The reason of a client whose organization is not Auth0's.
const ORGANIZATION_CHANGED: &str = "organization_changed";

/// Options of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportOptions {
    /// Number of clients imported concurrently. Default 8.
    pub concurrency: usize,
    /// Whether to only report what would be done. Default: no.
    pub dry_run: bool,
    /// How to resolve conflicts of clients for which the plan does not say it. Default: report
    /// them.
    pub on_conflict: OnConflict,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self { concurrency: 8, dry_run: false, on_conflict: OnConflict::default() }
    }
}

/// Carries `plan` out with the secrets of `export`, and calls `progress` after each client. It can
/// be run again at any time: it looks at Stytch first, and continues with the missing clients. A
/// client that has lost access at Auth0 since the plan was made is not created.
///
/// # Errors
/// An error that ends the import: wrong credentials, a billing limit, a server that stays
/// unavailable. The journal contains the work done so far.
pub async fn import(
    client: &Client,
    plan: &Plan,
    export: &Auth0Export,
    journal: Option<&Journal>,
    options: &ImportOptions,
    mut progress: impl FnMut(&ImportRecord),
) -> Result<ImportReport> {
    plan.check(client)?;
    plan.check_tenant(export)?;
    let sources = candidates(export);
    let sources: HashMap<&str, &Candidate<'_>> =
        sources.iter().map(|one| (one.client.client_id.as_str(), one)).collect();
    let sought = plan.clients.iter().filter(|one| one.state != PlanState::Skip);
    let sought: Vec<_> = sought.map(|one| one.client_id.clone()).collect();
    let found = find(client, &sought).await?;
    let (gate, given_up) = (RateGate::default(), AtomicU32::new(0));
    let job = Job { client, plan, journal, options, found, gate, given_up };
    let work = plan.clients.iter().enumerate().map(|(index, planned)| {
        let source = sources.get(planned.client_id.as_str()).copied();
        let job = &job;
        async move { job.carry_out(planned, source).await.map(|record| (index, record)) }
    });
    let mut done = stream::iter(work).buffer_unordered(options.concurrency.max(1));
    let mut records = Vec::with_capacity(plan.clients.len());
    while let Some(outcome) = done.next().await {
        let (index, record) = outcome?;
        progress(&record);
        records.push((index, record));
    }
    records.sort_unstable_by_key(|(index, _)| *index);
    let planned: HashSet<&str> = plan.clients.iter().map(|one| one.client_id.as_str()).collect();
    let unplanned = export.clients.iter().map(|one| &one.client_id);
    let unplanned = unplanned.filter(|id| !planned.contains(id.as_str())).cloned().collect();
    let clients = records.into_iter().map(|(_, record)| record).collect();
    Ok(ImportReport { dry_run: options.dry_run, clients, unplanned })
}

struct Job<'j> {
    client: &'j Client,
    plan: &'j Plan,
    journal: Option<&'j Journal>,
    options: &'j ImportOptions,
    /// The clients at Stytch.
    found: Found,
    gate: RateGate,
    given_up: AtomicU32,
}

impl Job<'_> {
    async fn carry_out(
        &self,
        planned: &PlannedClient,
        source: Option<&Candidate<'_>>,
    ) -> Result<ImportRecord> {
        let found = self.found.get(&planned.client_id);
        if !planned.is_wanted() {
            let reason = planned.reason.map_or("excluded", |reason| reason.code());
            let record = ImportRecord::of(planned, planned.state.into()).because(reason);
            return Ok(ImportRecord { at_stytch: found.is_some(), ..record });
        }
        let (secret, more) = match still_allowed(planned, source) {
            Ok(allowed) => allowed,
            Err(changed) => {
                self.note(planned, &changed)?;
                let note = found.map(|found| still_there(&changed, found, &self.plan.tenant));
                let changed = changed.noting(note);
                return Ok(ImportRecord { at_stytch: found.is_some(), ..changed });
            }
        };
        let record = match found {
            None if self.options.dry_run => ImportRecord::of(planned, ImportState::Import),
            None => self.create_missing(planned, secret).await?,
            Some(found) => {
                let equal = match self.before(planned) {
                    Some(JournalState::Updated | JournalState::Replacing) => ImportState::Updated,
                    _ if self.journal.is_some_and(|one| one.is_made(planned)) => {
                        ImportState::Imported
                    }
                    _ => ImportState::Present,
                };
                let record = ImportRecord::compared(planned, found, secret, equal);
                self.resolve(planned, secret, record).await?
            }
        };
        let record = record.noting(more);
        self.note(planned, &record)?;
        Ok(record)
    }

    /// Resolves a conflict as the plan or the options say.
    async fn resolve(
        &self,
        planned: &PlannedClient,
        secret: &Secret,
        record: ImportRecord,
    ) -> Result<ImportRecord> {
        let choice = planned.on_conflict.unwrap_or(self.options.on_conflict);
        match (record.state, choice) {
            (ImportState::Conflict, OnConflict::Keep) => {
                Ok(ImportRecord { state: ImportState::Kept, ..record })
            }
            (ImportState::Conflict, OnConflict::TakeAuth0) if self.options.dry_run => {
                Ok(ImportRecord { state: ImportState::Updated, ..record })
            }
            (ImportState::Conflict, OnConflict::TakeAuth0) => {
                let is_secret = record.differs.iter().any(|name| name == "client_secret");
                self.say(planned, JournalState::Replacing)?;
                let current = self.found.get(&planned.client_id);
                match take_auth0(self.client, &self.gate, planned, current, is_secret).await {
                    Ok(false) => Ok(ImportRecord::of(planned, ImportState::Updated)),
                    Ok(true) => {
                        let made = self.create(planned, secret, true).await?;
                        Ok(match made.state {
                            ImportState::Imported => {
                                ImportRecord { state: ImportState::Updated, ..made }
                            }
                            _ => made,
                        })
                    }
                    Err(error) => self.given_up(planned, error),
                }
            }
            _ => Ok(record),
        }
    }

    async fn create_missing(
        &self,
        planned: &PlannedClient,
        secret: &Secret,
    ) -> Result<ImportRecord> {
        let before = self.before(planned);
        let replaces = before == Some(JournalState::Replacing);
        if !replaces {
            self.say(planned, JournalState::Begun)?;
        }
        let begun = matches!(before, Some(JournalState::Begun | JournalState::Replacing));
        let made = self.create(planned, secret, begun).await?;
        Ok(match made.state {
            ImportState::Imported if replaces => {
                ImportRecord { state: ImportState::Updated, ..made }
            }
            _ => made,
        })
    }

    /// Creates the client, or compares the existing one. `ours`: an earlier attempt with an unknown
    /// outcome may have created it.
    async fn create(
        &self,
        planned: &PlannedClient,
        secret: &Secret,
        ours: bool,
    ) -> Result<ImportRecord> {
        let ours = AtomicBool::new(ours);
        let worth_it = |error: &Error| !fails_for_all(error) && may_pass(error);
        let attempt = || self.try_create(planned, secret, &ours);
        match self.gate.retry_when(worth_it, attempt).await {
            Ok(record) => {
                self.given_up.store(0, Ordering::Relaxed);
                Ok(record)
            }
            Err(error) => self.given_up(planned, error),
        }
    }

    async fn try_create(
        &self,
        planned: &PlannedClient,
        secret: &Secret,
        ours: &AtomicBool,
    ) -> Result<ImportRecord> {
        let clients = self.client.clients();
        match clients.create(planned.request(secret)).await {
            Ok(made) => {
                let made = &made.m2m_client.client;
                Ok(ImportRecord::compared(planned, made, secret, ImportState::Imported))
            }
            Err(e) if e.kind() == ErrorKind::Conflict => {
                let found = clients.get(&planned.client_id).await?.m2m_client;
                let equal = match ours.load(Ordering::Relaxed) {
                    true => ImportState::Imported,
                    false => ImportState::Present,
                };
                Ok(ImportRecord::compared(planned, &found, secret, equal))
            }
            Err(e) => {
                let was_refused = e.is_unsent() || e.kind() == ErrorKind::RateLimited;
                if is_retryable_in_job(&e) && !was_refused {
                    ours.store(true, Ordering::Relaxed);
                }
                Err(e)
            }
        }
    }

    /// The record of a client that failed finally, unless the failure ends the whole import.
    fn given_up(&self, planned: &PlannedClient, error: Error) -> Result<ImportRecord> {
        if fails_for_all(&error) {
            return Err(error);
        }
        if !may_pass(&error) {
            return Ok(ImportRecord::refused(planned, &error));
        }
        if self.given_up.fetch_add(1, Ordering::Relaxed) + 1 == MAX_FAILED_CLIENTS {
            return Err(error);
        }
        Ok(ImportRecord::failed(planned, &error))
    }

    fn before(&self, planned: &PlannedClient) -> Option<JournalState> {
        self.journal.and_then(|journal| journal.state(planned))
    }

    /// Writes the client's state to the journal, if it is new.
    fn note(&self, planned: &PlannedClient, record: &ImportRecord) -> Result<()> {
        match (self.options.dry_run, JournalState::of(record.state), self.journal) {
            (false, Some(state), Some(journal)) if journal.is_news(planned, state, record) => {
                journal.record(planned, state, record)
            }
            _ => Ok(()),
        }
    }

    /// Writes a step to the journal before it is made.
    fn say(&self, planned: &PlannedClient, step: JournalState) -> Result<()> {
        let record = ImportRecord::of(planned, ImportState::Begun);
        self.journal.map_or(Ok(()), |journal| journal.record(planned, step, &record))
    }
}

/// The secret of a client that still has the access of the plan at Auth0, with notes about
/// additional access; or the record of a client that has lost access.
fn still_allowed<'e>(
    planned: &PlannedClient,
    source: Option<&Candidate<'e>>,
) -> Result<(&'e Secret, Vec<String>), Box<ImportRecord>> {
    let changed = |reason: &str| ImportRecord::of(planned, ImportState::Changed).because(reason);
    let Some(source) = source else { return Err(changed("gone").into()) };
    // Unless the plan said so already, and the user decided otherwise.
    let news = source.skip_reason().filter(|reason| planned.reason != Some(*reason));
    if let Some(reason) = news {
        return Err(changed(reason.code()).into());
    }
    if !source.accepts(planned.organization()) {
        let note = "Auth0 binds the client to another organization than the plan: make a new plan, \
                    or set one of its organizations as organization_id in trusted_metadata";
        return Err(changed(ORGANIZATION_CHANGED).noting([note.to_owned()]).into());
    }
    let now = source.grants_for(planned.organization());
    let removed = missing(&planned.grants, &now);
    if !removed.is_empty() {
        let notes = removed
            .into_iter()
            .map(|what| format!("Auth0 no longer grants {what}: make a new plan"));
        return Err(changed(ACCESS_REMOVED).noting(notes).into());
    }
    let Some(secret) = source.client.readable_secret() else {
        return Err(changed("no_secret").into());
    };
    let more = missing(&now, &planned.grants).into_iter();
    Ok((
        secret,
        more.map(|what| format!("Auth0 also grants {what}, which is not in the plan")).collect(),
    ))
}

/// What a client at Stytch means whose planned access is gone at Auth0.
fn still_there(changed: &ImportRecord, found: &M2MClient, tenant: &str) -> String {
    let note = if !comes_from(found, domain_of(tenant)) {
        "Stytch has a client with this id, which no import of this tenant created"
    } else if found.status == ClientStatus::Inactive {
        "it is at Stytch already, but inactive"
    } else if changed.reason.as_deref() == Some(ACCESS_REMOVED) {
        "it is at Stytch already, and still has these scopes there: update it at Stytch"
    } else {
        "it is at Stytch already, and can still fetch tokens: deactivate or delete it there"
    };
    note.to_owned()
}

/// The access that `of` grants and `by` does not.
fn missing(of: &Grants, by: &Grants) -> Vec<String> {
    let mut missing = Vec::new();
    for (audience, scopes) in of {
        let Some(there) = by.get(audience) else {
            missing.push(format!("access to {}", visible(audience)));
            continue;
        };
        let scopes = scopes.difference(there);
        missing.extend(scopes.map(|one| format!("{} of {}", visible(one), visible(audience))));
    }
    missing
}

/// Whether to retry. A client that disappears between two calls is being changed by somebody else.
fn may_pass(error: &Error) -> bool {
    is_retryable_in_job(error) || error.kind() == ErrorKind::NotFound
}

/// Whether the project's credentials or billing plan are the cause, so that every other client
/// would fail too.
fn fails_for_all(error: &Error) -> bool {
    let kinds = [ErrorKind::Authentication, ErrorKind::PermissionDenied];
    let error_type = error.details().error_type.as_deref();
    kinds.contains(&error.kind()) || error_type == Some("too_many_m2m_clients_for_billing_tier")
}
