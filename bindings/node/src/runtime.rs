//! Calls as promises that never reject: the outcome is a record or a [`Failure`].

use napi::Env;
use napi::bindgen_prelude::{ClassInstance, PromiseRaw, ToNapiValue};
use napi_derive::napi;
use stytch_m2m::Result;
use stytch_m2m::internals::{self, Spawner};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::error::{Outcome, outcome};
use crate::log;

/// A promise of a call's outcome.
pub(crate) type Promise<'env, T> = napi::Result<PromiseRaw<'env, Outcome<T>>>;

/// Cancels the call that it is given to.
#[napi]
#[derive(Default)]
pub struct Cancel(CancellationToken);

#[napi]
impl Cancel {
    /// A cancellation to come.
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the call, which then fails with `cancelled`.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

/// A promise of `call`'s outcome.
pub(crate) fn promise<'env, T, R>(
    env: &'env Env,
    cancel: Option<ClassInstance<'_, Cancel>>,
    call: impl Future<Output = Result<T>> + Send + 'static,
) -> Promise<'env, R>
where
    R: From<T> + ToNapiValue + Send + 'static,
{
    let token = cancel.map(|cancel| cancel.0.clone()).unwrap_or_default();
    let call = async move {
        let result = token.run_until_cancelled_owned(call).await;
        Ok(outcome(result.unwrap_or_else(|| Err(internals::cancelled()))))
    };
    env.spawn_future(call.instrument(log::begin_call()))
}

/// Runs the core's detached tasks where napi runs its own, in the span of the call that starts them.
pub(crate) fn spawner() -> Spawner {
    Spawner::new(|task| drop(napi::bindgen_prelude::spawn(task.in_current_span())))
}
