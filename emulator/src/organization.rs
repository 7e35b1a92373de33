//! The organization-scoped M2M API: one client, whose secret can be read, and which rotates
//! without an overlap.

pub(crate) mod endpoints;
mod store;

pub(crate) use self::store::Organization;
pub use self::store::{OrganizationCredentials, OrganizationSeed};
