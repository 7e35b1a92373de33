//! The API's records, under the API's names.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::error::Error;
use crate::json::lenient;
use crate::secret::Secret;

/// An M2M client, as Stytch shows it: without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct M2MClient {
    /// The id that the client authenticates with.
    pub client_id: String,
    /// A name for people.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub client_name: String,
    /// A description for people.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub client_description: String,
    /// Whether it may fetch tokens.
    #[serde(default)]
    pub status: ClientStatus,
    /// The scopes that it may ask for.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub scopes: Vec<String>,
    /// The last four characters of its secret.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub client_secret_last_four: String,
    /// The last four characters of the secret that a rotation is bringing in; `None` when none is
    /// under way.
    #[serde(default)]
    pub next_client_secret_last_four: Option<String>,
    /// Your own data about the client: at most 20 top-level keys and 4 KB.
    #[serde(default, deserialize_with = "lenient::object")]
    pub trusted_metadata: Option<Map<String, Value>>,
}

impl M2MClient {
    /// Whether these are its scopes, in whatever order.
    pub(crate) fn has_scopes(&self, scopes: &[String]) -> bool {
        let set = |scopes: &[String]| scopes.iter().cloned().collect::<BTreeSet<_>>();
        set(&self.scopes) == set(scopes)
    }
}

/// Whether a client may fetch tokens. Tokens that it already has stay valid until they expire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum ClientStatus {
    /// The client can fetch tokens.
    Active,
    /// The client cannot fetch new tokens.
    Inactive,
    /// The server says something that this version does not know. It cannot be set.
    #[default]
    Unknown,
}

impl ClientStatus {
    /// The API's word, `active` or `inactive`; `unknown` for any other.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Unknown => "unknown",
        }
    }
}

/// `active` or `inactive`: what can be set.
impl FromStr for ClientStatus {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "active" => Ok(Self::Active),
            "inactive" => Ok(Self::Inactive),
            _ => Err(Error::invalid_config("status", "status must be `active` or `inactive`")),
        }
    }
}

impl<'de> Deserialize<'de> for ClientStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match lenient::text(deserializer)?.as_deref() {
            Some("active") => Self::Active,
            Some("inactive") => Self::Inactive,
            _ => Self::Unknown,
        })
    }
}

impl fmt::Display for ClientStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What to create. Nothing is required; a client without scopes can still fetch tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateRequest {
    /// The scopes that the client may ask for.
    pub scopes: Vec<String>,
    /// An id of your own, as for an import. Default: the server makes one, or this library where
    /// `idempotent` is set.
    pub client_id: Option<String>,
    /// A secret of your own, at least 8 characters. Default: as for `client_id`.
    pub client_secret: Option<Secret>,
    /// A name for people.
    pub client_name: Option<String>,
    /// A description for people.
    pub client_description: Option<String>,
    /// Your own data: at most 20 top-level keys and 4 KB.
    pub trusted_metadata: Option<Map<String, Value>>,
    /// Makes the call safe to repeat. The id and the secret that are not given are made here, so
    /// that a lost answer is resolved by looking the client up; and a client that is there already,
    /// with this id, secret, name and scopes, is a success too. Two calls of yours make two clients,
    /// unless both name the same `client_id` and `client_secret`.
    pub idempotent: bool,
}

/// A created client, with the only sight of its secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct CreateResponse {
    /// The client and its secret.
    pub m2m_client: M2MClientWithClientSecret,
    /// The server's id of the request.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub request_id: String,
    /// The HTTP status.
    #[serde(default, deserialize_with = "lenient::status_or_zero")]
    pub status_code: u16,
}

/// A client together with its secret, which Stytch does not keep: store it now.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct M2MClientWithClientSecret {
    /// The client.
    #[serde(flatten)]
    pub client: M2MClient,
    /// Its secret.
    pub client_secret: Secret,
}

/// A client whose secret is being rotated, together with the next secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct M2MClientWithNextClientSecret {
    /// The client.
    #[serde(flatten)]
    pub client: M2MClient,
    /// The secret that works beside the current one until the rotation ends.
    pub next_client_secret: Secret,
}

/// An answer that holds one client.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct ClientResponse {
    /// The client.
    pub m2m_client: M2MClient,
    /// The server's id of the request.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub request_id: String,
    /// The HTTP status.
    #[serde(default, deserialize_with = "lenient::status_or_zero")]
    pub status_code: u16,
}

/// A started rotation, with the only sight of the next secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct RotateStartResponse {
    /// The client and its next secret.
    pub m2m_client: M2MClientWithNextClientSecret,
    /// The server's id of the request.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub request_id: String,
    /// The HTTP status.
    #[serde(default, deserialize_with = "lenient::status_or_zero")]
    pub status_code: u16,
}

/// What to change. `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UpdateRequest {
    /// A new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// A new description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_description: Option<String>,
    /// Activates or deactivates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ClientStatus>,
    /// The scopes, replacing those that are there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// Merged at the top level; a key with a null value is removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted_metadata: Option<Map<String, Value>>,
}

/// The answer to a delete.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct DeleteResponse {
    /// The id of the client that is gone.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub client_id: String,
    /// The server's id of the request.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub request_id: String,
    /// The HTTP status.
    #[serde(default, deserialize_with = "lenient::status_or_zero")]
    pub status_code: u16,
}

/// What the API shows of a secret.
pub(super) fn last_four(secret: &Secret) -> String {
    let secret = secret.expose();
    let start = secret.char_indices().rev().nth(3).map_or(0, |(index, _)| index);
    secret.get(start..).unwrap_or_default().to_owned()
}
