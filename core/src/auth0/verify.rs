//! Checks an import by fetching a token with each imported secret and comparing it with the plan.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};
use serde::Serialize;

use super::journal::Journal;
use super::plan::Plan;
use super::planned::PlannedClient;
use super::rate_gate::RateGate;
use super::records::Auth0Export;
use super::state::SkipReason;
use crate::client::Client;
use crate::clients::organization::ORGANIZATION_KEY;
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::token::TokenRequest;
use crate::verify::issuer::ORGANIZATION_CLAIM;
use crate::verify::{AuthenticateOptions, TokenClaims};

/// The report of a verification: an outcome for each client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
#[must_use = "it has the clients whose verification failed"]
pub struct VerifyReport {
    /// All clients that should be at Stytch, in the plan's order.
    pub clients: Vec<VerifyRecord>,
}

/// The outcome for one client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct VerifyRecord {
    /// The client's id.
    pub client_id: String,
    /// Whether the secret fetched a token of this project and client with exactly the planned
    /// scopes, and with the planned organization if Auth0 binds the client to one.
    pub verified: bool,
    /// The fault of the token, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl VerifyReport {
    /// The clients whose tokens were wrong.
    pub fn failed(&self) -> impl Iterator<Item = &VerifyRecord> {
        self.clients.iter().filter(|one| !one.verified)
    }
}

/// Fetches a token from Stytch with the secret of each imported client, verifies it, and compares
/// its `sub` and `scope` with the plan. Stytch bills each token.
///
/// # Errors
/// An error if the journal cannot be written. Faults of clients are in the report.
pub async fn verify(
    client: &Client,
    plan: &Plan,
    export: &Auth0Export,
    journal: Option<&Journal>,
    concurrency: usize,
    mut progress: impl FnMut(&VerifyRecord),
) -> Result<VerifyReport> {
    plan.check(client)?;
    plan.check_tenant(export)?;
    let secrets = export.secrets();
    let gate = RateGate::default();
    let wanted = plan.clients.iter().filter(|one| one.is_wanted());
    let work = wanted.enumerate().map(|(index, planned)| {
        let (secret, gate) = (secrets.get(planned.client_id.as_str()).copied(), &gate);
        async move {
            let problem = match secret {
                Some(secret) => check_secret(client, planned, secret, gate).await.err(),
                None => Some(export.why_no_secret(&planned.client_id).1.to_owned()),
            };
            if let Some(journal) = journal {
                journal.record_verified(planned, problem.as_deref())?;
            }
            let client_id = planned.client_id.clone();
            let verified = problem.is_none();
            Ok::<_, Error>((index, VerifyRecord { client_id, verified, problem }))
        }
    });
    let mut done = stream::iter(work).buffer_unordered(concurrency.max(1));
    let mut records = Vec::new();
    while let Some(outcome) = done.next().await {
        let (index, record) = outcome?;
        progress(&record);
        records.push((index, record));
    }
    records.sort_unstable_by_key(|(index, _)| *index);
    Ok(VerifyReport { clients: records.into_iter().map(|(_, record)| record).collect() })
}

async fn check_secret(
    client: &Client,
    planned: &PlannedClient,
    secret: &Secret,
    gate: &RateGate,
) -> Result<(), String> {
    let claims = gate.retry(|| claims(client, planned, secret)).await;
    claims.map_err(|error| error.to_string()).and_then(|claims| check(&claims, planned))
}

/// Checks the token: its signature, `iss`, `aud`, times, client and scopes.
async fn claims(
    client: &Client,
    planned: &PlannedClient,
    secret: &Secret,
) -> Result<Arc<TokenClaims>> {
    let request = TokenRequest {
        client_id: planned.client_id.clone(),
        client_secret: secret.clone(),
        force_refresh: true,
        ..TokenRequest::default()
    };
    let token = client.token(request).await?;
    let options = AuthenticateOptions::default();
    client.authenticate_token(token.access_token.expose(), &options).await
}

fn check(claims: &TokenClaims, planned: &PlannedClient) -> Result<(), String> {
    if claims.client_id != planned.client_id {
        return Err("sub is not the client's id".into());
    }
    let set = |scopes: &[String]| scopes.iter().cloned().collect::<BTreeSet<_>>();
    if set(&claims.scopes) != set(&planned.scopes) {
        return Err("scope differs from the plan".into());
    }
    match (planned.organization(), claims.organization()) {
        // Its own metadata may have an organization that nobody asks for.
        _ if planned.organizations.is_empty()
            && planned.reason != Some(SkipReason::AnyOrganization) =>
        {
            Ok(())
        }
        (Some(planned), Some(named)) if planned == named => Ok(()),
        (_, Some(_)) => {
            Err(format!("{ORGANIZATION_CLAIM} names another organization than the plan"))
        }
        (_, None) => Err(format!(
            "the token names no organization: add \"{ORGANIZATION_CLAIM}\": {{{{ \
             client.trusted_metadata.{ORGANIZATION_KEY} }}}} to the project's M2M token template"
        )),
    }
}
