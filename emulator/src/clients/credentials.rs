//! How clients prove who they are, besides their secrets.

use jsonwebtoken::jwk::JwkSet;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::reply::ApiError;

/// A way to authenticate at the token endpoint (RFC 7591, section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuthMethod {
    /// Id and secret, form-encoded, in an `Authorization: Basic` header.
    ClientSecretBasic,
    /// Id and secret in the body.
    ClientSecretPost,
    /// A JWT that the client signs with its private key, or that a trusted issuer signs (RFC 7523).
    PrivateKeyJwt,
    /// The id alone.
    None,
}

impl AuthMethod {
    /// Every method.
    pub const ALL: &[Self] =
        &[Self::ClientSecretBasic, Self::ClientSecretPost, Self::PrivateKeyJwt, Self::None];
}

/// Tokens of another issuer that prove a client's identity: a Kubernetes service account's, a CI
/// job's, a SPIFFE workload's.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct FederatedCredential {
    /// The tokens' `iss`.
    pub issuer: String,
    /// The tokens' `sub`.
    pub subject: String,
    /// The tokens' `aud`. Default: the emulator's address or its token endpoint.
    pub audience: Option<String>,
    /// The issuer's public keys, as a JWK Set.
    #[schema(value_type = Object)]
    pub jwks: Map<String, Value>,
}

/// The credentials of a client in a seed.
#[derive(Default)]
pub(crate) struct CredentialSettings {
    pub(crate) methods: Option<Vec<AuthMethod>>,
    pub(crate) jwks: Option<Map<String, Value>>,
    pub(crate) federated: Vec<FederatedCredential>,
}

/// What a client may authenticate with.
#[derive(Clone)]
pub(crate) struct Credentials {
    methods: Vec<AuthMethod>,
    own_keys: Option<JwkSet>,
    federated: Vec<TrustedIssuer>,
}

/// An issuer whose tokens a client may authenticate with.
#[derive(Clone)]
pub(crate) struct TrustedIssuer {
    issuer: String,
    subject: String,
    pub(crate) audience: Option<String>,
    pub(crate) keys: JwkSet,
}

impl Default for Credentials {
    fn default() -> Self {
        let methods = vec![AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost];
        Self { methods, own_keys: None, federated: Vec::new() }
    }
}

impl Credentials {
    /// With keys, `private_key_jwt` is allowed in addition to the default methods.
    pub(crate) fn new(settings: CredentialSettings) -> Result<Self, ApiError> {
        let own_keys = settings.jwks.map(|jwks| key_set("jwks", jwks)).transpose()?;
        let federated = settings.federated.into_iter().map(|credential| {
            let FederatedCredential { issuer, subject, audience, jwks } = credential;
            let keys = key_set("federated_credentials", jwks)?;
            Ok(TrustedIssuer { issuer, subject, audience, keys })
        });
        let federated = federated.collect::<Result<Vec<_>, ApiError>>()?;
        let mut credentials = Self { own_keys, federated, ..Self::default() };
        if let Some(methods) = settings.methods {
            credentials.methods = methods;
        } else if credentials.own_keys.is_some() || !credentials.federated.is_empty() {
            credentials.methods.push(AuthMethod::PrivateKeyJwt);
        }
        Ok(credentials)
    }

    pub(crate) fn allow(&self, method: AuthMethod) -> bool {
        self.methods.contains(&method)
    }

    /// The keys that the client signs with.
    pub(crate) fn own_keys(&self) -> Option<&JwkSet> {
        self.own_keys.as_ref()
    }

    /// The trusted issuer of a token with these claims.
    pub(crate) fn trusted(&self, issuer: &str, subject: &str) -> Option<&TrustedIssuer> {
        self.federated.iter().find(|one| one.issuer == issuer && one.subject == subject)
    }
}

fn key_set(field: &str, jwks: Map<String, Value>) -> Result<JwkSet, ApiError> {
    serde_json::from_value(Value::Object(jwks)).map_err(|_| {
        let message = format!("The {field} must have a JWK Set of public keys.");
        ApiError::bad_request("bad_request", message)
    })
}
