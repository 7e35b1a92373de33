//! Secrets on their way in: error reporters capture the locals of every frame that an exception
//! passes, so that the package's own frames hold a secret as a [`Hidden`] alone.

use pyo3::conversion::FromPyObjectOwned;
use pyo3::exceptions::{PyTypeError, PyUnicodeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// A value whose `repr` shows nothing of it.
#[pyclass(frozen, module = "stytch_m2m._native")]
pub(crate) struct Hidden(Py<PyAny>);

#[pymethods]
impl Hidden {
    #[new]
    pub(crate) fn new(value: Py<PyAny>) -> Self {
        Self(value)
    }

    fn reveal(&self, py: Python<'_>) -> Py<PyAny> {
        self.0.clone_ref(py)
    }

    #[expect(clippy::unused_self, reason = "Python's method")]
    fn __repr__(&self) -> &'static str {
        "<hidden>"
    }
}

impl Hidden {
    pub(crate) fn revealed<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        self.0.bind(py).clone()
    }
}

/// An argument that may come as a [`Hidden`].
pub(crate) struct Revealed<T>(pub(crate) T);

impl<'a, 'py, T: FromPyObjectOwned<'py>> FromPyObject<'a, 'py> for Revealed<T> {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let value = match given.cast::<Hidden>() {
            Ok(hidden) => hidden.get().0.bind(given.py()).extract(),
            Err(_) => given.extract(),
        };
        value.map(Self).map_err(|error| {
            let inner = given.cast::<Hidden>();
            let given = inner.map_or_else(
                |_| given.as_any().clone(),
                |hidden| hidden.get().0.bind(given.py()).clone(),
            );
            not_text(&given).unwrap_or_else(|| without_value(given.py(), error.into()))
        })
    }
}

/// What is most often given in place of text.
pub(crate) fn not_text(given: &Bound<'_, PyAny>) -> Option<PyErr> {
    if given.is_instance_of::<PyBytes>() {
        return Some(PyTypeError::new_err("must be a str, not bytes: call its decode()"));
    }
    given.is_none().then(|| PyTypeError::new_err("must be a str, not None"))
}

/// `UnicodeEncodeError` holds the text that it is about.
pub(crate) fn without_value(py: Python<'_>, error: PyErr) -> PyErr {
    if error.is_instance_of::<PyUnicodeError>(py) {
        PyValueError::new_err("this text is not valid Unicode: it has a lone surrogate")
    } else {
        error
    }
}
