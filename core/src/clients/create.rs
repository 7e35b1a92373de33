//! Creates a client without losing a secret, or making a second client, when a response is lost.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Builder;
use zeroize::Zeroizing;

use super::model::{
    CreateRequest, CreateResponse, M2MClient, M2MClientWithClientSecret, last_four,
};
use super::outcome::{Reconcile, Reconciled, outcome_unknown, reconcile};
use super::{Clients, limits};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Method;
use crate::random;
use crate::secret::Secret;

#[derive(Serialize)]
struct Wire<'a> {
    scopes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trusted_metadata: Option<&'a Map<String, Value>>,
}

impl CreateRequest {
    /// Checks the request against the API's limits, without I/O. [`Clients::create`] checks it too.
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn check(&self) -> Result<()> {
        limits::check_create(self)
    }
}

impl Clients {
    /// Creates a client and returns its secret. Stytch cannot show the secret again.
    ///
    /// With `idempotent`, or with both `client_id` and `client_secret`, a lost response is
    /// resolved: the client is looked up, and created again if it does not exist.
    ///
    /// # Errors
    /// `invalid_config`, before anything is sent, when a field breaks the API's limits. `conflict`
    /// when another client has this id. `outcome_unknown` when the response was lost and looking
    /// the client up failed too: the client may or may not exist.
    pub async fn create(&self, mut request: CreateRequest) -> Result<CreateResponse> {
        let (id, metadata) = (request.organization_id.clone(), request.trusted_metadata.take());
        request.trusted_metadata = self.api.organization.add(id, metadata)?;
        limits::check_create(&request)?;
        let secret_is_known = request.client_secret.is_some();
        if request.idempotent {
            self.complete(&mut request)?;
        }
        match (&request.client_id, &request.client_secret) {
            (Some(client_id), Some(secret)) => {
                let request = &request;
                let creation =
                    Creation { clients: self, request, client_id, secret, secret_is_known };
                reconcile(&creation).await.map_err(|e| creation.unresolved(e))
            }
            _ => self.create_once(&request).await.map_err(|e| {
                outcome_unknown(
                    e,
                    "the client may have been created: search for its name or id, and delete it \
                     if it exists, since its secret cannot be read again",
                )
            }),
        }
    }

    /// Generates a missing id and secret in the server's formats.
    fn complete(&self, request: &mut CreateRequest) -> Result<()> {
        if request.client_id.is_none() {
            let live = self.api.project.id.starts_with("project-live-");
            let uuid = Builder::from_random_bytes(*unguessable()?).into_uuid();
            let kind = if live { "live" } else { "test" };
            request.client_id = Some(format!("m2m-client-{kind}-{uuid}"));
        }
        if request.client_secret.is_none() {
            let secret = URL_SAFE_NO_PAD.encode(*unguessable::<33>()?);
            request.client_secret = Some(Secret::new(secret));
        }
        Ok(())
    }

    async fn create_once(&self, request: &CreateRequest) -> Result<CreateResponse> {
        let CreateRequest {
            scopes,
            client_id,
            client_secret,
            client_name,
            client_description,
            trusted_metadata,
            // It is in the metadata.
            organization_id: _,
            idempotent: _,
        } = request;
        let wire = Wire {
            scopes,
            client_id: client_id.as_deref(),
            client_secret: client_secret.as_ref().map(Secret::expose),
            client_name: client_name.as_deref(),
            client_description: client_description.as_deref(),
            trusted_metadata: trusted_metadata.as_ref(),
        };
        self.api.call(Method::POST, &[], Some(&wire)).await
    }
}

/// The creation of a client whose id and secret are known before the call.
struct Creation<'a> {
    clients: &'a Clients,
    request: &'a CreateRequest,
    client_id: &'a str,
    secret: &'a Secret,
    /// Whether the caller gave the secret.
    secret_is_known: bool,
}

impl Reconcile for Creation<'_> {
    type Done = CreateResponse;

    async fn call(&self) -> Result<CreateResponse> {
        self.clients.create_once(self.request).await
    }

    async fn look(&self, error: &Error, lost: bool) -> Result<Reconciled<CreateResponse>> {
        // A plain conflict: no earlier attempt can be the reason, and the call is not idempotent.
        if error.kind() == ErrorKind::Conflict && !lost && !self.request.idempotent {
            return Err(error.clone());
        }
        let found = match self.clients.get(self.client_id).await {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Reconciled::NotDone),
            found => found?,
        };
        let (client, client_secret) = (found.m2m_client, self.secret.clone());
        let metadata = self.request.trusted_metadata.as_ref();
        let organization = self.clients.api.organization.find(metadata);
        if !is_same(&client, self.request, organization, self.secret) {
            return Err(other_client(self.client_id));
        }
        let m2m_client = M2MClientWithClientSecret { client, client_secret };
        let (request_id, status_code) = (found.request_id, found.status_code);
        Ok(Reconciled::Done(CreateResponse { m2m_client, request_id, status_code }))
    }
}

impl Creation<'_> {
    fn unresolved(&self, error: Error) -> Error {
        let again = match self.secret_is_known {
            true => ", or create it again with the same id and secret",
            false => ", since its secret is lost",
        };
        let recovery = format!(
            "the client may have been created: get {}, and delete it if it exists{again}",
            self.client_id
        );
        outcome_unknown(error, &recovery)
    }
}

/// Whether this is the client of `request`, for this organization. Of its secret the server shows
/// only the last four characters.
fn is_same(
    found: &M2MClient,
    request: &CreateRequest,
    organization: Option<String>,
    secret: &Secret,
) -> bool {
    found.client_secret_last_four == last_four(secret)
        && request.client_name.as_ref().is_none_or(|name| *name == found.client_name)
        && (organization.is_none() || organization == found.organization_id)
        && found.has_scopes(&request.scopes)
}

fn other_client(client_id: &str) -> Error {
    Error::new(
        ErrorKind::Conflict,
        format!(
            "a different client has the id {client_id}: its secret, name, scopes or organization \
             differ. Choose another id, or update that client"
        ),
    )
}

fn unguessable<const N: usize>() -> Result<Zeroizing<[u8; N]>> {
    random::unguessable().ok_or_else(|| {
        Error::invalid_config("idempotent", "the system cannot generate random bytes for a secret")
    })
}
