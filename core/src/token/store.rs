//! Tokens shared between processes: one process fetches for all.
//!
//! The store is best-effort: if it fails, each process fetches its own token.

mod breaker;
mod codec;
mod keys;
#[cfg(feature = "redis")]
mod redis;
pub(crate) mod shared;
#[cfg(feature = "redis")]
mod tls;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// An error of a [`TokenStore`]. It is logged, so it must not contain a secret.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// The future that a [`TokenStore`] returns.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Maximum size in bytes of a value that is read.
const MAX_VALUE: usize = 64 << 10;

/// A store through which processes share encrypted tokens. It sees neither tokens nor client ids.
///
/// Redis and Valkey are built in (feature `redis`): set
/// [`token_store_url`](crate::ClientConfig::token_store_url). Names are opaque, at most 60
/// characters; values have at most 32 KiB. Each call times out after 150 ms.
pub trait TokenStore: fmt::Debug + Send + Sync {
    /// Returns the value called `name`.
    fn get<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Vec<u8>>>;

    /// Stores `value` for `ttl`, unless the stored value has the same or a later `expires_at`.
    /// `expires_at` is in milliseconds since the Unix epoch.
    fn put_if_newer<'a>(
        &'a self,
        name: &'a str,
        value: &'a [u8],
        expires_at: u64,
        ttl: Duration,
    ) -> StoreFuture<'a, ()>;

    /// Removes the value called `name` if it is still `value`.
    fn remove<'a>(&'a self, name: &'a str, value: &'a [u8]) -> StoreFuture<'a, ()>;

    /// Takes the lock called `name` for `owner`, for at most `ttl`. Returns false if the lock is
    /// taken.
    fn try_lock<'a>(
        &'a self,
        name: &'a str,
        owner: &'a str,
        ttl: Duration,
    ) -> StoreFuture<'a, bool>;

    /// Releases the lock called `name` if `owner` still holds it.
    fn unlock<'a>(&'a self, name: &'a str, owner: &'a str) -> StoreFuture<'a, ()>;
}
