//! A client, and how the API shows it.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{credentials::Credentials, limits};
use crate::{
    reply::ApiError,
    secret::{self, SecretHash},
};

#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = M2mClientStatus)]
pub(super) enum Status {
    Active,
    Inactive,
}

#[derive(Clone)]
pub(crate) struct Client {
    client_id: String,
    client_name: String,
    client_description: String,
    status: Status,
    scopes: Vec<String>,
    trusted_metadata: Map<String, Value>,
    secret: SecretHash,
    next_secret: Option<SecretHash>,
    credentials: Credentials,
}

/// The wire form: everything but the secrets.
#[derive(Serialize, ToSchema)]
pub(crate) struct M2mClient {
    client_id: String,
    client_name: String,
    client_description: String,
    status: Status,
    scopes: Vec<String>,
    client_secret_last_four: String,
    #[schema(value_type = Object)]
    trusted_metadata: Map<String, Value>,
    /// `null` unless a rotation is in progress.
    next_client_secret_last_four: Option<String>,
}

/// What `create` and `update` may set; `None` leaves a field as it is.
#[derive(Default)]
pub(crate) struct ClientSettings {
    pub(crate) client_name: Option<String>,
    pub(crate) client_description: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) trusted_metadata: Option<Value>,
}

impl Client {
    pub(super) fn new(
        client_id: String,
        secret: SecretHash,
        settings: ClientSettings,
    ) -> Result<Self, ApiError> {
        let mut client = Self {
            client_id,
            client_name: String::new(),
            client_description: String::new(),
            status: Status::Active,
            scopes: Vec::new(),
            trusted_metadata: Map::new(),
            secret,
            next_secret: None,
            credentials: Credentials::default(),
        };
        client.apply(settings)?;
        Ok(client)
    }

    pub(crate) fn id(&self) -> &str {
        &self.client_id
    }

    pub(crate) fn name(&self) -> &str {
        &self.client_name
    }

    pub(crate) fn scopes(&self) -> &[String] {
        &self.scopes
    }

    pub(crate) fn trusted_metadata(&self) -> &Map<String, Value> {
        &self.trusted_metadata
    }

    pub(crate) fn is_active(&self) -> bool {
        self.status == Status::Active
    }

    /// Whether this is the secret, or the next one during a rotation.
    pub(crate) fn accepts(&self, secret: &str) -> bool {
        self.secret.matches(secret)
            || self.next_secret.as_ref().is_some_and(|next| next.matches(secret))
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    pub(crate) fn with_credentials(self, credentials: Credentials) -> Self {
        Self { credentials, ..self }
    }

    pub(crate) fn view(&self) -> M2mClient {
        M2mClient {
            client_id: self.client_id.clone(),
            client_name: self.client_name.clone(),
            client_description: self.client_description.clone(),
            status: self.status,
            scopes: self.scopes.clone(),
            client_secret_last_four: self.secret.last_four().to_owned(),
            trusted_metadata: self.trusted_metadata.clone(),
            next_client_secret_last_four: self
                .next_secret
                .as_ref()
                .map(|next| next.last_four().to_owned()),
        }
    }

    /// On an error, the caller discards this partly changed copy.
    pub(super) fn apply(&mut self, settings: ClientSettings) -> Result<(), ApiError> {
        let ClientSettings { client_name, client_description, status, scopes, trusted_metadata } =
            settings;
        if let Some(name) = client_name {
            limits::check_name(&name)?;
            self.client_name = name;
        }
        if let Some(description) = client_description {
            limits::check_description(&description)?;
            self.client_description = description;
        }
        if let Some(status) = status {
            self.status = parse_status(&status)?;
        }
        if let Some(scopes) = scopes {
            limits::check_scopes(&scopes)?;
            self.scopes = without_duplicates(scopes);
        }
        if let Some(changes) = trusted_metadata {
            self.merge_metadata(changes)?;
        }
        Ok(())
    }

    /// Merges top-level keys; `null` removes one; nested values are replaced whole.
    fn merge_metadata(&mut self, changes: Value) -> Result<(), ApiError> {
        let Value::Object(changes) = changes else {
            return Err(ApiError::bad_request(
                "metadata_invalid_format",
                "The trusted_metadata must be a JSON object.",
            ));
        };
        for (key, value) in changes {
            if value.is_null() {
                self.trusted_metadata.remove(&key);
            } else {
                self.trusted_metadata.insert(key, value);
            }
        }
        limits::check_metadata(&self.trusted_metadata)
    }

    pub(super) fn start_rotation(&mut self, next: SecretHash) -> Result<(), ApiError> {
        if self.next_secret.is_some() {
            return Err(ApiError::bad_request(
                "m2m_client_already_rotating_secret",
                "A rotation of this client's secret is already in progress.",
            ));
        }
        self.next_secret = Some(next);
        Ok(())
    }

    pub(super) fn finish_rotation(&mut self) -> Result<(), ApiError> {
        self.secret = self.next_secret.take().ok_or_else(not_rotating)?;
        Ok(())
    }

    pub(super) fn cancel_rotation(&mut self) -> Result<(), ApiError> {
        self.next_secret.take().map(drop).ok_or_else(not_rotating)
    }
}

/// Checks the settings and returns the client with its secret, which is generated if `None`.
pub(crate) fn register(
    client_id: Option<String>,
    client_secret: Option<String>,
    settings: ClientSettings,
) -> Result<(Client, String), ApiError> {
    let client_id = client_id.unwrap_or_else(|| format!("m2m-client-test-{}", Uuid::new_v4()));
    let client_secret = match client_secret {
        Some(secret) => secret,
        None => secret::generate()?,
    };
    limits::check_client_id(&client_id)?;
    limits::check_secret(&client_secret)?;
    let client = Client::new(client_id, SecretHash::of(&client_secret), settings)?;
    Ok((client, client_secret))
}

fn not_rotating() -> ApiError {
    ApiError::bad_request(
        "m2m_client_not_rotating_secret",
        "No rotation of this client's secret is in progress.",
    )
}

fn parse_status(status: &str) -> Result<Status, ApiError> {
    match status {
        "active" => Ok(Status::Active),
        "inactive" => Ok(Status::Inactive),
        _ => Err(ApiError::bad_request(
            "m2m_client_invalid_status",
            "The status must be active or inactive.",
        )),
    }
}

fn without_duplicates(scopes: Vec<String>) -> Vec<String> {
    let mut unique = Vec::with_capacity(scopes.len());
    for scope in scopes {
        if !unique.contains(&scope) {
            unique.push(scope);
        }
    }
    unique
}
