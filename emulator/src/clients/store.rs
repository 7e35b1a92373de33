//! The stored clients, ordered by id.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    ops::Bound,
    sync::Mutex,
};

use super::{
    model::Client,
    search::{Search, encode_cursor},
};
use crate::{lock::lock, reply::ApiError};

pub(crate) struct Clients(Mutex<BTreeMap<String, Client>>);

pub(super) struct Page {
    pub(super) clients: Vec<Client>,
    pub(super) total: usize,
    pub(super) next_cursor: Option<String>,
}

pub(super) fn not_found() -> ApiError {
    ApiError::not_found("m2m_client_not_found", "No M2M client has this client_id.")
}

fn by_id(clients: Vec<Client>) -> BTreeMap<String, Client> {
    clients.into_iter().map(|client| (client.id().to_owned(), client)).collect()
}

impl Clients {
    pub(crate) fn new(clients: Vec<Client>) -> Self {
        Self(Mutex::new(by_id(clients)))
    }

    pub(crate) fn find(&self, client_id: &str) -> Option<Client> {
        lock(&self.0).get(client_id).cloned()
    }

    /// The first client that meets the condition.
    pub(crate) fn find_by(&self, is_it: impl FnMut(&&Client) -> bool) -> Option<Client> {
        lock(&self.0).values().find(is_it).cloned()
    }

    pub(super) fn insert(&self, client: Client) -> Result<(), ApiError> {
        match lock(&self.0).entry(client.id().to_owned()) {
            Entry::Occupied(_) => Err(ApiError::bad_request(
                "duplicate_m2m_client_id",
                "An M2M client with this client_id exists already.",
            )),
            Entry::Vacant(free) => {
                free.insert(client);
                Ok(())
            }
        }
    }

    /// Changes a client; if `change` fails, the client stays as it was.
    pub(super) fn change(
        &self,
        client_id: &str,
        change: impl FnOnce(&mut Client) -> Result<(), ApiError>,
    ) -> Result<Client, ApiError> {
        let mut clients = lock(&self.0);
        let client = clients.get_mut(client_id).ok_or_else(not_found)?;
        let mut changed = client.clone();
        change(&mut changed)?;
        *client = changed.clone();
        Ok(changed)
    }

    pub(super) fn remove(&self, client_id: &str) -> Result<(), ApiError> {
        lock(&self.0).remove(client_id).map(drop).ok_or_else(not_found)
    }

    /// Pages by client id, so that a client created or deleted between two pages neither hides nor
    /// repeats another.
    pub(super) fn search(&self, search: &Search) -> Page {
        let clients = lock(&self.0);
        let total = clients.values().filter(|client| search.matches(client)).count();
        let start = search.after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let mut rest = clients
            .range::<str, _>((start, Bound::Unbounded))
            .map(|(_, client)| client)
            .filter(|client| search.matches(client));
        let page: Vec<Client> = rest.by_ref().take(search.limit).cloned().collect();
        let next_cursor = rest.next().and(page.last()).map(|last| encode_cursor(last.id()));
        Page { clients: page, total, next_cursor }
    }

    /// Replaces all clients.
    pub(crate) fn replace(&self, clients: Vec<Client>) {
        *lock(&self.0) = by_id(clients);
    }
}
