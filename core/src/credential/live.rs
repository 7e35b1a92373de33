//! A secret that may change while the process runs.

use std::convert::Infallible;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;

use super::file::{self, Stamp};
use super::source::{Origin, SecretProvider, SecretSource};
use crate::callback;
use crate::config::TransportConfig;
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::single_flight::{NoResult, SingleFlight};

/// Time that the single flight may take in addition to the provider's.
const EXTRA_TIME: Duration = Duration::from_secs(5);

/// A secret of the settings, and what was last read from its source.
pub(crate) struct LiveSecret {
    /// The setting, for messages.
    field: &'static str,
    check: fn(&str, &Secret) -> Result<()>,
    source: SecretSource,
    last: ArcSwapOption<Reading>,
    /// The time limit of a provider.
    limit: Duration,
    calls: SingleFlight<(), Secret>,
}

struct Reading {
    secret: Option<Secret>,
    stamp: Option<Stamp>,
}

impl fmt::Debug for LiveSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl LiveSecret {
    /// Checks what can be checked without I/O: the value, or the environment variable.
    pub(crate) fn new(
        field: &'static str,
        source: SecretSource,
        check: fn(&str, &Secret) -> Result<()>,
        config: &TransportConfig,
    ) -> Result<Self> {
        let wrong = |what: String| Err(Error::invalid_config(field, format!("{field} {what}")));
        match source.origin() {
            Origin::Value(secret) => check(field, secret)?,
            Origin::Env(name) => check(field, &variable(field, name)?)?,
            Origin::File(path) if path.as_os_str().is_empty() => {
                return wrong("names a file whose path is empty".to_owned());
            }
            Origin::File(_) | Origin::Provider(_) => {}
            Origin::Ambiguous([one, other]) => {
                return wrong(format!("is ambiguous: {one} and {other} are both set; unset one"));
            }
        }
        let (spawner, clock) = (config.spawner.clone(), config.clock.clone());
        let limit = config.attempt_timeout;
        let calls = SingleFlight::new(spawner, clock, limit.saturating_add(EXTRA_TIME));
        Ok(Self { field, check, source, last: ArcSwapOption::empty(), limit, calls })
    }

    /// The secret: as last read, unless its file has changed. A file that has become unreadable
    /// does not displace what was read before.
    pub(crate) async fn get(&self) -> Result<Secret> {
        let known = self.known();
        match (known, self.has_changed()) {
            (Some(known), false) => Ok(known),
            (Some(known), true) => match self.read().await {
                Ok(secret) => Ok(secret),
                Err(error) => {
                    let (field, message) = (self.field, &error.details().message);
                    tracing::warn!(field, message, "keeping the secret that was read before");
                    Ok(known)
                }
            },
            (None, _) => self.read().await,
        }
    }

    /// The secret for one use: a file is read again if it has changed, other sources always.
    pub(crate) async fn fresh(&self) -> Result<Secret> {
        match self.source.origin() {
            Origin::File(_) => self.get().await,
            _ => self.read().await,
        }
    }

    /// Reads the secret from its source.
    pub(crate) async fn read(&self) -> Result<Secret> {
        let secret = match self.source.origin() {
            Origin::Value(secret) => return Ok(secret.clone()),
            Origin::File(path) => return self.read_file(path),
            Origin::Env(name) => variable(self.field, name)?,
            Origin::Provider(provider) => self.call(provider).await?,
            Origin::Ambiguous(_) => Secret::default(),
        };
        (self.check)(self.field, &secret)?;
        self.last.store(Some(Arc::new(Reading { secret: Some(secret.clone()), stamp: None })));
        Ok(secret)
    }

    /// Whether the secret never changes.
    pub(crate) fn is_fixed(&self) -> bool {
        matches!(self.source.origin(), Origin::Value(_))
    }

    /// The secret as last read.
    pub(crate) fn known(&self) -> Option<Secret> {
        match self.source.origin() {
            Origin::Value(secret) => Some(secret.clone()),
            _ => self.last.load().as_ref().and_then(|last| last.secret.clone()),
        }
    }

    /// Whether the secret's file has changed since it was last read, or tried to be.
    pub(crate) fn has_changed(&self) -> bool {
        match self.source.origin() {
            Origin::File(path) => {
                let last = self.last.load();
                last.as_ref().is_some_and(|last| last.stamp != Stamp::of(path))
            }
            _ => false,
        }
    }

    fn read_file(&self, path: &Path) -> Result<Secret> {
        let read = file::read(path).map_err(|cause| {
            let (field, path) = (self.field, path.display());
            let message = format!("{field}: cannot use the file {path}: {cause}");
            Error::invalid_config(field, message)
        });
        let read = read.and_then(|(secret, stamp)| {
            (self.check)(self.field, &secret)?;
            Ok((secret, stamp))
        });
        let (secret, stamp) = match &read {
            Ok((secret, stamp)) => (Some(secret.clone()), Some(*stamp)),
            Err(_) => (self.known(), Stamp::of(path)),
        };
        self.last.store(Some(Arc::new(Reading { secret, stamp })));
        read.map(|(secret, _)| secret)
    }

    /// Calls the provider: one call for all concurrent callers.
    async fn call(&self, provider: &Arc<dyn SecretProvider>) -> Result<Secret> {
        let join_or_start = || {
            let (field, limit, provider) = (self.field, self.limit, Arc::clone(provider));
            self.calls.join_or_start(
                |()| Ok::<_, Infallible>(()),
                || async move { callback::call(field, limit, async { provider.secret().await }).await },
                |(), _, _| {},
                |_| {},
            )
        };
        match self.calls.run(join_or_start).await {
            Ok((secret, _)) => Ok(secret),
            Err(NoResult::Failed(error)) => Err(error),
            Err(NoResult::Declined(never)) => match never {},
        }
    }
}

fn variable(field: &str, name: &str) -> Result<Secret> {
    match std::env::var(name).ok().filter(|value| !value.is_empty()) {
        Some(value) => Ok(Secret::new(value)),
        None => {
            let message = format!("{field}: the environment variable {name} is not set");
            Err(Error::invalid_config(field, message))
        }
    }
}
