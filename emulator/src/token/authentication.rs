//! Which client a token request is from.

use super::{
    assertion::client_of,
    parameters::{Grant, GrantType, Identification, no_credentials},
};
use crate::{
    called_url::CalledUrl,
    clients::{AuthMethod, Client},
    reply::OAuthError,
    state::State,
};

/// The client of a request that authenticates it.
pub(super) fn authenticate(
    state: &State,
    called: &CalledUrl,
    grant: &Grant,
) -> Result<Client, OAuthError> {
    let client = match grant.grant_type() {
        GrantType::ClientCredentials => by_credentials(state, called, grant)?,
        GrantType::JwtBearer => by_grant(state, called, grant)?,
    };
    if client.is_active() { Ok(client) } else { Err(OAuthError::invalid_client()) }
}

fn by_credentials(state: &State, called: &CalledUrl, grant: &Grant) -> Result<Client, OAuthError> {
    let known = |id: &str| state.clients.find(id);
    let (client, method) = match grant.client() {
        Identification::Secret { client_id, client_secret, method } => {
            (known(client_id).filter(|client| client.accepts(client_secret)), *method)
        }
        Identification::Assertion { client_id, assertion } => {
            let is_it = |client: &Client| client_id.as_ref().is_none_or(|id| id == client.id());
            (client_of(state, called, assertion).filter(is_it), AuthMethod::PrivateKeyJwt)
        }
        Identification::Id(client_id) => {
            let client = known(client_id);
            let allows = |client: &Client| client.credentials().allow(AuthMethod::None);
            if !client.as_ref().is_some_and(allows) {
                return Err(no_credentials());
            }
            (client, AuthMethod::None)
        }
        Identification::Nothing => return Err(no_credentials()),
    };
    let settings = state.token_settings.get().settings;
    let is_offered = settings.token_endpoint_auth_methods_supported.contains(&method);
    client
        .filter(|client| is_offered && client.credentials().allow(method))
        .ok_or_else(OAuthError::invalid_client)
}

/// The JWT bearer grant (RFC 7523, section 2.1), with or without client authentication.
fn by_grant(state: &State, called: &CalledUrl, grant: &Grant) -> Result<Client, OAuthError> {
    let Some(assertion) = grant.text("assertion")? else {
        return Err(OAuthError::invalid_request("The assertion is missing."));
    };
    let client = client_of(state, called, assertion).ok_or_else(OAuthError::invalid_grant)?;
    match grant.client() {
        Identification::Nothing => Ok(client),
        Identification::Id(client_id) if client_id == client.id() => Ok(client),
        Identification::Id(_) => Err(OAuthError::invalid_client()),
        Identification::Secret { .. } | Identification::Assertion { .. } => {
            let other = by_credentials(state, called, grant)?;
            let is_same = other.id() == client.id();
            if is_same { Ok(client) } else { Err(OAuthError::invalid_grant()) }
        }
    }
}
