//! From a resource's refusal to those who issue tokens for it.

use pyo3::prelude::*;
use stytch_m2m::ProtectedResource;

use crate::call::Call;
use crate::hidden::Revealed;
use crate::records::settings;

/// Fetches the metadata of a protected resource.
#[pyfunction]
pub(crate) fn protected_resource(
    url: String,
    www_authenticate: Vec<String>,
    transport: Revealed<settings::Transport>,
) -> Call {
    let transport = settings::transport(transport.0);
    Call::new(async move {
        let values = www_authenticate.iter().map(String::as_str);
        ProtectedResource::discover(&url, values, transport).await
    })
}
