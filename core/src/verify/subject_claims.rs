//! Custom claims that identify the subject of a token.

use std::borrow::Cow;

use super::scopes;
use crate::json::Value;

/// Custom claims that identify the subject of a token of [`TokenProfile::OAuth`](super::TokenProfile::OAuth). A null counts as
/// absent.
#[derive(Default)]
pub(super) struct SubjectClaims<'p> {
    /// `nonce`, `at_hash`, `c_hash`, `s_hash`, `events`; Keycloak's `typ` and Cognito's `token_use`.
    pub(super) id_token: bool,
    /// `auth_time`, `sid`: a user logged in.
    pub(super) login: bool,
    /// `idtyp` of Entra, `gty` of Auth0 and Kinde: the grant was the client's own, or a user's.
    pub(super) machine: Option<bool>,
    /// `scp`, and whether it has `openid`.
    pub(super) scp: Option<bool>,
    /// `appid`, `cid`, `clientId`: other claims with the client's id.
    pub(super) names: Vec<Cow<'p, str>>,
    pub(super) appid: Option<Cow<'p, str>>,
    pub(super) oid: Option<Cow<'p, str>>,
    /// `cid`, which only Okta's tokens have: in a client's token it equals `sub`.
    pub(super) okta: bool,
    pub(super) tid: bool,
    /// `clientHost`, `clientAddress`: Keycloak's claims for a client that used its own credentials.
    pub(super) client_address: bool,
}

impl<'p> SubjectClaims<'p> {
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

    /// Records one sign. If two signs contradict each other, the token is a user's.
    fn is_machine(&mut self, says: bool) {
        self.machine = Some(says && self.machine != Some(false));
    }
}

fn is_clients_grant(grant: &str) -> bool {
    matches!(grant, "client_credentials" | "client-credentials")
}

/// Whether scopes, in one string or an array, contain `openid`, which requests an ID token.
pub(super) fn has_openid(scopes: &Option<Value<'_>>) -> bool {
    let is_openid = |scope: &Value<'_>| matches!(scope, Value::String(s) if s == "openid");
    match scopes {
        Some(Value::String(scopes)) => scopes::split(scopes).any(|scope| scope == "openid"),
        Some(Value::Array(scopes)) => scopes.iter().any(is_openid),
        _ => false,
    }
}
