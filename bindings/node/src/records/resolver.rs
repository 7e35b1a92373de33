//! Issuers that are not listed: a function of JavaScript decides.

use std::fmt;
use std::sync::Arc;

use napi::Status;
use napi::bindgen_prelude::{FromNapiValue, Promise};
use napi::threadsafe_function::ThreadsafeFunction;
use napi_derive::napi;
use stytch_m2m::{self as m2m, ResolveIssuer, ResolverError, ResolverFuture, plain};

use super::issuer::IssuerConfig;

/// A function of JavaScript that is given a name. It does not keep its thread alive.
type Ask<T> = ThreadsafeFunction<String, Promise<T>, String, Status, false, true>;

/// One of the functions, and limits.
#[napi(object, object_to_js = false)]
pub struct IssuerResolver {
    /// A function of an issuer's name, which never rejects.
    #[napi(ts_type = "(issuer: string) => Promise<Resolved>")]
    pub resolve: Option<Ask<Resolved>>,
    /// A function of a tenant's id at Entra, which never rejects.
    #[napi(js_name = "is_accepted", ts_type = "(tenant: string) => Promise<Accepted>")]
    pub is_accepted: Option<Ask<Accepted>>,
    /// The API that the tenants' tokens are for.
    pub audience: Option<String>,
    /// How long an issuer is accepted.
    #[napi(js_name = "lifetime_seconds")]
    pub lifetime_seconds: Option<i64>,
    /// How long an issuer is refused.
    #[napi(js_name = "negative_lifetime_seconds")]
    pub negative_lifetime_seconds: Option<i64>,
    /// Maximum number of issuers in the cache.
    #[napi(js_name = "max_issuers")]
    pub max_issuers: Option<i64>,
}

/// What a function says of an issuer.
#[napi(object)]
pub struct Resolved {
    /// Its settings, if it is accepted.
    pub issuer: Option<IssuerConfig>,
    /// Why the function failed.
    pub error: Option<String>,
}

/// What a function says of a tenant.
#[napi(object)]
pub struct Accepted {
    /// Whether it is accepted.
    #[napi(js_name = "is_accepted")]
    pub is_accepted: bool,
    /// Why the function failed.
    pub error: Option<String>,
}

impl From<IssuerResolver> for m2m::IssuerResolver {
    fn from(resolver: IssuerResolver) -> Self {
        let IssuerResolver {
            resolve,
            is_accepted,
            audience,
            lifetime_seconds,
            negative_lifetime_seconds,
            max_issuers,
        } = resolver;
        let of_tenants = is_accepted.map(Arc::new).map(|ask| {
            let audience = audience.unwrap_or_default();
            Self::entra(&audience, move |tenant| accepts(Arc::clone(&ask), tenant))
        });
        let resolver = of_tenants.unwrap_or_else(|| Self::new(Arc::new(Issuers(resolve))));
        let limits =
            plain::ResolverLimits { lifetime_seconds, negative_lifetime_seconds, max_issuers };
        limits.of(resolver)
    }
}

struct Issuers(Option<Ask<Resolved>>);

impl fmt::Debug for Issuers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("function")
    }
}

impl ResolveIssuer for Issuers {
    fn resolve(&self, issuer: String) -> ResolverFuture<'_> {
        Box::pin(async move {
            let Some(ask) = &self.0 else { return Ok(None) };
            match answer(ask, issuer).await? {
                Resolved { error: Some(error), .. } => Err(error.into()),
                Resolved { issuer, .. } => Ok(issuer.map(TryInto::try_into).transpose()?),
            }
        })
    }
}

async fn accepts(ask: Arc<Ask<Accepted>>, tenant: String) -> Result<bool, ResolverError> {
    match answer(&ask, tenant).await? {
        Accepted { error: Some(error), .. } => Err(error.into()),
        Accepted { is_accepted, .. } => Ok(is_accepted),
    }
}

async fn answer<T: FromNapiValue + 'static>(
    ask: &Ask<T>,
    name: String,
) -> Result<T, ResolverError> {
    let gone = |_| "its thread has ended";
    Ok(ask.call_async(name).await.map_err(gone)?.await.map_err(gone)?)
}
