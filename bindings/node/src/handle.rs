//! What the services hold of the core, until they are closed.

use stytch_m2m::Result;
use stytch_m2m::internals;

/// A service until it is closed.
pub(crate) struct Handle<T> {
    name: &'static str,
    service: Option<T>,
}

impl<T> Handle<T> {
    pub(crate) fn new(name: &'static str, service: T) -> Self {
        Self { name, service: Some(service) }
    }

    pub(crate) fn get(&self) -> Result<&T> {
        let name = self.name;
        let closed =
            || internals::invalid_config(name, format!("the {name} is closed: make a new one"));
        self.service.as_ref().ok_or_else(closed)
    }

    /// Calls under way keep what they use until they end.
    pub(crate) fn close(&mut self) {
        self.service = None;
    }
}
