//! The token endpoint: the client-credentials grant of RFC 6749, section 4.4, and the JWT bearer
//! grant of RFC 7523, section 2.1.

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderName, header},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    authentication::authenticate,
    issue::{Content, IssueError, issue},
    parameters::{Grant, GrantType},
    template::Variables,
};
use crate::{
    called_url::CalledUrl,
    clients::Client,
    reply::{ApiError, OAuthError, Reply},
    request::Project,
    state::SharedState,
};

#[derive(Serialize, ToSchema)]
pub(crate) struct TokenReply {
    access_token: String,
    /// Always `bearer`.
    token_type: &'static str,
    /// The lifetime in seconds.
    expires_in: u32,
}

/// The documented request. The parser also accepts other parameters.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct TokenParameters {
    grant_type: GrantType,
    /// Here or in the Authorization header.
    #[schema(nullable = false)]
    client_id: Option<String>,
    /// Here or in the Authorization header.
    #[schema(nullable = false)]
    client_secret: Option<String>,
    /// Space-separated scopes. Default: all scopes of the client.
    #[schema(nullable = false)]
    scope: Option<String>,
    /// Proves the client's identity in place of a secret, with the `client_assertion_type`
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    #[schema(nullable = false)]
    client_assertion: Option<String>,
    #[schema(nullable = false)]
    client_assertion_type: Option<String>,
    /// The JWT of the JWT bearer grant.
    #[schema(nullable = false)]
    assertion: Option<String>,
    /// An absolute URI, added to the token's `aud`; a form may repeat it (RFC 8707).
    #[schema(nullable = false)]
    resource: Option<String>,
    /// Added to the token's `aud`; a form may repeat it.
    #[schema(nullable = false)]
    audience: Option<String>,
}

/// Get an access token
#[utoipa::path(
    post,
    path = "/v1/public/{project_id}/oauth2/token",
    operation_id = "token",
    tag = "Stytch",
    params(Project),
    security((), ("client" = [])),
    request_body(content(
        (TokenParameters = "application/json"),
        (TokenParameters = "application/x-www-form-urlencoded"),
    )),
    responses((status = OK, body = Reply<TokenReply>), OAuthError)
)]
pub(crate) async fn token(
    state: State<SharedState>,
    project: Result<Project, ApiError>,
    called: CalledUrl,
    headers: HeaderMap,
    body: Bytes,
) -> Result<TokenResponse, OAuthError> {
    project?;
    domain_token(state, called, headers, body).await
}

type TokenResponse = ([(HeaderName, &'static str); 1], Reply<TokenReply>);

/// Get an access token from a custom domain
#[utoipa::path(
    post,
    path = "/v1/oauth2/token",
    operation_id = "domain_token",
    tag = "Stytch",
    security((), ("client" = [])),
    request_body(content(
        (TokenParameters = "application/json"),
        (TokenParameters = "application/x-www-form-urlencoded"),
    )),
    responses((status = OK, body = Reply<TokenReply>), OAuthError)
)]
pub(crate) async fn domain_token(
    State(state): State<SharedState>,
    called: CalledUrl,
    headers: HeaderMap,
    body: Bytes,
) -> Result<TokenResponse, OAuthError> {
    let grant = Grant::read(&headers, &body)?;
    let client = authenticate(&state, &called, &grant)?;
    let content = Content {
        client_id: client.id(),
        scopes: &granted_scopes(&grant, &client)?,
        variables: Variables {
            request: grant.parameters(),
            trusted_metadata: client.trusted_metadata(),
        },
        audiences: &grant.targets()?,
        called: &called,
        changes: None,
    };
    let issued = issue(&state, content)?;
    let reply = TokenReply {
        access_token: issued.access_token,
        token_type: "bearer",
        expires_in: issued.lifetime_seconds,
    };
    // RFC 6749 section 5.1.
    Ok(([(header::CACHE_CONTROL, "no-store")], Reply::new(reply)))
}

/// The scopes to grant: the requested ones, or all scopes of the client.
fn granted_scopes(grant: &Grant, client: &Client) -> Result<Vec<String>, OAuthError> {
    let mut granted = Vec::new();
    for scope in grant.requested_scopes()? {
        if !client.scopes().iter().any(|known| known == scope) {
            return Err(OAuthError::invalid_scope("The client does not have a requested scope."));
        }
        if !granted.iter().any(|known| known == scope) {
            granted.push(scope.to_owned());
        }
    }
    Ok(if granted.is_empty() { client.scopes().to_vec() } else { granted })
}

impl From<IssueError> for OAuthError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Template(error) => Self::invalid_request(error.to_string()),
            IssueError::Cryptography => Self::server_error(),
        }
    }
}
