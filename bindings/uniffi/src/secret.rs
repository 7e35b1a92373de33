//! Where a secret comes from: a value, a file, an environment variable or a function.

use std::fmt;
use std::sync::Arc;

use stytch_m2m::{self as m2m, Secret, SecretFuture, SecretProvider};

use crate::reply::{self, Reply};

/// [`m2m::SecretSource`].
#[derive(Clone, Debug, uniffi::Enum)]
pub enum SecretSetting {
    /// The secret itself.
    Value(Secret),
    /// The path of a file.
    File(String),
    /// The name of an environment variable.
    Env(String),
    /// A function of the language.
    Function(Arc<dyn SecretFunction>),
}

impl From<SecretSetting> for m2m::SecretSource {
    fn from(setting: SecretSetting) -> Self {
        match setting {
            SecretSetting::Value(secret) => Self::value(secret),
            SecretSetting::File(path) => Self::file(path),
            SecretSetting::Env(name) => Self::env(name),
            SecretSetting::Function(function) => Self::provider(Arc::new(Function(function))),
        }
    }
}

/// A function of the language.
#[uniffi::export(with_foreign)]
pub trait SecretFunction: fmt::Debug + Send + Sync {
    /// Begins to run it, and returns at once. Its end is told to `reply`.
    fn begin(&self, reply: Arc<SecretReply>);
}

/// Takes what a function returns.
#[derive(Debug, uniffi::Object)]
pub struct SecretReply(Reply<Secret>);

#[uniffi::export]
impl SecretReply {
    /// The function has returned `secret`.
    pub fn succeed(&self, secret: Secret) {
        self.0.send(Ok(secret));
    }

    /// The function has failed; `cause` holds no secret.
    pub fn fail(&self, cause: String) {
        self.0.send(Err(cause));
    }
}

#[derive(Debug)]
struct Function(Arc<dyn SecretFunction>);

impl SecretProvider for Function {
    fn secret(&self) -> SecretFuture<'_> {
        Box::pin(reply::call(|reply| self.0.begin(Arc::new(SecretReply(reply)))))
    }
}
