//! M2M clients.

pub(crate) mod endpoints;
mod limits;
mod model;
mod search;
mod store;

pub(crate) use self::{
    model::{Client, ClientSettings, register},
    store::Clients,
};
