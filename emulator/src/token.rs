//! Access tokens, and the endpoint that issues them.

mod assertion;
mod authentication;
pub(crate) mod endpoint;
pub(crate) mod issue;
pub(crate) mod metadata;
mod parameters;
pub(crate) mod settings;
pub(crate) mod template;

pub(crate) use self::{
    assertion::UsedAssertions,
    parameters::{Grant, GrantType, SecretGrant},
};
