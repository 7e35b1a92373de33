//! Where calls run, and what ends them early.

use std::future::Future;
use std::sync::{Arc, LazyLock};

use futures_util::FutureExt as _;
use stytch_m2m::internals::{self, Spawner};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use uniffi::deps::async_compat::Compat;

use crate::error::Result;

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

/// May end the call that it is given to.
pub(crate) type Cancel = Option<Arc<CancelToken>>;

/// `call`, unless `cancel` ends it first.
pub(crate) async fn unless_cancelled<T>(
    cancel: Cancel,
    call: impl Future<Output = stytch_m2m::Result<T>>,
) -> Result<T> {
    let token = cancel.map(|cancel| cancel.0.clone()).unwrap_or_default();
    match token.run_until_cancelled_owned(call).await {
        Some(outcome) => Ok(outcome?),
        None => Err(internals::cancelled().into()),
    }
}

/// Runs detached tasks where uniffi runs async calls, for calls that come from outside of it.
pub(crate) fn spawner() -> Spawner {
    static RUNTIME: LazyLock<Option<Handle>> =
        LazyLock::new(|| Compat::new(async { Handle::current() }).now_or_never());
    match &*RUNTIME {
        Some(runtime) => Spawner::new(|task| drop(runtime.spawn(task))),
        None => Spawner::default(),
    }
}
