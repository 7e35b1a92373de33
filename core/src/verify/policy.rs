//! An issuer's own rules for claims: which claims name the client and hold its scopes, and what a
//! token must or must not have beyond the rules of its profile.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::compact::malformed;
use super::entra;
use super::payload::{invalid, missing, wrong_kind};
use super::scope_claims::ScopeClaim;
use super::scopes::{MAX_SCOPE, MAX_SCOPES};
use super::times::Times;
use crate::error::{Error, Result};

/// The claims that no setting may forbid, because every token must have them.
const NEEDED: [&str; 2] = ["exp", "iss"];

/// The settings of an issuer that make its policy, as in `IssuerConfig`.
#[derive(Clone, Copy)]
pub(super) struct Settings<'s> {
    /// Whether the profile is `oauth`.
    pub(super) is_oauth: bool,
    pub(super) issuers: &'s [String],
    pub(super) audiences: &'s [String],
    pub(super) client_ids: &'s [String],
    pub(super) client_id_claims: &'s [String],
    pub(super) scope_claims: &'s [String],
    pub(super) accept_scope_array: bool,
    pub(super) forbidden_claims: &'s [String],
    pub(super) required_claims: &'s HashMap<String, String>,
    pub(super) allow_missing_sub: bool,
    pub(super) require_any_scope: bool,
    pub(super) max_token_lifetime: Option<Duration>,
}

/// The rules, prepared once. An issuer without any has no policy, and its tokens cost nothing more.
#[derive(Debug)]
pub(crate) struct Policy {
    client_ids: Vec<String>,
    client_id_claims: Vec<String>,
    /// `None`: only `scope`.
    scope_claims: Option<Vec<ScopeClaim>>,
    accept_scope_array: bool,
    forbidden_claims: Vec<String>,
    /// In seconds.
    max_token_lifetime: Option<f64>,
    require_any_scope: bool,
    /// Whether an issuer's name contains a tenant of Entra.
    has_tenants: bool,
}

/// What a token's claims are by the policy.
#[derive(Default)]
pub(super) struct Declared {
    /// The client that one of `client_id_claims` names.
    pub(super) client: Option<NamedClient>,
    pub(super) scopes: Option<Vec<String>>,
}

/// The client, by one of `client_id_claims`.
pub(super) enum NamedClient {
    /// By another claim than `sub`.
    Other(String),
    /// By `sub`, which alone does not say that it is a client.
    Subject(String),
    /// None of the claims is there: the first of them.
    Missing(String),
}

impl NamedClient {
    pub(super) fn id(&self) -> Option<&str> {
        match self {
            Self::Other(id) | Self::Subject(id) => Some(id),
            Self::Missing(_) => None,
        }
    }
}

impl Policy {
    /// The policy of an issuer, if it has rules of its own.
    pub(super) fn of(settings: Settings<'_>) -> Option<Self> {
        let policy = Self {
            client_ids: settings.client_ids.to_vec(),
            client_id_claims: settings.client_id_claims.to_vec(),
            scope_claims: (settings.scope_claims != ["scope"]).then(|| {
                let of = |claim: &String| ScopeClaim::parse(claim, settings.audiences);
                settings.scope_claims.iter().filter_map(of).flatten().collect()
            }),
            accept_scope_array: settings.accept_scope_array,
            forbidden_claims: settings.forbidden_claims.to_vec(),
            max_token_lifetime: settings.max_token_lifetime.map(|most| most.as_secs_f64()),
            require_any_scope: settings.require_any_scope,
            has_tenants: has_tenants(settings.issuers),
        };
        let Self { client_ids, client_id_claims, scope_claims, forbidden_claims, .. } = &policy;
        let is_plain = client_ids.is_empty()
            && client_id_claims.is_empty()
            && scope_claims.is_none()
            && forbidden_claims.is_empty()
            && policy.max_token_lifetime.is_none()
            && !policy.require_any_scope
            && !policy.has_tenants;
        (!is_plain).then_some(policy)
    }

    /// Reads the claims that the policy names from a payload that is strict JSON, of a token whose
    /// `iss` is `issuer`.
    pub(super) fn read(&self, payload: &str, issuer: &str) -> Result<Declared> {
        let names_no_claim = self.client_id_claims.is_empty()
            && self.scope_claims.is_none()
            && self.forbidden_claims.is_empty()
            && !self.has_tenants;
        if names_no_claim {
            return Ok(Declared::default());
        }
        let claims: Map<String, Value> = serde_json::from_str(payload)
            .map_err(|_| malformed("the payload is not one strict JSON object"))?;
        if self.has_tenants {
            check_tenant(&claims, issuer)?;
        }
        let is_there = |name: &&String| claims.get(*name).is_some_and(|value| !value.is_null());
        if let Some(name) = self.forbidden_claims.iter().find(is_there) {
            let error = wrong_kind("it has a claim that is in forbidden_claims");
            return Err(error.with(|d| d.claim = Some(name.clone())));
        }
        let scopes = self.scope_claims.as_ref();
        Ok(Declared {
            client: self.client(&claims)?,
            scopes: scopes.map(|list| self.scopes(list, &claims)).transpose()?,
        })
    }

    /// The client that the claims name. If several name one, they must name the same.
    fn client(&self, claims: &Map<String, Value>) -> Result<Option<NamedClient>> {
        let mut named: Option<NamedClient> = None;
        for claim in &self.client_id_claims {
            let id = match claims.get(claim) {
                None | Some(Value::Null) => continue,
                Some(Value::String(id)) if id.is_empty() => return Err(invalid(claim, "is empty")),
                Some(Value::String(id)) => id.clone(),
                Some(_) => return Err(invalid(claim, "is not a string")),
            };
            match &named {
                Some(known) if known.id() != Some(&id) => {
                    return Err(wrong_kind("its claims name two clients")
                        .with(|d| d.claim = Some(claim.clone())));
                }
                Some(NamedClient::Other(_)) => {}
                _ if claim == "sub" => named = Some(NamedClient::Subject(id)),
                _ => named = Some(NamedClient::Other(id)),
            }
        }
        let first = || self.client_id_claims.first().cloned().map(NamedClient::Missing);
        Ok(named.or_else(first))
    }

    /// The scopes of all `scope_claims`, each once.
    fn scopes(&self, list: &[ScopeClaim], claims: &Map<String, Value>) -> Result<Vec<String>> {
        let mut scopes: Vec<String> = Vec::new();
        for claim in list {
            for scope in claim.read(claims, self.accept_scope_array)? {
                if scopes.len() == MAX_SCOPES || scope.len() > MAX_SCOPE {
                    return Err(malformed(
                        "it has more than 1,000 scopes, or one of more than 256 bytes",
                    ));
                }
                if !scopes.contains(&scope) {
                    scopes.push(scope);
                }
            }
        }
        Ok(scopes)
    }

    /// Checks the lifetime that the token was issued for.
    pub(super) fn check_lifetime(&self, times: &Times) -> Result<()> {
        let Some(most) = self.max_token_lifetime else { return Ok(()) };
        let issued = times.issued_at.ok_or_else(|| missing("iat"))?;
        match times.expires_at - issued > most {
            true => Err(invalid("exp", "is later after `iat` than max_token_lifetime allows")),
            false => Ok(()),
        }
    }

    pub(super) fn check_client(&self, client_id: &str) -> Result<()> {
        match self.client_ids.is_empty() || self.client_ids.iter().any(|id| id == client_id) {
            true => Ok(()),
            false => Err(wrong_kind("its client is not among client_ids")),
        }
    }

    pub(super) fn check_any_scope(&self, scopes: &[String]) -> Result<()> {
        match self.require_any_scope && scopes.is_empty() {
            true => Err(Error::insufficient_scope(Vec::new())),
            false => Ok(()),
        }
    }
}

/// Whether the name of an issuer contains a tenant of Entra.
pub(super) fn has_tenants(issuers: &[String]) -> bool {
    issuers.iter().any(|issuer| entra::tenant(issuer).is_some())
}

/// Checks that `tid` is the tenant in `iss`: one key signs the tokens of all tenants.
fn check_tenant(claims: &Map<String, Value>, issuer: &str) -> Result<()> {
    match (entra::tenant(issuer), claims.get("tid")) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(missing("tid")),
        (Some(tenant), Some(Value::String(tid))) if tid == tenant => Ok(()),
        (Some(_), Some(_)) => Err(invalid("tid", "is not the tenant that `iss` names")),
    }
}

impl Settings<'_> {
    pub(super) fn validate(&self) -> Result<()> {
        let bad = |field: &str, message: &str| {
            Err(Error::invalid_config(field, format!("{field} {message}")))
        };
        if self.audiences.is_empty() && self.client_ids.is_empty() {
            let message = "must have at least one entry; for an issuer whose tokens have no \
                           `aud`, list the clients to accept in client_ids";
            return bad("audiences", message);
        }
        for (field, list) in [
            ("audiences", self.audiences),
            ("client_ids", self.client_ids),
            ("client_id_claims", self.client_id_claims),
            ("forbidden_claims", self.forbidden_claims),
        ] {
            if list.iter().any(String::is_empty) {
                return bad(field, "must not have an empty entry");
            }
        }
        if !self.is_oauth && !self.client_id_claims.is_empty() {
            return bad("client_id_claims", "is only for the profile oauth");
        }
        if !self.is_oauth && self.allow_missing_sub {
            return bad("allow_missing_sub", "is only for the profile oauth");
        }
        let is_needed = |name: &String| {
            NEEDED.contains(&name.as_str())
                || self.required_claims.contains_key(name)
                || self.client_id_claims == [name.as_str()]
        };
        if self.forbidden_claims.iter().any(is_needed) {
            return bad("forbidden_claims", "names a claim that a token must have");
        }
        let parsed = |claim: &String| ScopeClaim::parse(claim, self.audiences).is_some();
        if !self.scope_claims.iter().all(parsed) {
            let message = "must have names such as scp and paths such as realm_access.roles; \
                           {audience} is a whole part of a path and needs audiences";
            return bad("scope_claims", message);
        }
        match self.max_token_lifetime.is_some_and(|most| most.is_zero()) {
            true => bad("max_token_lifetime", "must be more than 0"),
            false => Ok(()),
        }
    }
}
