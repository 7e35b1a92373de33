//! Functions that decide about issuers.

use std::fmt;
use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use stytch_m2m::{IssuerResolver, ResolveIssuer, ResolverFuture, plain};

use crate::function::Function;
use crate::hidden::Hidden;
use crate::records::issuer::{Issuer, issuer};

/// The function, whether what it awaits runs on the caller's event loop, the audience if it decides
/// about tenants of Entra, `lifetime_seconds`, `negative_lifetime_seconds`, and `max_issuers`.
pub(crate) type Settings = (Py<PyAny>, bool, Option<String>, i64, i64, i64);

pub(crate) fn resolver(settings: Settings) -> IssuerResolver {
    let (function, on_loop, entra_audience, lifetime, negative_lifetime, max_issuers) = settings;
    let function = Function::new(function, on_loop);
    let resolver = match entra_audience {
        None => IssuerResolver::new(Arc::new(Resolver(function))),
        Some(audience) => IssuerResolver::entra(&audience, move |tenant| {
            function.call(Some(tenant), |value| revealed(value)?.extract::<bool>())
        }),
    };
    let limits = plain::ResolverLimits {
        lifetime_seconds: Some(lifetime),
        negative_lifetime_seconds: Some(negative_lifetime),
        max_issuers: Some(max_issuers),
    };
    limits.of(resolver)
}

/// A function that returns an `IssuerConfig` or `None`.
struct Resolver(Function);

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("function")
    }
}

impl ResolveIssuer for Resolver {
    fn resolve(&self, name: String) -> ResolverFuture<'_> {
        let returned = self.0.call(Some(name), |value| {
            let value = revealed(value)?;
            let wrong = |_| PyTypeError::new_err("must be an IssuerConfig or None");
            value.extract::<Option<Issuer>>().map_err(wrong)
        });
        Box::pin(async { Ok(returned.await?.map(issuer).transpose()?) })
    }
}

/// What the function returned.
fn revealed<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    Ok(value.cast::<Hidden>()?.get().revealed(value.py()))
}
