//! What the services hold of the core, until they are closed.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// A service of the core until it is closed.
pub(crate) struct Handle<T> {
    name: &'static str,
    service: ArcSwapOption<T>,
}

impl<T> Handle<T> {
    pub(crate) fn new(name: &'static str, service: T) -> Self {
        Self { name, service: ArcSwapOption::from_pointee(service) }
    }

    pub(crate) fn get(&self) -> PyResult<Arc<T>> {
        let name = self.name;
        let closed = || PyRuntimeError::new_err(format!("the {name} is closed: make a new one"));
        self.service.load_full().ok_or_else(closed)
    }

    pub(crate) fn close(&self) {
        self.service.store(None);
    }
}
