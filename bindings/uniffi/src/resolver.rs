//! Issuers that are not listed: a function of the language decides.

use std::fmt;
use std::sync::Arc;

use stytch_m2m::plain;
use stytch_m2m::{IssuerConfig, IssuerResolver, ResolveIssuer, ResolverError, ResolverFuture};

use crate::reply::{self, Reply};

/// [`IssuerResolver`], with `None` for its defaults and numbers that may be wrong.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ResolverSettings {
    /// What decides.
    pub function: ResolverFunction,
    /// How long an issuer is accepted.
    pub lifetime_seconds: Option<i64>,
    /// How long an issuer is refused.
    pub negative_lifetime_seconds: Option<i64>,
    /// Maximum number of issuers in the cache.
    pub max_issuers: Option<i64>,
}

/// What decides.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum ResolverFunction {
    /// A function of an issuer's name.
    Issuers(Arc<dyn IssuerFunction>),
    /// A function of a tenant's id.
    EntraTenants {
        /// The API.
        audience: String,
        /// The function.
        is_accepted: Arc<dyn TenantFunction>,
    },
}

impl From<ResolverSettings> for IssuerResolver {
    fn from(settings: ResolverSettings) -> Self {
        let ResolverSettings { function, lifetime_seconds, negative_lifetime_seconds, max_issuers } =
            settings;
        let resolver = match function {
            ResolverFunction::Issuers(function) => Self::new(Arc::new(Issuers(function))),
            ResolverFunction::EntraTenants { audience, is_accepted } => {
                Self::entra(&audience, move |tenant| accepts(Arc::clone(&is_accepted), tenant))
            }
        };
        let limits =
            plain::ResolverLimits { lifetime_seconds, negative_lifetime_seconds, max_issuers };
        limits.of(resolver)
    }
}

/// A function of an issuer's name.
#[uniffi::export(with_foreign)]
pub trait IssuerFunction: fmt::Debug + Send + Sync {
    /// Begins to run it, and returns at once. Its end is told to `reply`.
    fn begin(&self, issuer: String, reply: Arc<IssuerReply>);
}

/// Takes what the function returns.
#[derive(Debug, uniffi::Object)]
pub struct IssuerReply(Reply<Option<IssuerConfig>>);

#[uniffi::export]
impl IssuerReply {
    /// The function has returned the issuer's settings, or none.
    pub fn succeed(&self, issuer: Option<IssuerConfig>) {
        self.0.send(Ok(issuer));
    }

    /// The function has failed.
    pub fn fail(&self, cause: String) {
        self.0.send(Err(cause));
    }
}

#[derive(Debug)]
struct Issuers(Arc<dyn IssuerFunction>);

impl ResolveIssuer for Issuers {
    fn resolve(&self, issuer: String) -> ResolverFuture<'_> {
        Box::pin(reply::call(|reply| self.0.begin(issuer, Arc::new(IssuerReply(reply)))))
    }
}

/// A function of a tenant's id.
#[uniffi::export(with_foreign)]
pub trait TenantFunction: fmt::Debug + Send + Sync {
    /// Begins to run it, and returns at once. Its end is told to `reply`.
    fn begin(&self, tenant: String, reply: Arc<TenantReply>);
}

/// Takes what the function returns.
#[derive(Debug, uniffi::Object)]
pub struct TenantReply(Reply<bool>);

#[uniffi::export]
impl TenantReply {
    /// The function has said whether the tenant is accepted.
    pub fn succeed(&self, is_accepted: bool) {
        self.0.send(Ok(is_accepted));
    }

    /// The function has failed.
    pub fn fail(&self, cause: String) {
        self.0.send(Err(cause));
    }
}

async fn accepts(function: Arc<dyn TenantFunction>, tenant: String) -> Result<bool, ResolverError> {
    reply::call(|reply| function.begin(tenant, Arc::new(TenantReply(reply)))).await
}
