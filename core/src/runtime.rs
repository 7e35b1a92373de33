//! Detached tasks: where they run, and how callers share one.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::error::{Error, ErrorKind, Result};

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs detached tasks: fetches that outlive the call that started them.
#[derive(Clone, Default)]
pub struct Spawner(Option<Arc<dyn Fn(Task) + Send + Sync>>);

impl Spawner {
    /// Hands every task to `spawn`, for callers whose own code does not run on Tokio.
    pub fn new(spawn: impl Fn(Task) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(spawn)))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that spawns")]
    fn spawn(&self, task: Task) -> Result<()> {
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

/// One task at a time, whose result all callers share. The task is nobody's: a caller that gives up
/// takes nothing from the others.
pub(crate) struct Flight<T>(Arc<Mutex<Option<UnderWay<T>>>>);

struct UnderWay<T> {
    /// A forked child inherits the record but not the task.
    process: u32,
    result: watch::Receiver<Option<T>>,
}

impl<T> Default for Flight<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Clone + Send + Sync + 'static> Flight<T> {
    /// Joins the flight under way, or takes off with `task`. True when this call took off.
    pub(crate) fn join<F>(
        &self,
        spawner: &Spawner,
        task: impl FnOnce() -> F,
    ) -> Result<(Landing<T>, bool)>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(current) = slot.as_ref().filter(|current| current.lives()) {
            return Ok((Landing(current.result.clone()), false));
        }
        let (sender, result) = watch::channel(None);
        let (work, slots) = (task(), Arc::clone(&self.0));
        spawner.spawn(Box::pin(async move {
            let value = work.await;
            // First: whoever has the result and asks again must not get the same one.
            *slots.lock().unwrap_or_else(PoisonError::into_inner) = None;
            sender.send_replace(Some(value));
        }))?;
        *slot = Some(UnderWay { process: std::process::id(), result: result.clone() });
        Ok((Landing(result), true))
    }

    pub(crate) fn is_under_way(&self) -> bool {
        let slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.as_ref().is_some_and(UnderWay::lives)
    }
}

impl<T> UnderWay<T> {
    /// A closed channel is a task that died with its runtime.
    fn lives(&self) -> bool {
        self.process == std::process::id() && self.result.has_changed().is_ok()
    }
}

/// A flight's result, once it is there.
pub(crate) struct Landing<T>(watch::Receiver<Option<T>>);

impl<T: Clone> Landing<T> {
    pub(crate) async fn wait(mut self) -> Result<T> {
        let value = self.0.wait_for(Option::is_some).await.ok().and_then(|value| value.clone());
        value.ok_or_else(|| {
            Error::new(ErrorKind::Network, "the request was abandoned: its runtime shut down")
        })
    }
}
