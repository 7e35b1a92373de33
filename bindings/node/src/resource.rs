//! What a protected resource says about how to get a token for it.

use napi::Env;
use napi::bindgen_prelude::{ClassInstance, FromNapiValue as _, Unknown};
use napi_derive::napi;
use stytch_m2m::{self as m2m, internals::Clock};

use crate::records::settings::TransportSettings;
use crate::runtime::{Cancel, Promise, promise};

/// How to get a token for a resource.
#[napi(object, object_from_js = false)]
pub struct ProtectedResource {
    /// Its identifier.
    pub resource: String,
    /// The issuers whose tokens it accepts.
    #[napi(js_name = "authorization_servers")]
    pub authorization_servers: Vec<String>,
    /// The scopes that it needs.
    pub scopes: Vec<String>,
}

impl From<m2m::ProtectedResource> for ProtectedResource {
    fn from(found: m2m::ProtectedResource) -> Self {
        let m2m::ProtectedResource { resource, authorization_servers, scopes } = found;
        Self { resource, authorization_servers, scopes }
    }
}

/// Fetches the metadata of the resource at `url`, which refused a request with these headers.
#[napi(
    catch_unwind,
    ts_args_type = "url: string, wwwAuthenticate: Array<string>, settings: TransportSettings, cancel?: Cancel | undefined | null",
    ts_return_type = "Promise<ProtectedResource | Failure>"
)]
pub fn discover_resource<'env>(
    env: &'env Env,
    url: String,
    www_authenticate: Vec<String>,
    settings: Unknown<'_>,
    cancel: Option<ClassInstance<'_, Cancel>>,
) -> Promise<'env, ProtectedResource> {
    let transport = TransportSettings::from_unknown(settings)?.config(Clock::default());
    promise(env, cancel, async move {
        let headers = www_authenticate.iter().map(String::as_str);
        m2m::ProtectedResource::discover(&url, headers, transport).await
    })
}
