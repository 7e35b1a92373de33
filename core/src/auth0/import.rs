//! Carrying a plan out: each client once, however often it is run and wherever it was killed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use futures_util::stream::{self, StreamExt as _};
use serde::Serialize;

use super::compare::{differences, find};
use super::journal::{Journal, JournalState};
use super::plan::{Plan, PlanState, PlannedClient};
use super::rate_gate::RateGate;
use super::records::{Auth0Client, Auth0Export};
use crate::client::Client;
use crate::clients::model::M2MClient;
use crate::error::{Error, ErrorKind, Result};
use crate::retry::outlasts;
use crate::secret::Secret;

/// Clients given up in a row after which all is: the server is away, not the client odd.
const GIVEN_UP_IN_A_ROW: u32 = 10;

/// How to import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportOptions {
    /// Clients under way at once. Default 8.
    pub concurrency: usize,
    /// Look only, and create nothing. Default: no.
    pub dry_run: bool,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self { concurrency: 8, dry_run: false }
    }
}

/// What became of each client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct ImportReport {
    /// Whether nothing was created.
    pub dry_run: bool,
    /// Every client of the plan, in its order.
    pub clients: Vec<ImportRecord>,
    /// Clients that the tenant has and the plan has not: they came after it.
    pub unplanned: Vec<String>,
}

/// What became of one client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct ImportRecord {
    /// Its id.
    pub client_id: String,
    /// What became of it.
    pub state: ImportState,
    /// Why it was skipped, or what failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// In what Stytch's client with this id differs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
}

/// What became of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum ImportState {
    /// It was created, by this run or by an earlier one.
    Imported,
    /// It was there already, and equal.
    Present,
    /// It would be created: this was a dry run.
    ToImport,
    /// It stays behind: as planned, or since Stytch refuses it.
    Skipped,
    /// Stytch has another client with this id, which was not touched.
    Conflict,
    /// It could not be told; run the import again.
    Failed,
}

impl ImportReport {
    /// Clients in each state.
    pub fn counts(&self) -> BTreeMap<ImportState, usize> {
        let mut counts = BTreeMap::new();
        for record in &self.clients {
            *counts.entry(record.state).or_default() += 1;
        }
        counts
    }

    /// Whether nothing is left for a person to do.
    pub fn is_complete(&self) -> bool {
        let open = [ImportState::Conflict, ImportState::Failed];
        self.unplanned.is_empty() && !self.clients.iter().any(|one| open.contains(&one.state))
    }
}

/// Carries `plan` out with the secrets of `export`, and tells `progress` of each client. With a
/// journal, a run that was killed goes on where it was; without one it asks again about each client.
///
/// # Errors
/// What makes going on pointless: wrong credentials, a billing limit, a server that stays away.
/// What was done until then is in the journal.
pub async fn import(
    client: &Client,
    plan: &Plan,
    export: &Auth0Export,
    journal: Option<&Journal>,
    options: &ImportOptions,
    mut progress: impl FnMut(&ImportRecord),
) -> Result<ImportReport> {
    plan.check(client)?;
    let sources: HashMap<&str, &Auth0Client> =
        export.clients.iter().map(|one| (one.client_id.as_str(), one)).collect();
    let existing = match options.dry_run {
        true => Some(find(client, ids_to_import(plan)).await?),
        false => None,
    };
    let job =
        Job { client, journal, existing, gate: RateGate::default(), given_up: AtomicU32::new(0) };
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

fn ids_to_import(plan: &Plan) -> Vec<String> {
    let wanted = plan.clients.iter().filter(|one| one.state != PlanState::Skip);
    wanted.map(|one| one.client_id.clone()).collect()
}

struct Job<'j> {
    client: &'j Client,
    journal: Option<&'j Journal>,
    /// What Stytch has, in a dry run.
    existing: Option<HashMap<String, M2MClient>>,
    gate: RateGate,
    given_up: AtomicU32,
}

impl Job<'_> {
    async fn carry_out(
        &self,
        planned: &PlannedClient,
        source: Option<&Auth0Client>,
    ) -> Result<ImportRecord> {
        let record = Record(planned);
        if planned.state == PlanState::Skip {
            return Ok(record.skipped(planned.reason.map_or("excluded", |reason| reason.code())));
        }
        let Some(source) = source else {
            return Ok(record.skipped("it is no longer in Auth0"));
        };
        let Some(secret) = source.readable_secret() else {
            return Ok(record.skipped("no_secret"));
        };
        let before = self.journal.and_then(|journal| journal.state(planned));
        if let Some(existing) = &self.existing {
            return Ok(match existing.get(&planned.client_id) {
                None => record.of(ImportState::ToImport),
                Some(found) => record.compared(found, secret, ImportState::Present),
            });
        }
        match before {
            Some(JournalState::Imported) => return Ok(record.of(ImportState::Imported)),
            Some(JournalState::Present) => return Ok(record.of(ImportState::Present)),
            _ => {}
        }
        self.say(planned, JournalState::Begun)?;
        let begun = before == Some(JournalState::Begun);
        let outcome = self.create(planned, secret, begun).await?;
        self.say(
            planned,
            match outcome.state {
                ImportState::Imported => JournalState::Imported,
                ImportState::Present => JournalState::Present,
                ImportState::Conflict => JournalState::Conflict,
                _ => JournalState::Failed,
            },
        )?;
        Ok(outcome)
    }

    /// Creates the client, or finds out what is there. `ours` says that an earlier attempt, whose
    /// outcome is not known, may have created it.
    async fn create(
        &self,
        planned: &PlannedClient,
        secret: &Secret,
        ours: bool,
    ) -> Result<ImportRecord> {
        let ours = AtomicBool::new(ours);
        // Gone between two calls: somebody else is at work, and it is asked for again.
        let may_pass = |error: &Error| outlasts(error) || error.kind() == ErrorKind::NotFound;
        let worth_it = |error: &Error| !is_hopeless(error) && may_pass(error);
        let attempt = || self.try_create(planned, secret, &ours);
        let error = match self.gate.retry_when(worth_it, attempt).await {
            Ok(record) => {
                self.given_up.store(0, Ordering::Relaxed);
                return Ok(record);
            }
            Err(error) => error,
        };
        if is_hopeless(&error) {
            return Err(error);
        }
        if !may_pass(&error) {
            let refusal = error.details().error_type.as_deref().unwrap_or(error.code());
            return Ok(Record(planned).skipped(&format!("refused: {refusal}")));
        }
        if self.given_up.fetch_add(1, Ordering::Relaxed) + 1 == GIVEN_UP_IN_A_ROW {
            return Err(error);
        }
        Ok(Record(planned).failed(&error))
    }

    async fn try_create(
        &self,
        planned: &PlannedClient,
        secret: &Secret,
        ours: &AtomicBool,
    ) -> Result<ImportRecord> {
        let record = Record(planned);
        let clients = self.client.clients();
        match clients.create(planned.request(secret)).await {
            Ok(made) => Ok(record.compared(&made.m2m_client.client, secret, ImportState::Imported)),
            Err(e) if e.kind() == ErrorKind::Conflict => {
                let found = clients.get(&planned.client_id).await?.m2m_client;
                let equal = match ours.load(Ordering::Relaxed) {
                    true => ImportState::Imported,
                    false => ImportState::Present,
                };
                Ok(record.compared(&found, secret, equal))
            }
            Err(e) => {
                let was_refused = e.is_unsent() || e.kind() == ErrorKind::RateLimited;
                if outlasts(&e) && !was_refused {
                    ours.store(true, Ordering::Relaxed);
                }
                Err(e)
            }
        }
    }

    fn say(&self, planned: &PlannedClient, state: JournalState) -> Result<()> {
        self.journal.map_or(Ok(()), |journal| journal.record(planned, state))
    }
}

/// The project's credentials or its plan are at fault: no other client would fare better.
fn is_hopeless(error: &Error) -> bool {
    let kinds = [ErrorKind::Authentication, ErrorKind::PermissionDenied];
    let error_type = error.details().error_type.as_deref();
    kinds.contains(&error.kind()) || error_type == Some("too_many_m2m_clients_for_billing_tier")
}

/// Records of one client.
struct Record<'p>(&'p PlannedClient);

impl Record<'_> {
    fn of(&self, state: ImportState) -> ImportRecord {
        let client_id = self.0.client_id.clone();
        ImportRecord { client_id, state, reason: None, differs: Vec::new() }
    }

    fn skipped(&self, reason: &str) -> ImportRecord {
        ImportRecord { reason: Some(reason.to_owned()), ..self.of(ImportState::Skipped) }
    }

    fn failed(&self, error: &Error) -> ImportRecord {
        ImportRecord { reason: Some(error.code().to_owned()), ..self.of(ImportState::Failed) }
    }

    fn compared(&self, found: &M2MClient, secret: &Secret, equal: ImportState) -> ImportRecord {
        let differs = differences(found, self.0, secret);
        match differs.is_empty() {
            true => self.of(equal),
            false => ImportRecord { differs, ..self.of(ImportState::Conflict) },
        }
    }
}
