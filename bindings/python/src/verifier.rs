//! Verification.

use std::sync::Arc;
use std::time::SystemTime;

use pyo3::prelude::*;
use pyo3::types::PyString;
use stytch_m2m::{self as m2m, ClientConfig, Secret, TokenVerifierConfig, plain};

use crate::call::Call;
use crate::caller::Caller;
use crate::error::exception;
use crate::handle::Handle;
use crate::hidden::Revealed;
use crate::records::{Record, arguments, issuer, list, settings};
use crate::resolver;
use crate::runtime::exit::ExitGuard;

/// The verifier below `TokenVerifier` and `AsyncTokenVerifier`, and below the clients.
#[pyclass(frozen, module = "stytch_m2m._native")]
pub(crate) struct TokenVerifier(pub(crate) Arc<Handle<m2m::TokenVerifier>>);

#[pymethods]
impl TokenVerifier {
    /// `clock` is the Unix time at which the clock stands still, for tests of claims.
    #[new]
    #[pyo3(signature = (issuers, issuer_resolver, verified_token_cache_size, transport, clock=None))]
    fn new(
        py: Python<'_>,
        issuers: Vec<issuer::Issuer>,
        issuer_resolver: Option<resolver::Settings>,
        verified_token_cache_size: i64,
        transport: Revealed<settings::Transport>,
        clock: Option<i64>,
    ) -> PyResult<Self> {
        let issuers = issuers.into_iter().map(issuer::issuer).collect::<m2m::Result<_>>();
        let issuers = issuers.map_err(|error| exception(py, error))?;
        let mut transport = settings::transport(transport.0);
        transport.clock = clock.map(m2m::internals::Clock::manual).unwrap_or_default();
        let verified_token_cache_size = plain::cache_size(verified_token_cache_size);
        let config = TokenVerifierConfig {
            issuers,
            issuer_resolver: issuer_resolver.map(resolver::resolver),
            verified_token_cache_size,
            transport,
        };
        let verifier = Caller::here(py)?.scope_now(|| m2m::TokenVerifier::new(config));
        verifier
            .map(|verifier| Self(Arc::new(Handle::new("verifier", verifier))))
            .map_err(|error| exception(py, error))
    }

    /// The verifier of a project, whose settings may come from the environment.
    #[staticmethod]
    fn of_project(
        py: Python<'_>,
        project_id: Option<String>,
        base_url: Option<String>,
        vertical: &str,
        verified_token_cache_size: i64,
        transport: Revealed<settings::Transport>,
    ) -> PyResult<Self> {
        let config = ClientConfig {
            base_url,
            vertical: arguments::named(py, vertical)?,
            verified_token_cache_size: plain::cache_size(verified_token_cache_size),
            transport: settings::transport(transport.0),
            ..Default::default()
        };
        TokenVerifierConfig::for_project(plain::or_env(project_id, config))
            .and_then(m2m::TokenVerifier::new)
            .map(|verifier| Self(Arc::new(Handle::new("verifier", verifier))))
            .map_err(|error| exception(py, error))
    }

    fn close(&self) {
        self.0.close();
    }

    /// The claims if no keys must be fetched first, or `None`.
    fn authenticate_token_now<'py>(
        &self,
        py: Python<'py>,
        access_token: Revealed<Bound<'py, PyString>>,
        options: arguments::Verification<'_>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let options = arguments::verification(py, &options)?;
        // What is not UTF-8, a lone surrogate, is no token either: the core refuses the stand-in.
        let token = access_token.0.to_string_lossy();
        let verifier = self.0.get()?;
        let _guard = ExitGuard::take(py)?;
        match py.detach(|| verifier.authenticate_token_now(&token, &options)) {
            Some(Ok(claims)) => claims.into_python(py).map(Some),
            Some(Err(error)) => Err(exception(py, error)),
            None => Ok(None),
        }
    }

    fn authenticate_token(
        &self,
        py: Python<'_>,
        access_token: Revealed<Bound<'_, PyString>>,
        options: arguments::Verification<'_>,
    ) -> PyResult<Call> {
        let options = arguments::verification(py, &options)?;
        let token = Secret::new(access_token.0.to_string_lossy());
        let verifier = self.0.get()?;
        Ok(Call::new(async move { verifier.authenticate_token(token.expose(), &options).await }))
    }

    /// Fetches every key set that is not at hand.
    fn warm_up(&self) -> PyResult<Call> {
        let verifier = self.0.get()?;
        Ok(Call::new(async move { verifier.warm_up().await }))
    }

    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.0.get()?.stats().into_python(py)
    }

    fn health<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        list(py, self.0.get()?.health())
    }

    fn seed_jwks(
        &self,
        py: Python<'_>,
        issuer: Option<&str>,
        jwks: &str,
        fetched_at: SystemTime,
    ) -> PyResult<()> {
        let verifier = self.0.get()?;
        let caller = Caller::here(py)?;
        let seed = || verifier.seed_jwks(issuer, jwks, fetched_at);
        let seeded = py.detach(|| caller.scope_now(seed));
        seeded.map_err(|error| exception(py, error))
    }

    fn export_jwks<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        list(py, self.0.get()?.export_jwks())
    }
}
