//! M2M clients.

mod credentials;
pub(crate) mod endpoints;
mod limits;
mod model;
mod search;
mod store;

pub use self::credentials::{AuthMethod, FederatedCredential};
pub(crate) use self::{
    credentials::{CredentialSettings, Credentials},
    model::{Client, ClientSettings, register},
    store::Clients,
};
