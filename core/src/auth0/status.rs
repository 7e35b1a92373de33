//! The progress of a migration, from its plan and journal.

use std::collections::BTreeMap;

use serde::Serialize;

use super::journal::Journal;
use super::plan::Plan;
use super::planned::PlannedClient;
use super::state::{ImportState, tally};

/// The progress of a migration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StatusReport {
    /// All clients of the plan, in its order.
    pub clients: Vec<StatusRecord>,
}

/// The progress of one client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatusRecord {
    /// The client's id.
    pub client_id: String,
    /// The client's state.
    pub state: ImportState,
    /// The reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The refused field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Whether the token of the last `verify` was correct; `None` if the client was not verified
    /// since its import.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
    /// The fault of that token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl StatusReport {
    /// The number of clients in each state.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<ImportState, usize> {
        tally(self.clients.iter().map(|one| one.state))
    }

    /// The number of clients whose tokens were correct.
    #[must_use]
    pub fn verified(&self) -> usize {
        self.clients.iter().filter(|one| one.verified == Some(true)).count()
    }

    /// The number of clients whose tokens were wrong.
    pub fn failed_verification(&self) -> impl Iterator<Item = &StatusRecord> {
        self.clients.iter().filter(|one| one.verified == Some(false))
    }
}

/// Reads the progress of `plan`'s migration from its journal, without any request.
#[must_use]
pub fn status(plan: &Plan, journal: Option<&Journal>) -> StatusReport {
    let record = |planned: &PlannedClient| {
        let entry = journal.filter(|_| planned.is_wanted()).and_then(|one| one.entry(planned));
        let said = entry.as_ref().and_then(|entry| entry.state);
        let planned_reason = planned.reason.map(|reason| reason.code().to_owned());
        let (reason, field) = match entry.as_ref().filter(|entry| entry.state.is_some()) {
            Some(entry) => (entry.reason.clone(), entry.field.clone()),
            None => (planned_reason, None),
        };
        StatusRecord {
            client_id: planned.client_id.clone(),
            state: said.map_or(planned.state.into(), ImportState::from),
            reason,
            field,
            verified: entry.as_ref().and_then(|entry| entry.verification()),
            problem: entry.and_then(|entry| entry.problem),
        }
    };
    StatusReport { clients: plan.clients.iter().map(record).collect() }
}
