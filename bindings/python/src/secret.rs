//! Where a secret comes from: a value, a file, an environment variable or a function.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyString;
use stytch_m2m::{self as m2m, Secret, SecretFuture, SecretProvider};

use crate::function::Function;
use crate::hidden::{Revealed, not_text};

/// A `str`, or the package's `SecretSource`.
pub(crate) struct SecretSource(pub(crate) m2m::SecretSource);

impl<'a, 'py> FromPyObject<'a, 'py> for SecretSource {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if given.is_instance_of::<PyString>() {
            return Ok(Self(m2m::SecretSource::from(given.extract::<Revealed<String>>()?.0)));
        }
        if let Some(error) = not_text(&given) {
            return Err(error);
        }
        let parts: Parts<'_> = given.extract().map_err(|_| not_a_secret(given))?;
        parts.source().map(Self)
    }
}

fn not_a_secret(given: Borrowed<'_, '_, PyAny>) -> PyErr {
    let kind = given.get_type().name().map_or_else(|_| "this".to_owned(), |name| name.to_string());
    PyTypeError::new_err(format!("must be a str, a SecretSource or a function, not {kind}"))
}

/// The attributes of the package's `SecretSource`.
#[derive(FromPyObject)]
struct Parts<'py> {
    #[pyo3(attribute("_kind"))]
    kind: String,
    #[pyo3(attribute("_given"))]
    given: Revealed<Bound<'py, PyAny>>,
    #[pyo3(attribute("_on_loop"))]
    on_loop: bool,
}

impl Parts<'_> {
    fn source(self) -> PyResult<m2m::SecretSource> {
        let given = self.given.0;
        Ok(match self.kind.as_str() {
            "file" => m2m::SecretSource::file(given.extract::<PathBuf>()?),
            "env" => m2m::SecretSource::env(given.extract::<String>()?),
            "function" => {
                let function = Function::new(given.unbind(), self.on_loop);
                m2m::SecretSource::provider(Arc::new(Provider(function)))
            }
            _ => m2m::SecretSource::from(given.extract::<Revealed<String>>()?.0),
        })
    }
}

/// A function that returns a secret.
struct Provider(Function);

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("function")
    }
}

impl SecretProvider for Provider {
    fn secret(&self) -> SecretFuture<'_> {
        Box::pin(self.0.call(None, |value| {
            value.extract::<Revealed<String>>().map(|secret| Secret::new(secret.0))
        }))
    }
}
