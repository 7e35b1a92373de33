//! The workspace key and the project's slugs, and how they are seeded.

use std::sync::Mutex;

use aws_lc_rs::error::Unspecified;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{lock::lock, secret};

/// The workspace that the project belongs to. Missing values are generated.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct WorkspaceSeed {
    /// The id of the workspace key.
    pub key_id: Option<String>,
    /// The secret of the workspace key.
    pub key_secret: Option<String>,
    /// The project's slug. Default: `emulated-project`.
    pub project_slug: Option<String>,
    /// The slug of the project's environment. Default: `test`.
    pub environment_slug: Option<String>,
}

/// The workspace key, and the slugs of the project.
#[derive(Clone, Serialize, ToSchema)]
#[non_exhaustive]
pub struct WorkspaceCredentials {
    /// The id of the workspace key.
    pub key_id: String,
    /// The secret of the workspace key.
    pub key_secret: String,
    /// The project's slug.
    pub project_slug: String,
    /// The slug of the project's environment.
    pub environment_slug: String,
}

impl WorkspaceSeed {
    pub(crate) fn build(self) -> Result<WorkspaceCredentials, Unspecified> {
        let key_id = || format!("workspace-key-test-{}", Uuid::new_v4());
        Ok(WorkspaceCredentials {
            key_id: self.key_id.unwrap_or_else(key_id),
            key_secret: self.key_secret.map_or_else(secret::generate, Ok)?,
            project_slug: self.project_slug.unwrap_or_else(|| "emulated-project".into()),
            environment_slug: self.environment_slug.unwrap_or_else(|| "test".into()),
        })
    }
}

pub(crate) struct Workspace(Mutex<WorkspaceCredentials>);

impl Workspace {
    pub(crate) fn new(credentials: WorkspaceCredentials) -> Self {
        Self(Mutex::new(credentials))
    }

    pub(crate) fn replace(&self, credentials: WorkspaceCredentials) {
        *lock(&self.0) = credentials;
    }

    pub(crate) fn credentials(&self) -> WorkspaceCredentials {
        lock(&self.0).clone()
    }
}
