//! The organization-scoped M2M API.

use napi::Env;
use napi::bindgen_prelude::{ClassInstance, Unknown};
use napi_derive::napi;
use stytch_m2m as m2m;

use crate::error::{Outcome, outcome};
use crate::handle::Handle;
use crate::records::settings::{OrganizationSettings, with_transport};
use crate::records::state::CacheStats;
use crate::records::{Text, Token};
use crate::runtime::{Cancel, Promise, promise};

/// One organization's client.
#[napi]
pub struct OrganizationClient(Handle<m2m::OrganizationClient>);

impl From<m2m::OrganizationClient> for OrganizationClient {
    fn from(client: m2m::OrganizationClient) -> Self {
        Self(Handle::new("client", client))
    }
}

/// Builds a client with these settings.
#[napi(
    catch_unwind,
    ts_args_type = "settings: OrganizationSettings & TransportSettings",
    ts_return_type = "OrganizationClient | Failure"
)]
pub fn new_organization_client(settings: Unknown<'_>) -> napi::Result<Outcome<OrganizationClient>> {
    let (settings, transport) = with_transport::<OrganizationSettings>(settings)?;
    Ok(outcome(m2m::OrganizationClient::new(settings.config(transport))))
}

#[napi]
impl OrganizationClient {
    /// Its client id.
    #[napi(catch_unwind, ts_return_type = "Promise<Text | Failure>")]
    pub fn client_id<'env>(
        &self,
        env: &'env Env,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, Text> {
        let client = self.0.get().cloned();
        promise(env, cancel, async move { client?.client_id().await })
    }

    /// Its secret.
    #[napi(catch_unwind, ts_return_type = "Promise<Text | Failure>")]
    pub fn client_secret<'env>(
        &self,
        env: &'env Env,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, Text> {
        let client = self.0.get().cloned();
        promise(env, cancel, async move { client?.client_secret().await })
    }

    /// The cached token, if there is a fresh one.
    #[napi(catch_unwind)]
    pub fn cached_token(&self) -> Option<Token> {
        self.0.get().ok()?.cached_token().map(Token::from)
    }

    /// A token.
    #[napi(catch_unwind, ts_return_type = "Promise<Token | Failure>")]
    pub fn token<'env>(
        &self,
        env: &'env Env,
        force_refresh: bool,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, Token> {
        let client = self.0.get().cloned();
        promise(env, cancel, async move { client?.token(force_refresh).await })
    }

    /// Replaces the secret.
    #[napi(catch_unwind, ts_return_type = "Promise<Text | Failure>")]
    pub fn rotate<'env>(
        &self,
        env: &'env Env,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, Text> {
        let client = self.0.get().cloned();
        promise(env, cancel, async move { client?.rotate().await })
    }

    /// What its cache did.
    #[napi(catch_unwind, ts_return_type = "CacheStats | Failure")]
    pub fn stats(&self) -> Outcome<CacheStats> {
        outcome(self.0.get().map(m2m::OrganizationClient::stats))
    }

    /// Lets go of connections and the cached token.
    #[napi(catch_unwind)]
    pub fn close(&mut self) {
        self.0.close();
    }
}
