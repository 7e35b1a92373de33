//! The subject of a token: tells a client's access token from a user's and from an ID token.
//!
//! The guide (`docs/verify-tokens.md`, "What is a client") describes the same rule.

use std::borrow::Cow;

use super::claims::{Payload, invalid, missing, string, wrong_kind};
use super::issuer::{IssuerConfig, TokenProfile};
use super::scopes;
use crate::error::Result;
use crate::json::Value;

/// Prefixes of Stytch's user ids. A client can have a custom id such as `user-sync`.
const STYTCH_USER_PREFIXES: [&str; 4] =
    ["user-test-", "user-live-", "member-test-", "member-live-"];
/// Prefixes of the ids of Stytch's Connected Apps, which their tokens have as `client_id`.
const STYTCH_APP_PREFIXES: [&str; 2] = ["connected-app-test-", "connected-app-live-"];

/// Custom claims that identify the subject of a token of [`TokenProfile::OAuth`]. A null counts as
/// absent.
#[derive(Default)]
pub(super) struct Marks<'p> {
    /// `nonce`, `at_hash`, `c_hash`, `s_hash`, `events`; Keycloak's `typ` and Cognito's `token_use`.
    id_token: bool,
    /// `auth_time`, `sid`: a user logged in.
    login: bool,
    /// `idtyp` of Entra, `gty` of Auth0 and Kinde: the grant was the client's own, or a user's.
    machine: Option<bool>,
    /// `scp`, and whether it has `openid`.
    scp: Option<bool>,
    /// `appid`, `cid`, `clientId`: other claims with the client's id.
    names: Vec<Cow<'p, str>>,
    appid: Option<Cow<'p, str>>,
    oid: Option<Cow<'p, str>>,
    /// `cid`, which only Okta's tokens have: in a client's token it equals `sub`.
    okta: bool,
    tid: bool,
    /// `clientHost`, `clientAddress`: Keycloak's claims for a client that used its own credentials.
    client_address: bool,
}

impl<'p> Marks<'p> {
    pub(super) fn member(&mut self, name: &str, value: Value<'p>) {
        match (name, value) {
            (_, Value::Null) => {}
            ("nonce" | "at_hash" | "c_hash" | "s_hash" | "events", _) => self.id_token = true,
            ("typ", Value::String(typ)) => {
                self.id_token |= matches!(&*typ, "ID" | "Refresh" | "Offline");
            }
            ("token_use", Value::String(token_use)) => self.id_token |= token_use == "id",
            ("auth_time" | "sid", _) => self.login = true,
            ("idtyp", Value::String(kind)) => self.is_machine(kind == "app"),
            ("gty", Value::String(grant)) => self.is_machine(is_clients_grant(&grant)),
            ("gty", Value::Array(grants)) if !grants.is_empty() => {
                let is_clients = |grant: &Value<'_>| match grant {
                    Value::String(grant) => is_clients_grant(grant),
                    _ => false,
                };
                self.is_machine(grants.iter().all(is_clients));
            }
            ("scp", scp) => self.scp = Some(has_openid(&Some(scp))),
            ("appid", Value::String(id)) => {
                self.appid = Some(id.clone());
                self.names.push(id);
            }
            ("cid", Value::String(id)) => {
                self.okta = true;
                self.names.push(id);
            }
            ("clientId", Value::String(id)) => self.names.push(id),
            ("oid", Value::String(id)) => self.oid = Some(id),
            ("tid", _) => self.tid = true,
            ("clientHost" | "clientAddress", _) => self.client_address = true,
            _ => {}
        }
    }

    /// Records one mark. If two marks contradict each other, the token is a user's.
    fn is_machine(&mut self, says: bool) {
        self.machine = Some(says && self.machine != Some(false));
    }
}

fn is_clients_grant(grant: &str) -> bool {
    matches!(grant, "client_credentials" | "client-credentials")
}

/// Whether scopes, in one string or an array, contain `openid`, which requests an ID token.
fn has_openid(scopes: &Option<Value<'_>>) -> bool {
    let is_openid = |scope: &Value<'_>| matches!(scope, Value::String(s) if s == "openid");
    match scopes {
        Some(Value::String(scopes)) => scopes::split(scopes).any(|scope| scope == "openid"),
        Some(Value::Array(scopes)) => scopes.iter().any(is_openid),
        _ => false,
    }
}

/// The client id of the token.
pub(super) fn client_id(
    payload: &Payload<'_>,
    marks: &Marks<'_>,
    issuer: &IssuerConfig,
) -> Result<String> {
    let sub = string("sub", &payload.sub)?.ok_or_else(|| missing("sub"))?;
    if sub.is_empty() {
        return Err(invalid("sub", "is empty"));
    }
    match issuer.profile {
        TokenProfile::Stytch => stytch(sub, payload),
        TokenProfile::Auth0 => auth0(sub, payload),
        TokenProfile::OAuth => oauth(sub, payload, marks, issuer),
    }
}

/// Whether a client's id starts like a Stytch user's, so that its tokens are refused.
pub(crate) fn is_like_a_user(client_id: &str) -> bool {
    starts(client_id, &STYTCH_USER_PREFIXES)
}

fn stytch(sub: &str, payload: &Payload<'_>) -> Result<String> {
    // A project's own claim called `client_id` is ignored.
    let app =
        matches!(&payload.client_id, Some(Value::String(id)) if starts(id, &STYTCH_APP_PREFIXES));
    if app || is_like_a_user(sub) {
        return Err(wrong_kind("it is a Connected App's token about a user"));
    }
    Ok(sub.to_owned())
}

fn starts(id: &str, shapes: &[&str]) -> bool {
    shapes.iter().any(|shape| id.starts_with(shape))
}

fn auth0(sub: &str, payload: &Payload<'_>) -> Result<String> {
    let Some(id) = sub.strip_suffix("@clients").filter(|id| !id.is_empty()) else {
        return Err(wrong_kind("its `sub` is not a client's"));
    };
    let client_id = name("client_id", &payload.client_id)?;
    let azp = name("azp", &payload.azp)?;
    if [client_id, azp].into_iter().flatten().any(|other| other != id) {
        return Err(wrong_kind("its `sub` and its client id differ"));
    }
    Ok(id.to_owned())
}

/// A claim that may contain the client's id. A null counts as absent.
fn name<'v>(claim: &str, value: &'v Option<Value<'_>>) -> Result<Option<&'v str>> {
    match value {
        Some(Value::Null) => Ok(None),
        value => string(claim, value),
    }
}

fn oauth(
    sub: &str,
    payload: &Payload<'_>,
    marks: &Marks<'_>,
    issuer: &IssuerConfig,
) -> Result<String> {
    let client_id = name("client_id", &payload.client_id)?;
    if client_id == Some("") {
        return Err(invalid("client_id", "is empty"));
    }
    let azp = name("azp", &payload.azp)?.filter(|azp| !azp.is_empty());
    // Only Entra's tokens have both; version 1 has the client's id in `appid`.
    let entra = marks.oid.as_deref().filter(|_| marks.tid);
    let appid = marks.appid.as_deref().filter(|_| entra.is_some());
    let client = client_id.or(azp).or(appid);
    if marks.id_token {
        return Err(wrong_kind("it is an ID token, a refresh token or a logout token"));
    }
    let mut names: Vec<_> = marks.names.iter().map(|name| &**name).collect();
    names.extend([client_id, azp].into_iter().flatten());
    let is_client = names.contains(&sub)
        || client.is_some_and(|id| sub.strip_suffix("@clients") == Some(id))
        // Entra's application tokens have the application's object id as `sub`, and its own
        // permissions.
        || entra.is_some_and(|oid| oid == sub && marks.scp.is_none())
        // Keycloak adds the client's address only for a service account.
        || client.is_some() && marks.client_address;
    if marks.machine.unwrap_or(is_client) {
        return Ok(client.unwrap_or(sub).to_owned());
    }
    let openid = marks.scp == Some(true) || has_openid(&payload.scope);
    let provider = entra.is_some() || marks.okta;
    if marks.login || marks.machine.is_some() || provider || openid && !names.is_empty() {
        return Err(wrong_kind("it is about a user"));
    }
    if issuer.require_client_subject && !names.is_empty() {
        return Err(wrong_kind(
            "its `sub` is not its client id, and require_client_subject is set",
        ));
    }
    Ok(client.unwrap_or(sub).to_owned())
}
