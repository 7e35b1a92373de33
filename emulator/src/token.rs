//! Access tokens, and the endpoint that issues them.

pub(crate) mod endpoint;
pub(crate) mod issue;
mod parameters;
pub(crate) mod settings;
pub(crate) mod template;

pub(crate) use self::parameters::{Grant, GrantType};
