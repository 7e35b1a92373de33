//! The side of Auth0 that a migration reads: tokens, clients, grants, resource servers.

mod listing;
pub(crate) mod management;
mod reply;
mod tenant;
pub(crate) mod token;

pub use self::tenant::{Auth0Credentials, Auth0ManagementClient, Auth0Seed};
pub(crate) use self::{
    reply::{ManagementError, ManagementErrorBody, TokenError, TokenErrorBody},
    tenant::{Objects, Tenant},
    token::{AccessToken, AccessTokenReply},
};
