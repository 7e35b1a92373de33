//! The organization's one client, and how it is seeded.

use std::sync::Mutex;

use aws_lc_rs::error::Unspecified;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{lock::lock, secret};

/// The client of the organization-scoped API. Missing values are generated.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct OrganizationSeed {
    /// The client id.
    pub client_id: Option<String>,
    /// The client secret.
    pub client_secret: Option<String>,
    /// The bearer token that the API's own `Authorization` header must have.
    pub authorization: Option<String>,
}

/// The credentials for the organization-scoped API.
#[derive(Clone, Serialize, ToSchema)]
#[non_exhaustive]
pub struct OrganizationCredentials {
    /// The client id.
    pub client_id: String,
    /// The client secret, until it is rotated.
    pub client_secret: String,
    /// The bearer token that the API's own `Authorization` header must have.
    pub authorization: String,
}

impl OrganizationSeed {
    pub(crate) fn build(self) -> Result<OrganizationCredentials, Unspecified> {
        let or_random = |given: Option<String>| given.map_or_else(secret::generate, Ok);
        Ok(OrganizationCredentials {
            client_id: self.client_id.unwrap_or_else(|| Uuid::new_v4().simple().to_string()),
            client_secret: or_random(self.client_secret)?,
            authorization: or_random(self.authorization)?,
        })
    }
}

pub(crate) struct Organization(Mutex<OrganizationCredentials>);

impl Organization {
    pub(crate) fn new(credentials: OrganizationCredentials) -> Self {
        Self(Mutex::new(credentials))
    }

    pub(crate) fn replace(&self, credentials: OrganizationCredentials) {
        *lock(&self.0) = credentials;
    }

    pub(crate) fn credentials(&self) -> OrganizationCredentials {
        lock(&self.0).clone()
    }

    pub(super) fn rotate(&self) -> Result<String, Unspecified> {
        let secret = secret::generate()?;
        lock(&self.0).client_secret.clone_from(&secret);
        Ok(secret)
    }
}
