//! The subject of a token: tells a client's access token from a user's and from an ID token.
//!
//! The guide (`docs/verify-tokens.md`, "What is a client") describes the same rule.

use super::header::Header;
use super::issuer::IssuerConfig;
use super::payload::{Payload, invalid, missing, string, wrong_kind};
use super::policy::NamedClient;
use super::profile::TokenProfile;
use super::subject_claims::{SubjectClaims, has_openid};
use crate::error::Result;
use crate::json::Value;

/// Prefixes of Stytch's user ids. A client can have a custom id such as `user-sync`.
const STYTCH_USER_PREFIXES: [&str; 4] =
    ["user-test-", "user-live-", "member-test-", "member-live-"];
/// Prefixes of the ids of Stytch's Connected Apps, which their tokens have as `client_id`.
const STYTCH_APP_PREFIXES: [&str; 2] = ["connected-app-test-", "connected-app-live-"];

/// The client id of the token with this encoded header. `named` is the client by the issuer's
/// `client_id_claims`.
pub(super) fn client_id(
    payload: &Payload<'_>,
    header: &str,
    signs: &SubjectClaims<'_>,
    issuer: &IssuerConfig,
    named: Option<&NamedClient>,
) -> Result<String> {
    let sub = match string("sub", &payload.sub)? {
        Some("") => return Err(invalid("sub", "is empty")),
        None if !issuer.allow_missing_sub => return Err(missing("sub")),
        sub => sub,
    };
    match (issuer.profile, sub) {
        (TokenProfile::Stytch, Some(sub)) => stytch(sub, payload),
        (TokenProfile::Auth0, Some(sub)) => auth0(sub, payload),
        (TokenProfile::OAuth, sub) => oauth(sub, payload, header, signs, issuer, named),
        (_, None) => Err(missing("sub")),
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

fn is_of_rfc9068(header: &str) -> bool {
    Header::decode(header).is_ok_and(|header| header.is_kind_of(Some("at+jwt"), false))
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
    sub: Option<&str>,
    payload: &Payload<'_>,
    header: &str,
    signs: &SubjectClaims<'_>,
    issuer: &IssuerConfig,
    named: Option<&NamedClient>,
) -> Result<String> {
    let client_id = name("client_id", &payload.client_id)?;
    if client_id == Some("") {
        return Err(invalid("client_id", "is empty"));
    }
    let azp = name("azp", &payload.azp)?.filter(|azp| !azp.is_empty());
    // Only Entra's tokens have both; version 1 has the client's id in `appid`.
    let entra = signs.oid.as_deref().filter(|_| signs.tid);
    let appid = signs.appid.as_deref().filter(|_| entra.is_some());
    let client = named.and_then(NamedClient::id).or(client_id).or(azp).or(appid);
    // Without a claim that names the client, `sub` does.
    let id = || match named {
        Some(NamedClient::Missing(claim)) => Err(missing(claim)),
        _ => client.or(sub).map(str::to_owned).ok_or_else(|| missing("client_id")),
    };
    if signs.id_token {
        return Err(wrong_kind("it is an ID token, a refresh token or a logout token"));
    }
    let mut names: Vec<_> = signs.names.iter().map(|name| &**name).collect();
    names.extend([client_id, azp].into_iter().flatten());
    if let Some(NamedClient::Other(id)) = named {
        names.push(id);
    }
    let is_client = sub.is_some_and(|sub| {
        names.contains(&sub)
            || client.is_some_and(|id| sub.strip_suffix("@clients") == Some(id))
            // Entra's application tokens have the application's object id as `sub`, and its own
            // permissions.
            || entra.is_some_and(|oid| oid == sub && signs.scp.is_none())
    })
        // Keycloak adds the client's address only for a service account.
        || client.is_some() && signs.client_address;
    if signs.machine.unwrap_or(is_client) {
        return id();
    }
    let openid = signs.scp == Some(true) || has_openid(&payload.scope);
    let provider = entra.is_some() || signs.okta;
    if signs.login || signs.machine.is_some() || provider || openid && !names.is_empty() {
        return Err(wrong_kind("it is about a user"));
    }
    let has_other_subject = sub.is_some() && !names.is_empty();
    // RFC 9068, section 2.2: `sub` is the user if there is one, and else the client.
    if has_other_subject && named.is_none() && is_of_rfc9068(header) {
        return Err(wrong_kind(
            "it is about a user: its `typ` is at+jwt and its `sub` is not its client id. If the \
             issuer's clients have such tokens, set client_id_claims",
        ));
    }
    if issuer.require_client_subject && has_other_subject {
        return Err(wrong_kind(
            "its `sub` is not its client id, and require_client_subject is set",
        ));
    }
    id()
}
