//! How far a migration has come, by its plan and its journal.

use std::collections::BTreeMap;

use serde::Serialize;

use super::journal::Journal;
use super::plan::{Plan, PlannedClient};
use super::state::ImportState;

/// How far a migration has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StatusReport {
    /// Every client of the plan, in its order.
    pub clients: Vec<StatusRecord>,
}

/// How far one client has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatusRecord {
    /// Its id.
    pub client_id: String,
    /// What became of it.
    pub state: ImportState,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The field that was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Whether the token of the last `verify` was right; `None` if there was no verify since the
    /// client was imported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
    /// What was wrong with that token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl StatusReport {
    /// Clients in each state.
    pub fn counts(&self) -> BTreeMap<ImportState, usize> {
        let mut counts = BTreeMap::new();
        for record in &self.clients {
            *counts.entry(record.state).or_default() += 1;
        }
        counts
    }

    /// Clients whose tokens were right.
    pub fn verified(&self) -> usize {
        self.clients.iter().filter(|one| one.verified == Some(true)).count()
    }

    /// Clients whose tokens were wrong.
    pub fn failed_verification(&self) -> impl Iterator<Item = &StatusRecord> {
        self.clients.iter().filter(|one| one.verified == Some(false))
    }
}

/// How far the migration of `plan` has come, by its journal alone: nobody is asked.
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
