//! Tokens shared by a fleet: one process fetches for all.
//!
//! The store is a help and never a need. Whatever it does, or does not do, each process can fetch
//! for itself; all that is lost is that they fetch once.

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

/// What went wrong in a [`TokenStore`]. It is logged, so it must hold no secret.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// What a [`TokenStore`] answers, in time.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Bytes of the largest value that is read.
const MAX_VALUE: usize = 64 << 10;

/// A store that processes share, for what is sealed: it sees neither tokens nor whose they are.
///
/// Redis and Valkey are built in (feature `redis`), by
/// [`token_store_url`](crate::ClientConfig::token_store_url). Names are opaque and of 60 characters
/// at the most, values of 32 KiB. Every call is given 150 ms.
pub trait TokenStore: fmt::Debug + Send + Sync {
    /// The value called `name`.
    fn get<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Vec<u8>>>;

    /// Puts `value` for `ttl`, unless there is one with the same or a later `expires_at`, which is
    /// in milliseconds since the Unix epoch.
    fn put_if_newer<'a>(
        &'a self,
        name: &'a str,
        value: &'a [u8],
        expires_at: u64,
        ttl: Duration,
    ) -> StoreFuture<'a, ()>;

    /// Removes what is called `name` if it still is `value`.
    fn remove<'a>(&'a self, name: &'a str, value: &'a [u8]) -> StoreFuture<'a, ()>;

    /// Takes the lock called `name` for `owner`, for `ttl` at the most. False if it is taken.
    fn try_lock<'a>(
        &'a self,
        name: &'a str,
        owner: &'a str,
        ttl: Duration,
    ) -> StoreFuture<'a, bool>;

    /// Gives the lock called `name` back if it still is `owner`'s.
    fn unlock<'a>(&'a self, name: &'a str, owner: &'a str) -> StoreFuture<'a, ()>;
}
