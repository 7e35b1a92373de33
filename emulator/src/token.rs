//! Access tokens, and the endpoint that issues them.

mod assertion;
mod authentication;
pub(crate) mod endpoint;
pub(crate) mod issue;
pub(crate) mod metadata;
mod parameters;
pub(crate) mod settings;
pub(crate) mod template;
mod used_assertions;

pub(crate) use self::{
    parameters::{Grant, GrantType, SecretGrant},
    used_assertions::UsedAssertions,
};
