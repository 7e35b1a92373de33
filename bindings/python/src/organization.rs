//! The organization-scoped API.

use pyo3::prelude::*;
use stytch_m2m::{self as m2m, OrganizationConfig, Secret};

use crate::call::Call;
use crate::error::exception;
use crate::handle::Handle;
use crate::hidden::Revealed;
use crate::records::{Record, settings};
use crate::runtime::exit::ExitGuard;

/// The client below `OrganizationClient` and `AsyncOrganizationClient`.
#[pyclass(frozen, module = "stytch_m2m._native")]
pub(crate) struct OrganizationClient(Handle<m2m::OrganizationClient>);

#[pymethods]
impl OrganizationClient {
    #[new]
    fn new(
        py: Python<'_>,
        base_url: String,
        authorization: Revealed<String>,
        transport: Revealed<settings::Transport>,
    ) -> PyResult<Self> {
        let authorization = Secret::new(authorization.0);
        let transport = settings::transport(transport.0);
        let config = OrganizationConfig { base_url, authorization, transport };
        let client = m2m::OrganizationClient::new(config);
        client
            .map(|client| Self(Handle::new("client", client)))
            .map_err(|error| exception(py, error))
    }

    fn close(&self) {
        self.0.close();
    }

    fn client_id(&self) -> PyResult<Call> {
        let client = self.0.get()?;
        Ok(Call::new(async move { client.client_id().await }))
    }

    fn client_secret(&self) -> PyResult<Call> {
        let client = self.0.get()?;
        Ok(Call::new(async move { client.client_secret().await }))
    }

    /// The cached token while it is fresh, or `None`.
    fn cached_token<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let _guard = ExitGuard::take(py)?;
        self.0.get()?.cached_token().map(|token| token.into_python(py)).transpose()
    }

    fn token(&self, force_refresh: bool) -> PyResult<Call> {
        let client = self.0.get()?;
        Ok(Call::new(async move { client.token(force_refresh).await }))
    }

    fn rotate(&self) -> PyResult<Call> {
        let client = self.0.get()?;
        Ok(Call::new(async move { client.rotate().await }))
    }

    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.0.get()?.stats().into_python(py)
    }
}
