//! The runtime of detached tasks.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::error::{Error, Result};

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs detached tasks: fetches that outlive the call that started them.
#[derive(Clone, Default)]
pub struct Spawner(Option<Arc<dyn Fn(Task) + Send + Sync>>);

impl Spawner {
    /// Passes every task to `spawn`, for callers whose own code does not run on Tokio.
    pub fn new(spawn: impl Fn(Task) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(spawn)))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that spawns")]
    pub(crate) fn spawn(&self, task: Task) -> Result<()> {
        match &self.0 {
            Some(spawn) => spawn(task),
            None => {
                let handle = tokio::runtime::Handle::try_current().map_err(|_| {
                    Error::invalid_config("spawner", "call this from within a Tokio runtime")
                })?;
                drop(handle.spawn(task));
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Spawner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Spawner(custom)" } else { "Spawner(tokio)" })
    }
}
