//! The services: each method turns its arguments into the core's and makes a [`Call`] of it.

use std::sync::Arc;

use pyo3::prelude::*;
use stytch_m2m::internals;
use stytch_m2m::{
    self as m2m, ClientConfig, CreateRequest, SearchRequest, Secret, UpdateRequest, plain,
};
use tokio::sync::Mutex;

use crate::call::Call;
use crate::error::exception;
use crate::handle::Handle;
use crate::hidden::Revealed;
use crate::records::{Record, arguments, settings};
use crate::runtime::exit::ExitGuard;
use crate::secret::SecretSource;
use crate::verifier::TokenVerifier;

/// The project's client, below `Client` and `AsyncClient`.
#[pyclass(frozen, module = "stytch_m2m._native")]
pub(crate) struct Client {
    client: Handle<m2m::Client>,
    verifier: Arc<Handle<m2m::TokenVerifier>>,
}

#[pymethods]
impl Client {
    #[new]
    #[expect(clippy::too_many_arguments, reason = "as many as there are settings")]
    fn new(
        py: Python<'_>,
        project_id: Option<String>,
        secret: Revealed<Option<SecretSource>>,
        base_url: Option<String>,
        vertical: &str,
        organization_key: Option<String>,
        verified_token_cache_size: i64,
        token_cache_capacity: Option<i64>,
        token_store: settings::TokenStore,
        transport: Revealed<settings::Transport>,
    ) -> PyResult<Self> {
        let (token_store_url, token_store_key, token_store_allow_unencrypted) =
            settings::token_store(token_store);
        let config = ClientConfig {
            project_id: String::new(),
            secret: secret.0.map(|source| source.0),
            base_url,
            vertical: arguments::named(py, vertical)?,
            organization_key,
            verified_token_cache_size: plain::cache_size(verified_token_cache_size),
            token_cache_capacity: token_cache_capacity.map(plain::cache_size),
            token_store_url,
            token_store_key,
            token_store_allow_unencrypted,
            token_store: None,
            transport: settings::transport(transport.0),
        };
        let client = m2m::Client::new(plain::or_env(project_id, config))
            .map_err(|error| exception(py, error))?;
        let verifier = Arc::new(Handle::new("verifier", client.verifier().clone()));
        Ok(Self { client: Handle::new("client", client), verifier })
    }

    #[getter]
    fn project_id(&self) -> PyResult<String> {
        Ok(self.client.get()?.project_id().to_owned())
    }

    fn verifier(&self) -> TokenVerifier {
        TokenVerifier(Arc::clone(&self.verifier))
    }

    fn close(&self) {
        self.client.close();
        self.verifier.close();
    }

    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.client.get()?.stats().into_python(py)
    }

    /// The cached token while it is fresh, or `None`.
    fn cached_token<'py>(
        &self,
        py: Python<'py>,
        request: arguments::Grant<'_>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let _guard = ExitGuard::take(py)?;
        let token = self.client.get()?.cached_token(&arguments::grant(&request)?);
        token.map(|token| token.into_python(py)).transpose()
    }

    fn token(&self, request: arguments::Grant<'_>) -> PyResult<Call> {
        let client = self.client.get()?;
        let request = arguments::grant(&request)?;
        Ok(Call::new(async move { client.token(request).await }))
    }

    fn invalidate_token(&self, access_token: Revealed<String>) -> PyResult<()> {
        self.client.get()?.invalidate_token(&access_token.0);
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "as many as there are settings")]
    fn create(
        &self,
        scopes: arguments::Scopes,
        client_id: Option<String>,
        client_secret: Revealed<Option<String>>,
        client_name: Option<String>,
        client_description: Option<String>,
        trusted_metadata: Option<&Bound<'_, PyAny>>,
        organization_id: Option<String>,
        idempotent: bool,
    ) -> PyResult<Call> {
        let request = CreateRequest {
            scopes: scopes.0,
            client_id,
            client_secret: client_secret.0.map(Secret::new),
            client_name,
            client_description,
            trusted_metadata: metadata(trusted_metadata)?,
            organization_id,
            idempotent,
        };
        let clients = self.client.get()?.clients();
        Ok(Call::new(async move { clients.create(request).await }))
    }

    fn get(&self, client_id: String) -> PyResult<Call> {
        let clients = self.client.get()?.clients();
        Ok(Call::new(async move { clients.get(&client_id).await }))
    }

    fn search(
        &self,
        cursor: Option<String>,
        limit: Option<i64>,
        query: Option<&Bound<'_, PyAny>>,
        organization_id: Option<String>,
    ) -> PyResult<Call> {
        let request = search_request(cursor, limit, query, organization_id)?;
        let clients = self.client.get()?.clients();
        Ok(Call::new(async move { clients.search(request).await }))
    }

    fn search_all(
        &self,
        cursor: Option<String>,
        limit: Option<i64>,
        query: Option<&Bound<'_, PyAny>>,
        organization_id: Option<String>,
    ) -> PyResult<SearchAll> {
        let request = search_request(cursor, limit, query, organization_id)?;
        let all = self.client.get()?.clients().search_all(request);
        Ok(SearchAll(Arc::new(Mutex::new(all))))
    }

    #[expect(clippy::too_many_arguments, reason = "as many as there are settings")]
    fn update(
        &self,
        py: Python<'_>,
        client_id: String,
        client_name: Option<String>,
        client_description: Option<String>,
        status: Option<&str>,
        scopes: Option<arguments::Scopes>,
        trusted_metadata: Option<&Bound<'_, PyAny>>,
        organization_id: Option<String>,
    ) -> PyResult<Call> {
        let request = UpdateRequest {
            client_name,
            client_description,
            status: status.map(|name| arguments::named(py, name)).transpose()?,
            scopes: scopes.map(|scopes| scopes.0),
            trusted_metadata: metadata(trusted_metadata)?,
            organization_id,
        };
        let clients = self.client.get()?.clients();
        Ok(Call::new(async move { clients.update(&client_id, request).await }))
    }

    fn delete(&self, client_id: String) -> PyResult<Call> {
        let clients = self.client.get()?.clients();
        Ok(Call::new(async move { clients.delete(&client_id).await }))
    }

    fn rotate_start(&self, client_id: String) -> PyResult<Call> {
        let secrets = self.client.get()?.secrets();
        Ok(Call::new(async move { secrets.rotate_start(&client_id).await }))
    }

    fn rotate(&self, client_id: String) -> PyResult<Call> {
        let secrets = self.client.get()?.secrets();
        Ok(Call::new(async move { secrets.rotate(&client_id).await }))
    }

    fn rotate_cancel(&self, client_id: String) -> PyResult<Call> {
        let secrets = self.client.get()?.secrets();
        Ok(Call::new(async move { secrets.rotate_cancel(&client_id).await }))
    }

    fn recover_rotation(&self, client_id: String) -> PyResult<Call> {
        let secrets = self.client.get()?.secrets();
        Ok(Call::new(async move { secrets.recover_rotation(&client_id).await }))
    }

    fn rotate_finish(
        &self,
        client_id: String,
        next_client_secret: Revealed<String>,
    ) -> PyResult<Call> {
        let secrets = self.client.get()?.secrets();
        let next = Secret::new(next_client_secret.0);
        Ok(Call::new(async move { secrets.rotate_finish(&client_id, &next).await }))
    }
}

type Metadata = serde_json::Map<String, serde_json::Value>;

fn metadata(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Metadata>> {
    value.map(|value| arguments::json("trusted_metadata", value)).transpose()
}

fn search_request(
    cursor: Option<String>,
    limit: Option<i64>,
    query: Option<&Bound<'_, PyAny>>,
    organization_id: Option<String>,
) -> PyResult<SearchRequest> {
    let (limit, query) = (limit.map(plain::limit), query.map(arguments::query).transpose()?);
    Ok(SearchRequest { cursor, limit, query, organization_id })
}

/// The pages of a search.
#[pyclass(frozen, module = "stytch_m2m._native")]
pub(crate) struct SearchAll(Arc<Mutex<m2m::SearchAll>>);

#[pymethods]
impl SearchAll {
    /// The next page, or `None` after the last.
    fn next_page(&self) -> Call {
        let all = Arc::clone(&self.0);
        Call::new(async move { internals::next_page(&mut *all.lock().await).await })
    }
}
