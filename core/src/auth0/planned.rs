//! The plan for one client.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::state::{OnConflict, PlanState, SkipReason};
use crate::clients::model::CreateRequest;
use crate::clients::organization::ORGANIZATION_KEY;
use crate::secret::Secret;

/// A client's scopes by audience.
pub(super) type Grants = BTreeMap<String, BTreeSet<String>>;

/// The plan for one client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedClient {
    /// The client's id, at Auth0 and at Stytch.
    pub client_id: String,
    /// The client's state.
    pub state: PlanState,
    /// The reason why the client is skipped or is an orphan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<SkipReason>,
    /// The fields in which the client at Stytch with this id differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
    /// How to resolve a conflict of this client. Default: the import's options.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_conflict: Option<OnConflict>,
    /// The client's name.
    #[serde(default)]
    pub client_name: String,
    /// The client's description.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub client_description: String,
    /// The client's scopes at Stytch.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The client's metadata at Stytch.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub trusted_metadata: Map<String, Value>,
    /// The client's scopes at Auth0 by audience, when the plan was made. An import does not create
    /// a client that has lost any of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub grants: Grants,
    /// The organizations at Auth0 that all its grants are for. The client at Stytch has one of them,
    /// as `organization_id` in `trusted_metadata`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub organizations: Vec<String>,
    /// Notes about the client.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl PlannedClient {
    /// The request that creates the client.
    pub(super) fn request(&self, secret: &Secret) -> CreateRequest {
        CreateRequest {
            scopes: self.scopes.clone(),
            client_id: Some(self.client_id.clone()),
            client_secret: Some(secret.clone()),
            client_name: Some(self.client_name.clone()),
            client_description: Some(self.client_description.clone()),
            trusted_metadata: Some(self.trusted_metadata.clone()),
            ..CreateRequest::default()
        }
    }

    /// The organization in the client's metadata.
    pub(super) fn organization(&self) -> Option<&str> {
        let own = self.trusted_metadata.get(ORGANIZATION_KEY)?.as_str()?;
        (!own.is_empty()).then_some(own)
    }

    /// Whether the client should exist at Stytch.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        !matches!(self.state, PlanState::Skip | PlanState::Orphan)
    }
}
