//! Management calls: create, get, search, update, delete.

pub(crate) mod model;
pub(crate) mod search;
pub(crate) mod secrets;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Body, MANAGEMENT_LIMIT, Method, Repeat, Reply, Request, StatusCode};
use model::{
    ClientResponse, CreateRequest, CreateResponse, DeleteResponse, M2MClient, UpdateRequest,
};
use search::{SearchRequest, SearchResponse};
use secrets::Secrets;

/// The M2M clients of the project. Needs the project's secret.
#[derive(Clone, Debug)]
pub struct Clients {
    client: Client,
}

impl Clients {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The rotation of a client's secret.
    pub fn secrets(&self) -> Secrets {
        Secrets::new(self.clone())
    }

    /// Creates a client. The answer is the only sight of its secret.
    ///
    /// # Errors
    /// `outcome_unknown` when the answer was lost: the client may or may not be there.
    pub async fn create(&self, request: CreateRequest) -> Result<CreateResponse> {
        #[derive(Serialize)]
        struct Wire<'a> {
            scopes: &'a [String],
            #[serde(skip_serializing_if = "Option::is_none")]
            client_id: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            client_secret: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            client_name: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            client_description: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            trusted_metadata: Option<&'a Map<String, Value>>,
        }
        let CreateRequest {
            scopes,
            client_id,
            client_secret,
            client_name,
            client_description,
            trusted_metadata,
        } = &request;
        let wire = Wire {
            scopes,
            client_id: client_id.as_deref(),
            client_secret: client_secret.as_ref().map(|secret| secret.expose()),
            client_name: client_name.as_deref(),
            client_description: client_description.as_deref(),
            trusted_metadata: trusted_metadata.as_ref(),
        };
        self.call(Method::POST, &[], Some(&wire)).await.map_err(|e| {
            unknown_if_lost(
                e,
                "the client may have been created: search for its name or id, and delete it if it \
                 is there, for its secret cannot be read again",
            )
        })
    }

    /// Reads one client.
    pub async fn get(&self, client_id: &str) -> Result<ClientResponse> {
        self.call(Method::GET, &[client_id], NOTHING).await
    }

    /// Changes what `request` names and leaves the rest.
    pub async fn update(&self, client_id: &str, request: UpdateRequest) -> Result<ClientResponse> {
        self.call(Method::PUT, &[client_id], Some(&request)).await
    }

    /// Deletes a client. Tokens that it already has stay valid until they expire.
    pub async fn delete(&self, client_id: &str) -> Result<DeleteResponse> {
        let reply = self.send(Method::DELETE, &[client_id], NOTHING).await?;
        // An attempt whose answer was lost did it already.
        if reply.status == StatusCode::NOT_FOUND && reply.in_doubt {
            let request_id = reply.error().into_details().request_id.unwrap_or_default();
            let client_id = client_id.to_owned();
            return Ok(DeleteResponse { client_id, request_id, status_code: 200 });
        }
        reply.json()
    }

    /// Finds clients, one page at a time.
    pub async fn search(&self, request: SearchRequest) -> Result<SearchResponse> {
        self.call(Method::POST, &["search"], Some(&request)).await
    }

    /// Finds clients, page after page as they are asked for.
    pub fn search_all(&self, request: SearchRequest) -> SearchAll {
        SearchAll { clients: self.clone(), request, page: Vec::new().into_iter(), done: false }
    }

    /// One management call below `/v1/m2m/clients`.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&(impl Serialize + ?Sized)>,
    ) -> Result<T> {
        self.send(method, path, body).await?.json()
    }

    /// The same, for who must see the answer as it came.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&(impl Serialize + ?Sized)>,
    ) -> Result<Reply> {
        let inner = &self.client.inner;
        let authorization = inner.management_authorization()?;
        let segments = [&["v1", "m2m", "clients"], path].concat();
        if let Some(bad) = path.iter().find(|segment| !safe_segment(segment)) {
            return Err(Error::invalid_config(
                "client_id",
                if bad.is_empty() {
                    "client_id is empty"
                } else {
                    "client_id must not be `.` or `..` or hold a control character"
                },
            ));
        }
        let body = match body {
            None => Body::Empty,
            Some(value) => Body::Json(Zeroizing::new(serde_json::to_vec(value).map_err(|_| {
                Error::invalid_config("request", "the request cannot be written as JSON")
            })?)),
        };
        let repeat = repeat(&method, path);
        let request = Request {
            method,
            url: inner.project.url(&segments),
            authorization: Some(authorization),
            if_none_match: None,
            body,
            limit: MANAGEMENT_LIMIT,
            repeat,
            attempt_timeout: None,
        };
        inner.transport.send(request).await
    }
}

/// What doing it twice would do: a second client, a second secret, or nothing.
fn repeat(method: &Method, path: &[&str]) -> Repeat {
    match (method, path) {
        (&Method::POST, ["search"] | [.., "cancel"]) => Repeat::Safe,
        (&Method::POST, _) => Repeat::IfRefused,
        _ => Repeat::Safe,
    }
}

/// No body.
pub(crate) const NOTHING: Option<&()> = None;

fn safe_segment(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..") && !segment.chars().any(char::is_control)
}

/// For calls that must not be repeated blindly: a lost answer leaves the outcome open.
pub(crate) fn unknown_if_lost(error: Error, recovery: &str) -> Error {
    match error.kind() {
        _ if error.is_unsent() => error,
        ErrorKind::Network | ErrorKind::Timeout | ErrorKind::UnexpectedResponse => {
            let message = format!("{}. {recovery}", error.details().message);
            Error::new(ErrorKind::OutcomeUnknown, message).with(|d| {
                d.status_code = error.details().status_code;
                d.recovery = Some(recovery.to_owned());
            })
        }
        _ => error,
    }
}

/// All matches of a search, fetched a page at a time.
#[derive(Debug)]
pub struct SearchAll {
    clients: Clients,
    request: SearchRequest,
    page: std::vec::IntoIter<M2MClient>,
    done: bool,
}

impl SearchAll {
    /// The next client, or `None` after the last. An error ends nothing: the next call asks for the
    /// same page again.
    pub async fn next(&mut self) -> Result<Option<M2MClient>> {
        loop {
            if let Some(client) = self.page.next() {
                return Ok(Some(client));
            }
            match self.next_page().await? {
                Some(page) => self.page = page.into_iter(),
                None => return Ok(None),
            }
        }
    }

    /// What is left of the page at hand, or the next one, or `None` after the last. For wrappers to
    /// which each call is dear. A page may be empty.
    pub async fn next_page(&mut self) -> Result<Option<Vec<M2MClient>>> {
        if self.page.len() > 0 {
            return Ok(Some(std::mem::take(&mut self.page).collect()));
        }
        if self.done {
            return Ok(None);
        }
        let response = self.clients.search(self.request.clone()).await?;
        self.request.cursor = response.results_metadata.next_cursor;
        self.done = self.request.cursor.as_deref().unwrap_or_default().is_empty();
        Ok(Some(response.m2m_clients))
    }
}
