//! The file: clients as they should be.

use std::collections::HashMap;
use std::path::Path;

use clap::ValueEnum;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use stytch_m2m::{ClientStatus, CreateRequest, M2MClient};

use crate::failure::Failure;
use crate::output::plain;
use crate::{located, parsed};

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    #[serde(deserialize_with = "list")]
    pub(crate) clients: Vec<Declared>,
}

/// A list that is there: nothing behind `clients:` may be a slip, and `--prune` would delete all.
fn list<'de, D: Deserializer<'de>>(file: D) -> Result<Vec<Declared>, D::Error> {
    let clients = Option::deserialize(file)?;
    clients.ok_or_else(|| D::Error::custom("must be a list; for no clients, write `clients: []`"))
}

/// A client. What is not given stays as it is.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Declared {
    pub(crate) client_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<Status>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scopes: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) trusted_metadata: Option<Map<String, Value>>,
}

/// Whether a client can fetch tokens.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Active,
    Inactive,
}

impl From<Status> for ClientStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Active => Self::Active,
            Status::Inactive => Self::Inactive,
        }
    }
}

impl Declared {
    /// What creates the client, without its secret and status.
    pub(crate) fn request(&self) -> CreateRequest {
        CreateRequest {
            client_id: Some(self.client_id.clone()),
            client_name: self.client_name.clone(),
            client_description: self.client_description.clone(),
            scopes: self.scopes.clone().unwrap_or_default(),
            trusted_metadata: self.metadata(),
            client_secret: None,
            organization_id: None,
            idempotent: true,
        }
    }

    /// The metadata, in which a null is no value.
    pub(crate) fn metadata(&self) -> Option<Map<String, Value>> {
        let mut metadata = self.trusted_metadata.clone()?;
        metadata.retain(|_, value| !value.is_null());
        Some(metadata)
    }

    /// All of a client that is there.
    pub(crate) fn of(client: &M2MClient) -> Self {
        Self {
            client_id: client.client_id.clone(),
            client_name: Some(client.client_name.clone()),
            client_description: Some(client.client_description.clone()),
            status: match client.status {
                ClientStatus::Active => Some(Status::Active),
                ClientStatus::Inactive => Some(Status::Inactive),
                ClientStatus::Unknown => None,
            },
            scopes: Some(client.scopes.clone()),
            trusted_metadata: Some(client.trusted_metadata.clone().unwrap_or_default()),
        }
    }
}

impl File {
    /// Reads and checks it: no I/O is begun with a file that is wrong.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = parsed::read(path)?;
        let file: Self = parsed::parse(path, &text).map_err(|failure| match failure {
            Failure::Usage(what) => Failure::File(what),
            other => other,
        })?;
        file.check().map_err(|(place, what)| {
            let line = located::line_of(&text, &place).unwrap_or(1);
            Failure::File(plain(&format!("{}: {place} at line {line}: {what}", path.display())))
        })?;
        Ok(file)
    }

    /// The first thing that is wrong, and where.
    fn check(&self) -> Result<(), (String, String)> {
        let mut seen = HashMap::new();
        for (index, client) in self.clients.iter().enumerate() {
            let place = |field: &str| format!("clients[{index}].{field}");
            client.request().check().map_err(|error| {
                let field = error.details().field.clone().unwrap_or_default();
                (place(&field), error.details().message.clone())
            })?;
            if let Some(first) = seen.insert(client.client_id.as_str(), index) {
                let what = format!("clients[{first}] has the same client_id");
                return Err((place("client_id"), what));
            }
        }
        Ok(())
    }
}
