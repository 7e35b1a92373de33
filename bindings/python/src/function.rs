//! Functions of the user's, asynchronous or not.

use std::pin::Pin;
use std::sync::Arc;

use pyo3::prelude::*;
use stytch_m2m::SecretError;
use tokio::task::spawn_blocking;

use crate::caller::Caller;
use crate::runtime::exit::ExitGuard;

/// What a function's failure says.
pub(crate) type FunctionError = SecretError;

/// What a function will have returned.
pub(crate) type Returned<T> = Pin<Box<dyn Future<Output = Result<T, FunctionError>> + Send>>;

/// A function of the user's, asynchronous or not.
#[derive(Clone)]
pub(crate) struct Function {
    function: Arc<Py<PyAny>>,
    /// What is asynchronous runs on the caller's event loop, which no call blocks.
    on_loop: bool,
}

impl Function {
    pub(crate) fn new(function: Py<PyAny>, on_loop: bool) -> Self {
        Self { function: Arc::new(function), on_loop }
    }

    /// Calls it for the caller of this code, and reads what it returns.
    pub(crate) fn call<T: Send + 'static>(
        &self,
        argument: Option<String>,
        read: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T> + Send + 'static,
    ) -> Returned<T> {
        let (function, caller) = (self.clone(), Caller::current());
        Box::pin(async move {
            // It may block, and waits for the interpreter lock.
            spawn_blocking(move || function.run(caller.as_ref(), argument, read)).await?
        })
    }

    fn run<T>(
        &self,
        caller: Option<&Caller>,
        argument: Option<String>,
        read: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T>,
    ) -> Result<T, FunctionError> {
        let ended = || FunctionError::from("the interpreter has ended");
        let _guard = ExitGuard::try_take().ok_or_else(ended)?;
        let outcome = Python::try_attach(|py| {
            let returned = self.returned(py, caller, argument);
            returned.and_then(|value| read(&value)).map_err(|error| raised(py, &error))
        });
        outcome.ok_or_else(ended)?
    }

    fn returned<'py>(
        &self,
        py: Python<'py>,
        caller: Option<&Caller>,
        argument: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let call = py.import("stytch_m2m._secret")?.getattr("call")?;
        let place = caller.filter(|_| self.on_loop).and_then(Caller::place);
        let place = place.map(|place| place.clone_ref(py));
        match caller {
            Some(caller) => {
                let context = caller.context(py)?;
                context.call_method1("run", (call, &*self.function, place, argument))
            }
            None => call.call1((&*self.function, place, argument)),
        }
    }
}

/// Only the exception's name: its text may hold anything.
fn raised(py: Python<'_>, error: &PyErr) -> FunctionError {
    let name = error.get_type(py).fully_qualified_name();
    let name = name.map_or_else(|_| "an exception".to_owned(), |name| name.to_string());
    format!("it raised {name}").into()
}
