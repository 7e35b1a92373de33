//! What Kotlin and Swift share: the core behind objects, records and one error that uniffi can carry.
//!
//! Nothing generated from this crate is public API. Each language has a facade of its own above it.

pub mod bearer;
pub mod client;
pub mod error;
mod jni;
pub mod records;

use std::future::{Future, pending};
use std::sync::{Arc, LazyLock};

use futures_util::FutureExt as _;
use stytch_m2m::{Error, Spawner};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use uniffi::deps::async_compat::Compat;

use crate::error::Result;

uniffi::setup_scaffolding!("stytch_m2m");

/// Cancels the calls that were given it.
///
/// Kotlin drops the Rust future of a cancelled coroutine by itself; Swift cannot.
#[derive(Debug, Default, uniffi::Object)]
pub struct CancelToken(CancellationToken);

#[uniffi::export]
impl CancelToken {
    /// A token that nothing has cancelled.
    #[uniffi::constructor]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends every call that has this token, and those that get it later, with `cancelled`.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

/// `call`, unless `cancel` ends it first.
async fn unless_cancelled<T>(
    cancel: Option<Arc<CancelToken>>,
    call: impl Future<Output = stytch_m2m::Result<T>>,
) -> Result<T> {
    let cancelled = async {
        match &cancel {
            Some(token) => token.0.cancelled().await,
            None => pending().await,
        }
    };
    tokio::select! {
        biased;
        () = cancelled => Err(Error::cancelled().into()),
        outcome = call => Ok(outcome?),
    }
}

/// Runs detached tasks where uniffi runs async calls, for calls that come from outside of it.
fn spawner() -> Spawner {
    static RUNTIME: LazyLock<Option<Handle>> =
        LazyLock::new(|| Compat::new(async { Handle::current() }).now_or_never());
    match &*RUNTIME {
        Some(runtime) => Spawner::new(|task| drop(runtime.spawn(task))),
        None => Spawner::default(),
    }
}
