//! What a function of the language returns later.

use std::error::Error;
use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot::{self, Sender};

/// Takes the result of one call of a function, once.
#[derive(Debug)]
pub(crate) struct Reply<T>(Mutex<Option<Sender<Result<T, String>>>>);

impl<T> Reply<T> {
    pub(crate) fn send(&self, result: Result<T, String>) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        // The call may have been given up.
        let _ = sender.map(|sender| sender.send(result));
    }
}

/// Begins a call of a function, and waits for what it replies.
pub(crate) async fn call<T>(
    begin: impl FnOnce(Reply<T>),
) -> Result<T, Box<dyn Error + Send + Sync>> {
    let (sender, result) = oneshot::channel();
    begin(Reply(Mutex::new(Some(sender))));
    match result.await {
        Ok(result) => Ok(result?),
        Err(_) => Err("it ended without a result".into()),
    }
}
