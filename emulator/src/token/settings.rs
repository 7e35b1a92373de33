//! Settings of issued tokens, and changes that make tokens invalid on purpose.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::template::{Template, TemplateError};
use crate::{clients::AuthMethod, json, lock::lock};

/// The settings of the tokens that the token endpoint issues.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TokenSettings {
    /// `exp` minus `iat`, in seconds: 3600 by default, as at Stytch.
    #[schema(maximum = 4_294_967_295_u32)]
    pub lifetime_seconds: u32,
    /// A JSON object in which `{{ request.name }}` stands for a parameter of the token request,
    /// which its sender chooses, and `{{ client.trusted_metadata.name }}` for a value of the
    /// client's metadata. A claim whose value is absent is left out.
    pub custom_claims_template: Option<String>,
    /// Another audience, beside the project id.
    pub custom_audience: Option<String>,
    /// Whether every address of the emulator is as a custom domain: a token's `iss` is the address
    /// under which the emulator was called, such as `http://localhost:4000`, and the discovery
    /// documents name `/v1/oauth2/token`. Default: no; `iss` is `stytch.com/{project_id}`.
    pub custom_domain: bool,
    /// The authentication methods that the token endpoint offers in its discovery documents and
    /// accepts. Default: all.
    pub token_endpoint_auth_methods_supported: Vec<AuthMethod>,
    /// Changes to every token.
    #[serde(deserialize_with = "json::object")]
    pub changes: TokenChanges,
}

impl Default for TokenSettings {
    fn default() -> Self {
        Self {
            lifetime_seconds: 3600,
            custom_claims_template: None,
            custom_audience: None,
            custom_domain: false,
            token_endpoint_auth_methods_supported: AuthMethod::ALL.to_vec(),
            changes: TokenChanges::default(),
        }
    }
}

/// Changes to a token, to make it invalid. The default changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TokenChanges {
    /// Shifts `iat`, `nbf` and `exp`: negative for an expired token, positive for one that is not
    /// yet valid.
    pub issued_at_offset_seconds: i32,
    /// Claims to set; `null` removes one.
    #[schema(value_type = Object)]
    pub claims: Map<String, Value>,
    /// Header members to set; `null` removes one.
    #[schema(value_type = Object)]
    pub header: Map<String, Value>,
    /// How to sign.
    pub signature: Signature,
}

impl TokenChanges {
    /// Expired an hour ago, at Stytch's lifetime of an hour.
    pub fn expired() -> Self {
        Self { issued_at_offset_seconds: -7200, ..Self::default() }
    }

    /// Valid in an hour.
    pub fn not_yet_valid() -> Self {
        Self { issued_at_offset_seconds: 3600, ..Self::default() }
    }

    /// Sets a claim; `null` removes it.
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// Sets a header member; `null` removes it.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.header.insert(name.into(), value.into());
        self
    }

    /// Sets how the token is signed.
    #[must_use]
    pub fn signature(mut self, signature: Signature) -> Self {
        self.signature = signature;
        self
    }
}

/// How a token is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Signature {
    /// With the current key.
    #[default]
    Valid,
    /// With the current key, but one bit of the signature is flipped.
    Corrupted,
    /// With a key that is in no key set, and its own `kid`.
    UnknownKey,
}

/// A token to issue without client credentials.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TokenRequest {
    /// The subject. No client needs to have this id.
    pub client_id: String,
    /// The scopes, whether the client has them or not. Default: those of the client.
    pub scopes: Option<Vec<String>>,
    /// Parameters for the custom-claims template.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub extra: Map<String, Value>,
    /// Changes to this token. Default: what the token settings change.
    #[serde(default, deserialize_with = "json::optional_object")]
    pub changes: Option<TokenChanges>,
}

impl TokenRequest {
    /// A token of this client, as the token endpoint would issue it.
    pub fn new(client_id: impl Into<String>) -> Self {
        Self { client_id: client_id.into(), ..Self::default() }
    }

    /// Sets exactly these scopes.
    #[must_use]
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// Adds a parameter for the custom-claims template.
    #[must_use]
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extra.insert(name.into(), value.into());
        self
    }

    /// Changes to this token.
    #[must_use]
    pub fn changes(mut self, changes: TokenChanges) -> Self {
        self.changes = Some(changes);
        self
    }
}

/// Settings whose template is parsed.
#[derive(Clone, Default)]
pub(crate) struct ParsedSettings {
    pub(crate) settings: TokenSettings,
    pub(crate) template: Option<Template>,
}

impl ParsedSettings {
    pub(crate) fn new(settings: TokenSettings) -> Result<Self, TemplateError> {
        let template =
            settings.custom_claims_template.as_deref().map(Template::parse).transpose()?;
        Ok(Self { settings, template })
    }
}

/// The current settings.
pub(crate) struct CurrentSettings(Mutex<ParsedSettings>);

impl CurrentSettings {
    pub(crate) fn new(settings: ParsedSettings) -> Self {
        Self(Mutex::new(settings))
    }

    pub(crate) fn get(&self) -> ParsedSettings {
        lock(&self.0).clone()
    }

    pub(crate) fn replace(&self, settings: ParsedSettings) {
        *lock(&self.0) = settings;
    }
}
