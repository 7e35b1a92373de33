//! The tenant's token endpoint.

use axum::{Json, body::Bytes, extract::State, http::HeaderMap};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    access_token::AccessToken,
    tenant::{ORGANIZATIONS, Object, TenantObjects, flag, strings, text},
};
use crate::{
    reply::{AccessTokenReply, TokenError},
    secret::SecretHash,
    state::SharedState,
    token::{GrantType, SecretGrant},
};

/// The token request.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct Auth0Grant {
    grant_type: GrantType,
    client_id: String,
    client_secret: String,
    /// The identifier of a resource server.
    audience: String,
    /// Space-separated scopes. Default: all granted scopes.
    #[schema(nullable = false)]
    scope: Option<String>,
    /// The id of an organization that the token is for.
    #[schema(nullable = false)]
    organization: Option<String>,
}

/// Get an access token
#[utoipa::path(
    post,
    path = "/oauth/token",
    operation_id = "auth0_token",
    tag = "Auth0",
    request_body(content(
        (Auth0Grant = "application/json"),
        (Auth0Grant = "application/x-www-form-urlencoded"),
    )),
    responses((status = OK, body = AccessTokenReply), TokenError)
)]
pub(crate) async fn token(
    State(state): State<SharedState>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<AccessTokenReply>, TokenError> {
    let grant = SecretGrant::read(&headers, &body)?;
    let audience = grant.text("audience")?.unwrap_or_default();
    let requested = grant.requested_scopes()?.map(str::to_owned).collect();
    let named = grant.text("organization")?.map(str::to_owned);
    let (allowed, organization) = {
        let tenant = state.auth0.objects();
        let client = authenticate(&tenant, &grant)?;
        let organization = named.or_else(|| default_organization(client));
        let allowed = Allowed::find(&tenant, grant.client_id(), audience, organization.as_deref())?;
        (allowed, organization)
    };
    let is_management = audience == state.auth0.credentials().management_audience;
    let token = AccessToken {
        client_id: grant.client_id(),
        audience: json!(audience),
        scopes: allowed.restrict_to(requested)?,
        lifetime_seconds: allowed.lifetime_seconds,
        organization: organization.as_deref(),
    };
    let reply = token.issue(&state)?;
    if is_management {
        state.auth0.objects().store_token(reply.access_token.clone(), token.scopes);
    }
    Ok(Json(reply))
}

/// The organization of requests that name none.
fn default_organization(client: &Object) -> Option<String> {
    let default = client.get("default_organization")?.as_object()?;
    let is_own = strings(default, "flows").iter().any(|flow| flow == "client_credentials");
    is_own.then(|| text(default, "organization_id").to_owned())
}

fn authenticate<'t>(
    tenant: &'t TenantObjects,
    grant: &SecretGrant,
) -> Result<&'t Object, TokenError> {
    let is_it = |client: &&Object| text(client, "client_id") == grant.client_id();
    let client = tenant.clients.iter().find(is_it).ok_or_else(TokenError::unauthorized)?;
    let secret = client.get("client_secret").and_then(Value::as_str);
    if !secret.is_some_and(|secret| SecretHash::of(secret).matches(grant.client_secret())) {
        return Err(TokenError::unauthorized());
    }
    if strings(client, "grant_types").iter().any(|grant_type| grant_type == "client_credentials") {
        Ok(client)
    } else {
        let description = "Grant type 'client_credentials' not allowed for the client.";
        Err(TokenError::forbidden("unauthorized_client", description))
    }
}

/// Whether the grant is for this organization, or for none.
fn check_organization(grant: &Object, organization: Option<&str>) -> Result<(), TokenError> {
    let refused = |description: &str| Err(TokenError::forbidden("access_denied", description));
    match (text(grant, "organization_usage"), organization) {
        ("require", None) => refused("An organization is required."),
        (_, None) => Ok(()),
        ("allow" | "require", Some(organization)) => {
            let is_known = strings(grant, ORGANIZATIONS).iter().any(|one| one == organization);
            if is_known || flag(grant, "allow_any_organization") {
                Ok(())
            } else {
                refused("Client is not authorized to access this organization.")
            }
        }
        _ => refused("Client is not allowed to use organizations."),
    }
}

/// The scopes and the token lifetime that a client may have at an audience.
struct Allowed {
    scopes: Vec<String>,
    lifetime_seconds: u32,
}

impl Allowed {
    fn find(
        tenant: &TenantObjects,
        client_id: &str,
        audience: &str,
        organization: Option<&str>,
    ) -> Result<Self, TokenError> {
        let is_audience = |server: &&Object| text(server, "identifier") == audience;
        let server = tenant
            .resource_servers
            .iter()
            .find(is_audience)
            .ok_or_else(|| TokenError::forbidden("access_denied", "Service not found."))?;
        let is_grant = |grant: &&Object| {
            text(grant, "client_id") == client_id && text(grant, "audience") == audience
        };
        let grant = tenant.client_grants.iter().find(is_grant).ok_or_else(|| {
            let description = "Client is not authorized to access this audience.";
            TokenError::forbidden("access_denied", description)
        })?;
        check_organization(grant, organization)?;
        let scopes = if flag(grant, "allow_all_scopes") {
            let scopes = server.get("scopes").and_then(Value::as_array);
            let values = scopes.into_iter().flatten().filter_map(|scope| scope["value"].as_str());
            values.map(str::to_owned).collect()
        } else {
            strings(grant, "scope")
        };
        let lifetime = server.get("token_lifetime").and_then(Value::as_u64);
        let lifetime_seconds = lifetime.and_then(|seconds| seconds.try_into().ok());
        Ok(Self { scopes, lifetime_seconds: lifetime_seconds.unwrap_or(86_400) })
    }

    fn restrict_to(&self, requested: Vec<String>) -> Result<Vec<String>, TokenError> {
        if requested.is_empty() {
            return Ok(self.scopes.clone());
        }
        if requested.iter().all(|scope| self.scopes.contains(scope)) {
            return Ok(requested);
        }
        let description = "Client has not been granted a scope that it asks for.";
        Err(TokenError::forbidden("access_denied", description))
    }
}
