//! How a client authenticates.

use pyo3::prelude::*;
use stytch_m2m::{self as m2m, Algorithm, ClientAuth};

use super::arguments::{member, named};
use crate::hidden::Revealed;
use crate::secret::SecretSource;

/// `client_auth`, `client_secret`, `next_client_secret`, `private_key`, `key_id`,
/// `signing_algorithm`, `assertion_audience`, `client_assertion` and `assertion`.
pub(crate) type Credential<'py> = (
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
);

/// The settings of a credential.
pub(crate) struct ClientCredential {
    pub(crate) client_auth: Option<ClientAuth>,
    pub(crate) client_secret: Option<m2m::SecretSource>,
    pub(crate) next_client_secret: Option<m2m::SecretSource>,
    pub(crate) private_key: Option<m2m::SecretSource>,
    pub(crate) key_id: Option<String>,
    pub(crate) signing_algorithm: Option<Algorithm>,
    pub(crate) assertion_audience: Option<String>,
    pub(crate) client_assertion: Option<m2m::SecretSource>,
    pub(crate) assertion: Option<m2m::SecretSource>,
}

pub(crate) fn credential(py: Python<'_>, given: &Credential<'_>) -> PyResult<ClientCredential> {
    let (auth, secret, next, key, key_id, algorithm, audience, client_assertion, assertion) = given;
    let client_auth = member::<Option<String>>("client_auth", auth)?;
    let algorithm = member::<Option<String>>("signing_algorithm", algorithm)?;
    Ok(ClientCredential {
        client_auth: client_auth.map(|name| named(py, &name)).transpose()?,
        client_secret: source("client_secret", secret)?,
        next_client_secret: source("next_client_secret", next)?,
        private_key: source("private_key", key)?,
        key_id: member("key_id", key_id)?,
        signing_algorithm: algorithm.map(|name| named(py, &name)).transpose()?,
        assertion_audience: member("assertion_audience", audience)?,
        client_assertion: source("client_assertion", client_assertion)?,
        assertion: source("assertion", assertion)?,
    })
}

fn source(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Option<m2m::SecretSource>> {
    let source = member::<Revealed<Option<SecretSource>>>(name, given)?.0;
    Ok(source.map(|source| source.0))
}
