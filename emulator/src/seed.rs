//! The seed: the initial state, from YAML, JSON or Rust.

mod error;

use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::{Map, Value};
use utoipa::ToSchema;

pub use self::error::SeedError;
use crate::{
    auth0::Auth0Seed,
    clients::{
        self, AuthMethod, Client, ClientSettings, CredentialSettings, Credentials,
        FederatedCredential,
    },
    json,
    organization::OrganizationSeed,
    reply::ApiError,
    token::settings::TokenSettings,
    workspace::WorkspaceSeed,
};

/// The emulator's data at the start and after a reset.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Seed {
    /// The project id. Only read at the start.
    pub project_id: Option<String>,
    /// The project secret. Only read at the start.
    pub secret: Option<String>,
    /// Stytch's M2M clients.
    #[serde(deserialize_with = "json::objects")]
    pub clients: Vec<ClientSeed>,
    /// The settings of issued tokens.
    #[serde(deserialize_with = "json::object")]
    pub token_settings: TokenSettings,
    /// The client of the organization-scoped API.
    #[serde(deserialize_with = "json::object")]
    pub organization: OrganizationSeed,
    /// The Auth0 tenant.
    #[serde(deserialize_with = "json::object")]
    pub auth0: Auth0Seed,
    /// The workspace, with the key to its management API.
    #[serde(deserialize_with = "json::object")]
    pub workspace: WorkspaceSeed,
}

/// One of Stytch's M2M clients.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ClientSeed {
    /// Default: generated.
    pub client_id: Option<String>,
    /// Default: generated and not shown; set one to use the client.
    pub client_secret: Option<String>,
    /// Default: empty.
    pub client_name: Option<String>,
    /// Default: empty.
    pub client_description: Option<String>,
    /// `active`, the default, or `inactive`.
    pub status: Option<String>,
    /// Default: none.
    pub scopes: Vec<String>,
    /// Default: empty.
    #[schema(value_type = Option<Object>)]
    pub trusted_metadata: Option<Value>,
    /// How the client may authenticate at the token endpoint. Default: `client_secret_basic` and
    /// `client_secret_post`; with `jwks` or `federated_credentials`, also `private_key_jwt`.
    pub token_endpoint_auth_methods: Option<Vec<AuthMethod>>,
    /// The client's public keys as a JWK Set, for `private_key_jwt`. Default: none.
    #[serde(deserialize_with = "json::optional_object")]
    #[schema(value_type = Option<Object>)]
    pub jwks: Option<Map<String, Value>>,
    /// Tokens of other issuers that prove the client's identity. Default: none.
    #[serde(deserialize_with = "json::objects")]
    pub federated_credentials: Vec<FederatedCredential>,
}

impl ClientSeed {
    /// A client with fixed credentials and these scopes.
    pub fn new<S: Into<String>>(
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
        scopes: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            client_id: Some(client_id.into()),
            client_secret: Some(client_secret.into()),
            scopes: scopes.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn build(self) -> Result<Client, ApiError> {
        let settings = ClientSettings {
            client_name: self.client_name,
            client_description: self.client_description,
            status: self.status,
            scopes: Some(self.scopes),
            trusted_metadata: self.trusted_metadata,
        };
        let credentials = Credentials::new(CredentialSettings {
            methods: self.token_endpoint_auth_methods,
            jwks: self.jwks,
            federated: self.federated_credentials,
        })?;
        let (client, _) = clients::register(self.client_id, self.client_secret, settings)?;
        Ok(client.with_credentials(credentials))
    }
}

impl Seed {
    /// Reads JSON or YAML. JSON is read as strictly as the API reads it.
    pub fn parse(text: &str) -> Result<Self, SeedError> {
        let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
        let seed = if is_json {
            let mut reader = serde_json::Deserializer::from_str(text);
            serde_path_to_error::deserialize(&mut reader)
                .map_err(|error| (error.inner().line(), error.path().to_string()))
        } else {
            let reader = yaml_serde::Deserializer::from_str(text);
            serde_path_to_error::deserialize(reader).map_err(|error| {
                let line = error.inner().location().map_or(0, |location| location.line());
                (line, error.path().to_string())
            })
        };
        seed.map(|Top(seed)| seed).map_err(|(line, field)| SeedError::Syntax {
            line,
            field: Some(field).filter(|field| field != "."),
        })
    }
}

/// A seed at the top of a file, which must be an object as well.
#[derive(Deserialize)]
#[serde(transparent)]
struct Top(#[serde(deserialize_with = "json::object")] Seed);
