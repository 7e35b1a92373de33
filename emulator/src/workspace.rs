//! Stytch's management API (v3), which a workspace key opens.

pub(crate) mod endpoints;
mod store;

pub(crate) use self::store::Workspace;
pub use self::store::{WorkspaceCredentials, WorkspaceSeed};
