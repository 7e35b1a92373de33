//! The part of Auth0's API that a migration reads: tokens, clients, grants, resource servers.

mod access_token;
mod listing;
pub(crate) mod management;
mod tenant;
pub(crate) mod token;

pub use self::tenant::{Auth0Credentials, Auth0ManagementClient, Auth0Seed};
pub(crate) use self::{
    access_token::AccessToken,
    tenant::{Tenant, TenantObjects},
};
