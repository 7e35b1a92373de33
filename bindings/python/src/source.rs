//! A standing credential.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use pyo3::prelude::*;
use stytch_m2m::{self as m2m, TokenSourceConfig};

use crate::call::Call;
use crate::error::exception;
use crate::handle::Handle;
use crate::hidden::Revealed;
use crate::records::credential::{ClientCredential, Credential, credential};
use crate::records::{Record, arguments, settings};
use crate::runtime::exit::ExitGuard;

/// The standing credential below `TokenSource` and `AsyncTokenSource`.
#[pyclass(frozen, module = "stytch_m2m._native")]
pub(crate) struct TokenSource {
    source: Handle<m2m::TokenSource>,
    last: LastToken,
    #[pyo3(get)]
    client_id: String,
}

#[pymethods]
impl TokenSource {
    #[new]
    #[expect(clippy::too_many_arguments, reason = "as many as there are settings")]
    fn new(
        py: Python<'_>,
        client_id: Option<String>,
        given: Credential<'_>,
        scopes: arguments::Scopes,
        resource: Vec<String>,
        audience: Option<String>,
        extra: arguments::Extra,
        project_id: Option<String>,
        base_url: Option<String>,
        token_url: Option<String>,
        issuer: Option<String>,
        token_store: settings::TokenStore,
        transport: Revealed<settings::Transport>,
    ) -> PyResult<Self> {
        let (token_store_url, token_store_key, token_store_allow_unencrypted) =
            settings::token_store(token_store);
        let ClientCredential {
            client_auth,
            client_secret,
            next_client_secret,
            private_key,
            key_id,
            signing_algorithm,
            assertion_audience,
            client_assertion,
            assertion,
        } = credential(py, &given)?;
        let config = TokenSourceConfig {
            project_id,
            base_url,
            token_url,
            client_id: client_id.unwrap_or_default(),
            client_auth,
            client_secret,
            next_client_secret,
            private_key,
            key_id,
            signing_algorithm,
            assertion_audience,
            client_assertion,
            assertion,
            scopes: scopes.0,
            issuer,
            resource,
            audience,
            extra: extra.0,
            token_store_url,
            token_store_key,
            token_store_allow_unencrypted,
            token_store: None,
            transport: settings::transport(transport.0),
        };
        let config = config.or_env();
        let (client_id, last) = (config.client_id.clone(), LastToken::default());
        m2m::TokenSource::new(config)
            .map(|source| Self { source: Handle::new("source", source), last, client_id })
            .map_err(|error| exception(py, error))
    }

    fn close(&self) {
        self.source.close();
    }

    /// The cached token while it is fresh, or `None`.
    fn cached_token<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let _guard = ExitGuard::take(py)?;
        self.source.get()?.cached_token().map(|token| self.last.value(py, token)).transpose()
    }

    fn get_token(&self) -> PyResult<Call> {
        let source = self.source.get()?;
        Ok(Call::new(async move { source.get_token().await }))
    }

    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.source.get()?.stats().into_python(py)
    }

    fn invalidate(&self, access_token: Revealed<String>) -> PyResult<()> {
        self.source.get()?.invalidate(&access_token.0);
        Ok(())
    }
}

/// The last token's Python value, which serves for as long as the core hands out the same: its
/// `expires_in` is another one every second.
#[derive(Default)]
struct LastToken(ArcSwapOption<(m2m::Token, Py<PyAny>)>);

impl LastToken {
    fn value<'py>(&self, py: Python<'py>, token: m2m::Token) -> PyResult<Bound<'py, PyAny>> {
        if let Some(last) = &*self.0.load()
            && last.0 == token
        {
            return Ok(last.1.bind(py).clone());
        }
        let value = token.clone().into_python(py)?;
        self.0.store(Some(Arc::new((token, value.clone().unbind()))));
        Ok(value)
    }
}
