//! Machine-to-machine authentication on Stytch: the client-credentials grant of OAuth 2.0.
//!
//! - [`Client`] manages M2M clients, fetches access tokens, and verifies them.
//! - [`TokenSource`] keeps a fresh access token for one credential; it needs no project secret.
//! - [`TokenVerifier`] verifies tokens of one or several issuers; it needs no secret at all.
//! - [`OrganizationClient`] calls the organization-scoped M2M API that a SaaS offers its customers.
//!
//! ```no_run
//! use stytch_m2m::{AuthenticateOptions, Client, TokenRequest};
//!
//! # async fn run() -> stytch_m2m::Result<()> {
//! let client = Client::from_env()?;
//! let token = client
//!     .token(TokenRequest {
//!         client_id: "m2m-client-test-...".into(),
//!         client_secret: "...".into(),
//!         ..Default::default()
//!     })
//!     .await?;
//! let options = AuthenticateOptions::scopes(["read:users"]);
//! let claims = client.authenticate_token(token.access_token.expose(), &options).await?;
//! println!("{} may {:?}", claims.client_id, claims.scopes);
//! # Ok(())
//! # }
//! ```
//!
//! Every failure is an [`Error`] with a stable [`code`](Error::code). Every future may be dropped
//! at any time. Calls that fetch need a Tokio runtime; verifying a token with a cached key set
//! needs none.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod auth0;
mod backoff;
mod bearer;
mod callback;
mod client;
mod clients;
mod clock;
mod config;
mod credential;
mod discovery;
mod error;
mod fork;
mod http;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod internals;
mod json;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod management;
mod organization;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod plain;
mod random;
mod retry;
mod runtime;
mod secret;
mod single_flight;
mod stats;
mod text;
mod token;
mod verify;

pub use bearer::{
    Origins, Refusal, refuses_token, token_from_authorization_header,
    token_from_authorization_headers,
};
pub use client::Client;
pub use clients::model::{
    ClientResponse, ClientStatus, CreateRequest, CreateResponse, DeleteResponse, M2MClient,
    M2MClientWithClientSecret, M2MClientWithNextClientSecret, RotateStartResponse, UpdateRequest,
};
pub use clients::search::{
    ResultsMetadata, SearchFilter, SearchOperator, SearchQuery, SearchRequest, SearchResponse,
};
pub use clients::secrets::Secrets;
pub use clients::{Clients, SearchAll};
pub use config::{ClientConfig, Proxy, TransportConfig, Vertical};
pub use credential::method::ClientAuth;
pub use credential::source::{SecretError, SecretFuture, SecretProvider, SecretSource};
pub use discovery::resource::ProtectedResource;
pub use error::{Error, ErrorDetails, ErrorKind, InvalidTokenReason, Result};
pub use organization::{OrganizationClient, OrganizationConfig};
pub use secret::Secret;
pub use stats::{CacheStats, ClientStats};
pub use token::source::{TokenSource, TokenSourceConfig};
pub use token::store::{StoreError, StoreFuture, TokenStore};
pub use token::{Token, TokenRequest};
pub use verify::health::{ExportedKeySet, KeySetHealth, KeySetState};
pub use verify::{
    Algorithm, AuthenticateOptions, Authorize, CustomClaims, IssuerConfig, IssuerResolver,
    KeySource, RequiredOrganization, ResolveIssuer, ResolverError, ResolverFuture, TokenClaims,
    TokenProfile, TokenVerifier, TokenVerifierConfig,
};
