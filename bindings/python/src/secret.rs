//! Where a secret comes from: a value, a file, an environment variable or a function.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyString;
use stytch_m2m::{self as m2m, Secret, SecretError, SecretFuture, SecretProvider};
use tokio::task::spawn_blocking;

use crate::caller::Caller;
use crate::hidden::{Revealed, not_text};
use crate::runtime::exit::ExitGuard;

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
                let function =
                    Function { function: Arc::new(given.unbind()), on_loop: self.on_loop };
                m2m::SecretSource::provider(Arc::new(function))
            }
            _ => m2m::SecretSource::from(given.extract::<Revealed<String>>()?.0),
        })
    }
}

/// A function of the user's, asynchronous or not.
struct Function {
    function: Arc<Py<PyAny>>,
    /// What is asynchronous runs on the caller's event loop, which no call blocks.
    on_loop: bool,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("function")
    }
}

impl SecretProvider for Function {
    fn secret(&self) -> SecretFuture<'_> {
        let (function, caller, on_loop) =
            (Arc::clone(&self.function), Caller::current(), self.on_loop);
        Box::pin(async move {
            // It may block, and waits for the interpreter lock.
            spawn_blocking(move || call(&function, caller.as_ref(), on_loop)).await?
        })
    }
}

fn call(
    function: &Py<PyAny>,
    caller: Option<&Caller>,
    on_loop: bool,
) -> Result<Secret, SecretError> {
    let ended = || SecretError::from("the interpreter has ended");
    let _guard = ExitGuard::try_take().ok_or_else(ended)?;
    let outcome = Python::try_attach(|py| {
        let secret = returned(py, function, caller, on_loop);
        secret.map_err(|error| raised(py, &error))
    });
    outcome.ok_or_else(ended)?
}

fn returned(
    py: Python<'_>,
    function: &Py<PyAny>,
    caller: Option<&Caller>,
    on_loop: bool,
) -> PyResult<Secret> {
    let call = py.import("stytch_m2m._secret")?.getattr("call")?;
    let place = caller.filter(|_| on_loop).and_then(Caller::place);
    let place = place.map(|place| place.clone_ref(py));
    let value = match caller {
        Some(caller) => caller.context(py)?.call_method1("run", (call, function, place))?,
        None => call.call1((function, place))?,
    };
    value.extract::<Revealed<String>>().map(|secret| Secret::new(secret.0))
}

/// Only the exception's name: its text may hold anything.
fn raised(py: Python<'_>, error: &PyErr) -> SecretError {
    let name = error.get_type(py).fully_qualified_name();
    let name = name.map_or_else(|_| "an exception".to_owned(), |name| name.to_string());
    format!("it raised {name}").into()
}
