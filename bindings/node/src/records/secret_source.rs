//! Where a secret comes from.

use std::fmt;
use std::sync::Arc;

use napi::Status;
use napi::bindgen_prelude::Promise;
use napi::threadsafe_function::ThreadsafeFunction;
use napi_derive::napi;
use stytch_m2m::{self as m2m, Secret, SecretFuture, SecretProvider};

/// A function of JavaScript that provides a secret. It does not keep its thread alive.
type Provide = ThreadsafeFunction<(), Promise<Provided>, (), Status, false, true>;

/// One of these.
#[napi(object, object_to_js = false)]
pub struct SecretSource {
    /// The secret.
    pub value: Option<String>,
    /// A file's path.
    pub file: Option<String>,
    /// A variable's name.
    pub env: Option<String>,
    /// A function, which never rejects.
    #[napi(ts_type = "() => Promise<Provided>")]
    pub provide: Option<Provide>,
}

/// What a function provides.
#[napi(object)]
pub struct Provided {
    /// The secret.
    pub secret: Option<String>,
    /// Why there is none.
    pub error: Option<String>,
}

impl From<SecretSource> for m2m::SecretSource {
    fn from(source: SecretSource) -> Self {
        match source {
            SecretSource { provide: Some(provide), .. } => {
                Self::provider(Arc::new(Function(provide)))
            }
            SecretSource { file: Some(file), .. } => Self::file(file),
            SecretSource { env: Some(env), .. } => Self::env(env),
            SecretSource { value, .. } => Self::value(value.unwrap_or_default()),
        }
    }
}

struct Function(Provide);

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("function")
    }
}

impl SecretProvider for Function {
    fn secret(&self) -> SecretFuture<'_> {
        Box::pin(async {
            let gone = |_| "its thread has ended";
            let promise = self.0.call_async(()).await.map_err(gone)?;
            match promise.await.map_err(gone)? {
                Provided { secret: Some(secret), .. } => Ok(Secret::new(secret)),
                Provided { error, .. } => Err(error.unwrap_or_default().into()),
            }
        })
    }
}
