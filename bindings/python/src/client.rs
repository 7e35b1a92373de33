//! The services: each method turns its arguments into the core's and makes a [`Call`] of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyString;
use stytch_m2m::{
    self as core, ClientConfig, CreateRequest, SearchRequest, Secret, TokenRequest,
    TokenSourceConfig, TokenVerifierConfig, UpdateRequest,
};
use tokio::sync::Mutex;

use crate::error::exception;
use crate::records::{Record, arguments};
use crate::runtime::Ticket;
use crate::runtime::call::Call;

/// Something of the core until it is closed.
struct Open<T>(ArcSwapOption<T>);

impl<T> Open<T> {
    fn new(value: T) -> Self {
        Self(ArcSwapOption::from_pointee(value))
    }

    fn get(&self) -> PyResult<Arc<T>> {
        self.0
            .load_full()
            .ok_or_else(|| PyRuntimeError::new_err("this one is closed: make another"))
    }

    fn close(&self) {
        self.0.store(None);
    }
}

/// The project's client, below `Client` and `AsyncClient`.
#[pyclass(frozen, module = "stytch_m2m._core")]
pub(crate) struct Client {
    client: Open<core::Client>,
    verifier: Arc<Open<core::TokenVerifier>>,
}

#[pymethods]
impl Client {
    #[new]
    fn new(
        py: Python<'_>,
        project_id: Option<String>,
        secret: Option<String>,
        base_url: Option<String>,
        vertical: &str,
        timeouts: arguments::Timeouts,
    ) -> PyResult<Self> {
        let vertical = arguments::vertical(py, vertical)?;
        let transport = arguments::transport(py, timeouts)?;
        let secret = secret.map(Secret::new);
        let defaults = ClientConfig::default();
        let config = ClientConfig { project_id, secret, base_url, vertical, transport, ..defaults };
        let client = core::Client::new(config.or_env()).map_err(|error| exception(py, error))?;
        let verifier = Arc::new(Open::new(client.verifier().clone()));
        Ok(Self { client: Open::new(client), verifier })
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

    fn token(
        &self,
        client_id: String,
        client_secret: String,
        scopes: Vec<String>,
        extra: BTreeMap<String, String>,
        force_refresh: bool,
    ) -> PyResult<Call> {
        let client = self.client.get()?;
        let client_secret = Secret::new(client_secret);
        let request = TokenRequest { client_id, client_secret, scopes, extra, force_refresh };
        Ok(Call::new(async move { client.token(request).await }))
    }

    fn create(
        &self,
        scopes: Vec<String>,
        client_id: Option<String>,
        client_secret: Option<String>,
        client_name: Option<String>,
        client_description: Option<String>,
        trusted_metadata: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Call> {
        let request = CreateRequest {
            scopes,
            client_id,
            client_secret: client_secret.map(Secret::new),
            client_name,
            client_description,
            trusted_metadata: metadata(trusted_metadata)?,
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
        py: Python<'_>,
        cursor: Option<String>,
        limit: Option<i64>,
        query: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Call> {
        let request = search_request(py, cursor, limit, query)?;
        let clients = self.client.get()?.clients();
        Ok(Call::new(async move { clients.search(request).await }))
    }

    fn search_all(
        &self,
        py: Python<'_>,
        limit: Option<i64>,
        query: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<SearchAll> {
        let request = search_request(py, None, limit, query)?;
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
        scopes: Option<Vec<String>>,
        trusted_metadata: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Call> {
        let request = UpdateRequest {
            client_name,
            client_description,
            status: status.map(|name| arguments::status(py, name)).transpose()?,
            scopes,
            trusted_metadata: metadata(trusted_metadata)?,
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
}

type Metadata = serde_json::Map<String, serde_json::Value>;

fn metadata(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Metadata>> {
    value.map(|value| arguments::json("trusted_metadata", value)).transpose()
}

fn search_request(
    py: Python<'_>,
    cursor: Option<String>,
    limit: Option<i64>,
    query: Option<&Bound<'_, PyAny>>,
) -> PyResult<SearchRequest> {
    let limit = limit.map(|number| arguments::count(py, "limit", number)).transpose()?;
    Ok(SearchRequest { cursor, limit, query: query.map(arguments::query).transpose()? })
}

/// The pages of a search.
#[pyclass(frozen, module = "stytch_m2m._core")]
pub(crate) struct SearchAll(Arc<Mutex<core::SearchAll>>);

#[pymethods]
impl SearchAll {
    /// The next page, or `None` after the last.
    fn next_page(&self) -> Call {
        let all = Arc::clone(&self.0);
        Call::new(async move { all.lock().await.next_page().await })
    }
}

/// The standing credential below `TokenSource` and `AsyncTokenSource`.
#[pyclass(frozen, module = "stytch_m2m._core")]
pub(crate) struct TokenSource(Open<core::TokenSource>);

#[pymethods]
impl TokenSource {
    #[new]
    #[expect(clippy::too_many_arguments, reason = "as many as there are settings")]
    fn new(
        py: Python<'_>,
        client_id: String,
        client_secret: String,
        scopes: Vec<String>,
        extra: BTreeMap<String, String>,
        project_id: Option<String>,
        base_url: Option<String>,
        token_url: Option<String>,
        timeouts: arguments::Timeouts,
    ) -> PyResult<Self> {
        let config = TokenSourceConfig {
            project_id,
            base_url,
            token_url,
            client_id,
            client_secret: Secret::new(client_secret),
            scopes,
            extra,
            transport: arguments::transport(py, timeouts)?,
            ..Default::default()
        };
        let source = core::TokenSource::new(config.or_env());
        source.map(|source| Self(Open::new(source))).map_err(|error| exception(py, error))
    }

    fn close(&self) {
        self.0.close();
    }

    /// The cached token while it is fresh, or `None`.
    fn try_get_token<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let _ticket = Ticket::take(py)?;
        self.0.get()?.try_get_token().map(|token| token.into_python(py)).transpose()
    }

    fn get_token(&self) -> PyResult<Call> {
        let source = self.0.get()?;
        Ok(Call::new(async move { source.get_token().await }))
    }

    fn invalidate(&self, access_token: &str) -> PyResult<()> {
        self.0.get()?.invalidate(access_token);
        Ok(())
    }
}

/// The verifier below `TokenVerifier` and `AsyncTokenVerifier`, and below the clients.
#[pyclass(frozen, module = "stytch_m2m._core")]
pub(crate) struct TokenVerifier(Arc<Open<core::TokenVerifier>>);

#[pymethods]
impl TokenVerifier {
    /// `clock` is the Unix time at which the clock stands still, for tests of claims.
    #[new]
    #[pyo3(signature = (issuers, timeouts, clock=None))]
    fn new(
        py: Python<'_>,
        issuers: Vec<arguments::Issuer>,
        timeouts: arguments::Timeouts,
        clock: Option<i64>,
    ) -> PyResult<Self> {
        let issuer = |issuer| arguments::issuer(py, issuer);
        let issuers = issuers.into_iter().map(issuer).collect::<PyResult<_>>()?;
        let mut transport = arguments::transport(py, timeouts)?;
        transport.clock = clock.map(core::Clock::manual).unwrap_or_default();
        let verifier = core::TokenVerifier::new(TokenVerifierConfig { issuers, transport });
        verifier
            .map(|verifier| Self(Arc::new(Open::new(verifier))))
            .map_err(|error| exception(py, error))
    }

    /// The verifier of a project, whose settings may come from the environment.
    #[staticmethod]
    fn of_project(
        py: Python<'_>,
        project_id: Option<String>,
        base_url: Option<String>,
        vertical: &str,
        timeouts: arguments::Timeouts,
    ) -> PyResult<Self> {
        let vertical = arguments::vertical(py, vertical)?;
        let transport = arguments::transport(py, timeouts)?;
        let defaults = ClientConfig::default();
        let config = ClientConfig { project_id, base_url, vertical, transport, ..defaults };
        let config = ClientConfig { secret: None, ..config.or_env() };
        let client = core::Client::new(config).map_err(|error| exception(py, error))?;
        Ok(Self(Arc::new(Open::new(client.verifier().clone()))))
    }

    fn close(&self) {
        self.0.close();
    }

    /// The claims if no keys must be fetched first, or `None`.
    fn try_authenticate_token<'py>(
        &self,
        access_token: &Bound<'py, PyString>,
        options: arguments::Verification,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = access_token.py();
        let options = arguments::verification(py, options)?;
        // What is not UTF-8, a lone surrogate, is no token either: the core refuses the stand-in.
        let token = access_token.to_string_lossy();
        let verifier = self.0.get()?;
        let _ticket = Ticket::take(py)?;
        match py.detach(|| verifier.try_authenticate_token(&token, &options)) {
            Some(Ok(claims)) => claims.into_python(py).map(Some),
            Some(Err(error)) => Err(exception(py, error)),
            None => Ok(None),
        }
    }

    fn authenticate_token(
        &self,
        access_token: &Bound<'_, PyString>,
        options: arguments::Verification,
    ) -> PyResult<Call> {
        let options = arguments::verification(access_token.py(), options)?;
        let token = Secret::new(access_token.to_string_lossy());
        let verifier = self.0.get()?;
        Ok(Call::new(async move { verifier.authenticate_token(token.expose(), &options).await }))
    }

    /// Fetches every key set that is not at hand.
    fn warm_up(&self) -> PyResult<Call> {
        let verifier = self.0.get()?;
        Ok(Call::new(async move { verifier.warm_up().await }))
    }
}

/// The token in an `Authorization` header's value; `None` is a request without the header.
#[pyfunction]
pub(crate) fn token_from_authorization_header<'a>(
    py: Python<'_>,
    value: Option<&'a str>,
) -> PyResult<&'a str> {
    core::token_from_authorization_header(value).map_err(|error| exception(py, error))
}
