//! What the services hold of the core, until they are closed.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// A service of the core until it is closed.
pub(crate) struct Handle<T>(ArcSwapOption<T>);

impl<T> Handle<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(ArcSwapOption::from_pointee(value))
    }

    pub(crate) fn get(&self) -> PyResult<Arc<T>> {
        self.0
            .load_full()
            .ok_or_else(|| PyRuntimeError::new_err("this one is closed: make another"))
    }

    pub(crate) fn close(&self) {
        self.0.store(None);
    }
}
