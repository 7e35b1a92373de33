//! Where a secret comes from: a value, a file, an environment variable or a function.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use crate::secret::Secret;

/// An error of a [`SecretProvider`]. Users see its text, so it must not contain a secret.
pub type SecretError = Box<dyn std::error::Error + Send + Sync>;

/// The future that a [`SecretProvider`] returns.
pub type SecretFuture<'a> = Pin<Box<dyn Future<Output = Result<Secret, SecretError>> + Send + 'a>>;

/// Provides a secret that may change, for example from a vault.
pub trait SecretProvider: fmt::Debug + Send + Sync {
    /// Returns the current secret. It is called at the first use of the secret, and again when a
    /// server refuses the secret; for an assertion, before each token request. One call serves all
    /// concurrent callers. It may take as long as one attempt of a request:
    /// [`TransportConfig::attempt_timeout`](crate::TransportConfig::attempt_timeout).
    fn secret(&self) -> SecretFuture<'_>;
}

/// Where a secret comes from.
///
/// ```
/// use stytch_m2m::{Secret, SecretSource};
///
/// let value = SecretSource::from("client-secret");
/// // Read again when the file changes, and when the server refuses the secret.
/// let file = SecretSource::file("/var/run/secrets/stytch/client-secret");
/// // Read again when the server refuses the secret.
/// let variable = SecretSource::env("BILLING_CLIENT_SECRET");
/// // Called again when the server refuses the secret.
/// let function = SecretSource::function(|| async { read_from_vault().await });
/// # async fn read_from_vault() -> std::io::Result<Secret> { Ok("secret".into()) }
/// assert_eq!(format!("{value:?}"), "SecretSource([REDACTED])");
/// ```
#[derive(Clone)]
pub struct SecretSource(Origin);

/// The kinds of [`SecretSource`].
#[derive(Clone)]
pub(crate) enum Origin {
    Value(Secret),
    File(PathBuf),
    Env(String),
    Provider(Arc<dyn SecretProvider>),
    /// Two environment variables that exclude each other are set.
    Ambiguous([&'static str; 2]),
}

impl SecretSource {
    /// The secret itself.
    #[must_use]
    pub fn value(secret: impl Into<Secret>) -> Self {
        Self(Origin::Value(secret.into()))
    }

    /// A file that contains only the secret; line breaks at its end are ignored. It is read at the
    /// first use, again when it changes (also when a symbolic link on its path changes, as with
    /// Kubernetes' volumes), and when the server refuses the secret. A file that every user can
    /// write is refused.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Origin::File(path.into()))
    }

    /// An environment variable. It is read when the settings are checked, and again when the server
    /// refuses the secret.
    #[must_use]
    pub fn env(name: impl Into<String>) -> Self {
        Self(Origin::Env(name.into()))
    }

    /// A provider; see [`SecretProvider::secret`] for when it is called.
    #[must_use]
    pub fn provider(provider: Arc<dyn SecretProvider>) -> Self {
        Self(Origin::Provider(provider))
    }

    /// A function; see [`SecretProvider::secret`] for when it is called.
    #[must_use]
    pub fn function<F, R, E>(function: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<Secret, E>> + Send,
        E: Into<SecretError>,
    {
        Self::provider(Arc::new(Function(function)))
    }

    /// Two environment variables that are both set, although they exclude each other.
    pub(crate) fn ambiguous(names: [&'static str; 2]) -> Self {
        Self(Origin::Ambiguous(names))
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.0
    }
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_tuple("SecretSource");
        match &self.0 {
            Origin::Value(secret) => shown.field(secret),
            Origin::File(path) => shown.field(path),
            Origin::Env(name) => shown.field(name),
            Origin::Provider(provider) => shown.field(provider),
            Origin::Ambiguous(names) => shown.field(names),
        };
        shown.finish()
    }
}

impl From<Secret> for SecretSource {
    fn from(secret: Secret) -> Self {
        Self::value(secret)
    }
}

impl From<String> for SecretSource {
    fn from(secret: String) -> Self {
        Self::value(secret)
    }
}

impl From<&str> for SecretSource {
    fn from(secret: &str) -> Self {
        Self::value(secret)
    }
}

struct Function<F>(F);

impl<F> fmt::Debug for Function<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("function")
    }
}

impl<F, R, E> SecretProvider for Function<F>
where
    F: Fn() -> R + Send + Sync,
    R: Future<Output = Result<Secret, E>> + Send,
    E: Into<SecretError>,
{
    fn secret(&self) -> SecretFuture<'_> {
        Box::pin(async { (self.0)().await.map_err(Into::into) })
    }
}
