//! The report of an import.

use std::collections::BTreeMap;

use serde::Serialize;

use super::compare::differences;
use super::planned::PlannedClient;
use super::state::{ImportState, tally};
use crate::clients::model::M2MClient;
use crate::error::Error;
use crate::secret::Secret;

/// The report of an import: an outcome for each client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[must_use = "it has the clients that were not imported"]
pub struct ImportReport {
    /// Whether it was a dry run: nothing was changed, and the states say what an import would do.
    pub dry_run: bool,
    /// All clients of the plan, in its order.
    pub clients: Vec<ImportRecord>,
    /// Clients of the tenant that are not in the plan: they were created after it.
    pub unplanned: Vec<String>,
}

/// The outcome for one client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportRecord {
    /// The client's id.
    pub client_id: String,
    /// The client's state.
    pub state: ImportState,
    /// The reason: one of the plan's, `access_removed`, `organization_changed`, the server's `error_type`, or an error's
    /// code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The refused field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The fields in which the client at Stytch with this id differs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
    /// Notes: access that Auth0 has removed or added, and the server's message.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Whether Stytch now has a client with this id.
    pub at_stytch: bool,
}

impl ImportReport {
    /// The number of clients in each state.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<ImportState, usize> {
        tally(self.clients.iter().map(|one| one.state))
    }

    /// Whether no client needs the user's attention.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.unplanned.is_empty() && !self.clients.iter().any(|one| one.state.is_open())
    }
}

impl ImportRecord {
    pub(super) fn of(planned: &PlannedClient, state: ImportState) -> Self {
        let at_stytch = matches!(
            state,
            ImportState::Imported
                | ImportState::Updated
                | ImportState::Present
                | ImportState::Kept
                | ImportState::Conflict
        );
        Self {
            client_id: planned.client_id.clone(),
            state,
            reason: None,
            field: None,
            differs: Vec::new(),
            notes: Vec::new(),
            at_stytch,
        }
    }

    pub(super) fn because(self, reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), ..self }
    }

    pub(super) fn noting(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }

    /// The record of a client that exists at Stytch: `equal` if it is as planned.
    pub(super) fn compared(
        planned: &PlannedClient,
        found: &M2MClient,
        secret: &Secret,
        equal: ImportState,
    ) -> Self {
        let differs = differences(found, planned, secret);
        match differs.is_empty() {
            true => Self::of(planned, equal),
            false => Self { differs, ..Self::of(planned, ImportState::Conflict) },
        }
    }

    /// The record of a permanent error: Stytch, or a limit of its API, refuses the client.
    pub(super) fn refused(planned: &PlannedClient, error: &Error) -> Self {
        let details = error.details();
        let reason = details.error_type.as_deref().unwrap_or(error.code());
        let field = details.field.as_deref().or_else(|| field_of(reason)).map(str::to_owned);
        let record = Self::of(planned, ImportState::Refused).because(reason);
        Self { field, ..record }.noting([details.message.clone()])
    }

    pub(super) fn failed(planned: &PlannedClient, error: &Error) -> Self {
        let record = Self::of(planned, ImportState::Failed).because(error.code());
        record.noting([error.details().message.clone()])
    }
}

/// The field to which Stytch's `error_type` refers.
fn field_of(error_type: &str) -> Option<&'static str> {
    ["client_id", "client_name", "client_description", "client_secret", "scope", "metadata"]
        .into_iter()
        .find(|field| error_type.contains(field))
        .map(|field| match field {
            "scope" => "scopes",
            "metadata" => "trusted_metadata",
            field => field,
        })
}
