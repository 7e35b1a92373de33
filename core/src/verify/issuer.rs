//! The issuers: rules for each issuer's tokens, and the source of its keys.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use super::algorithm::Algorithm;
use super::header::{Header, LastHeader};
use super::health::{KeySetHealth, KeySetState};
use super::jwks_cache::{CachedKeys, JwksCache, KeyAddress};
use super::key_set::{BadKeySet, KeySet};
use super::scopes::check_names;
use crate::clock::Instants;
use crate::config::{Project, Vertical, base_url_of, https_url};
use crate::discovery::{Discovery, IssuerUrl};
use crate::error::{Error, Result};
use crate::http::Transport;

/// An issuer whose tokens are accepted.
///
/// ```
/// use stytch_m2m::{Algorithm, IssuerConfig, KeySource};
///
/// let issuer = IssuerConfig {
///     algorithms: vec![Algorithm::Es256],
///     require_typ: Some("at+jwt".into()),
///     ..IssuerConfig::oauth(
///         "https://issuer.example.com",
///         &["https://api.example.com".into()],
///         KeySource::Url("https://issuer.example.com/jwks.json".into()),
///     )
/// };
/// assert!(!issuer.wildcard_scopes);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerConfig {
    /// The issuer's `iss` values, compared exactly.
    pub issuers: Vec<String>,
    /// The accepted `aud` values: a token must have at least one of them.
    pub audiences: Vec<String>,
    /// The allowed signature algorithms. Default: RS256.
    pub algorithms: Vec<Algorithm>,
    /// The source of the issuer's keys.
    pub keys: KeySource,
    /// How the claims name the client.
    pub profile: TokenProfile,
    /// Whether to accept tokens without `typ`. Default: no.
    pub allow_missing_typ: bool,
    /// Whether to accept tokens without `kid` if exactly one key fits. Default: no.
    pub allow_missing_kid: bool,
    /// Whether to accept `scope` as an array of strings. Default: no.
    pub accept_scope_array: bool,
    /// Whether `read:*` in a token grants every `read:<resource>`. Default: yes for a Stytch project,
    /// no for every other issuer.
    pub wildcard_scopes: bool,
    /// Whether to accept tokens that are bound to a key of the client (`cnf`: DPoP, mTLS). The
    /// caller must check the binding; the verifier does not. Default: no.
    pub allow_bound_tokens: bool,
    /// The only `typ` to accept, such as `at+jwt`. Default: `JWT` and `at+jwt`.
    pub require_typ: Option<String>,
    /// New names of scopes, by the name in the token: [`TokenClaims::scopes`] and required scopes
    /// use the new names. The name `*` matches all other scopes, and `*` in its new name is
    /// replaced by the old name, as in `"*": "billing.*"`. Other scopes keep their names. Default:
    /// none.
    ///
    /// [`TokenClaims::scopes`]: crate::TokenClaims::scopes
    pub scope_map: HashMap<String, String>,
    /// Claims that a token must have as strings with exactly these values. Default: none.
    pub required_claims: HashMap<String, String>,
    /// Whether to refuse tokens whose `sub` differs from the client in another claim, such as
    /// `client_id` or `azp`: most issuers mark a user's token this way. Only for
    /// [`TokenProfile::OAuth`]. Default: no.
    pub require_client_subject: bool,
}

/// The source of an issuer's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum KeySource {
    /// The JWK Set at this URL: fetched when needed, cached and refreshed ahead.
    Url(String),
    /// The text of a JWK Set (RFC 7517, section 5), which is never fetched.
    Jwks(String),
    /// The JWK Set that the discovery document of this issuer names. The document (RFC 8414 or
    /// OpenID Connect Discovery) must have exactly this issuer; it is fetched when needed, cached
    /// and refreshed ahead.
    Discovery(String),
}

/// How an issuer's claims name the client, and which of its tokens are refused as another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum TokenProfile {
    /// `sub` is the client; tokens about users and sessions are refused.
    Stytch,
    /// `sub` is `{client_id}@clients`; tokens about users are refused.
    Auth0,
    /// `client_id`, or else `azp`, or else `sub` is the client (RFC 9068, section 2.2). ID tokens
    /// and tokens marked as a user's are refused; the guide lists the marks.
    OAuth,
}

impl TokenProfile {
    /// The name in settings: `stytch`, `auth0` or `oauth`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stytch => "stytch",
            Self::Auth0 => "auth0",
            Self::OAuth => "oauth",
        }
    }

    /// The setting with the keys' address.
    fn setting(self) -> &'static str {
        match self {
            Self::Stytch => "project_id",
            Self::Auth0 => "domain",
            Self::OAuth => "jwks_url",
        }
    }
}

impl FromStr for TokenProfile {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "stytch" => Ok(Self::Stytch),
            "auth0" => Ok(Self::Auth0),
            "oauth" => Ok(Self::OAuth),
            _ => Err(Error::invalid_config("profile", "profile must be stytch, auth0 or oauth")),
        }
    }
}

impl IssuerConfig {
    /// Settings for a Stytch project. `base_url` is your custom domain, if you have one.
    pub fn stytch(project_id: &str, base_url: Option<&str>, vertical: Vertical) -> Result<Self> {
        Ok(Self::of_project(&Project::new(Some(project_id), base_url)?, vertical))
    }

    /// Settings for an Auth0 tenant. `domain` is a host such as `example.eu.auth0.com`, or a URL,
    /// as for an emulator; `audience` is the API's identifier.
    pub fn auth0(domain: &str, audience: &str) -> Result<Self> {
        let whole = domain.contains("://");
        let url = if whole { domain.to_owned() } else { format!("https://{domain}") };
        let base = base_url_of("domain", &url)?;
        let mut issuer = Self::oauth(
            base.as_str(),
            &[audience.to_owned()],
            KeySource::Url(format!("{base}.well-known/jwks.json")),
        );
        issuer.profile = TokenProfile::Auth0;
        Ok(issuer)
    }

    /// Settings for any issuer of JWT access tokens that has a discovery document, from which the
    /// address of its keys comes. `issuer` is an https URL: what the document and the tokens call
    /// the issuer, with or without a slash at the end.
    ///
    /// ```
    /// # use stytch_m2m::IssuerConfig;
    /// let audiences = ["https://api.example.com".to_owned()];
    /// let issuer = IssuerConfig::discover("https://issuer.example.com", &audiences);
    /// ```
    #[must_use]
    pub fn discover(issuer: &str, audiences: &[String]) -> Self {
        Self::oauth(issuer, audiences, KeySource::Discovery(issuer.to_owned()))
    }

    /// Settings for any issuer of JWT access tokens (RFC 9068).
    #[must_use]
    pub fn oauth(issuer: &str, audiences: &[String], keys: KeySource) -> Self {
        Self::strict(vec![issuer.to_owned()], audiences.to_vec(), keys)
    }

    fn strict(issuers: Vec<String>, audiences: Vec<String>, keys: KeySource) -> Self {
        Self {
            issuers,
            audiences,
            algorithms: vec![Algorithm::Rs256],
            keys,
            profile: TokenProfile::OAuth,
            allow_missing_typ: false,
            allow_missing_kid: false,
            accept_scope_array: false,
            wildcard_scopes: false,
            allow_bound_tokens: false,
            require_typ: None,
            scope_map: HashMap::new(),
            required_claims: HashMap::new(),
            require_client_subject: false,
        }
    }

    pub(crate) fn of_project(project: &Project, vertical: Vertical) -> Self {
        let path: &[&str] = match vertical {
            Vertical::Consumer => &["v1", "sessions", "jwks", &project.id],
            Vertical::B2b => &["v1", "b2b", "sessions", "jwks", &project.id],
        };
        let keys = KeySource::Url(project.url(path).into());
        Self {
            profile: TokenProfile::Stytch,
            wildcard_scopes: true,
            ..Self::strict(project.issuers(), vec![project.id.clone()], keys)
        }
    }

    /// Whether its access tokens can have the header's `typ`.
    pub(super) fn accepts_typ(&self, header: &Header) -> bool {
        header.is_kind_of(self.require_typ.as_deref(), self.allow_missing_typ)
    }

    /// The first `iss` value of the issuer.
    pub(crate) fn name(&self) -> String {
        self.issuers.first().cloned().unwrap_or_default()
    }

    pub(crate) fn validate(&self) -> Result<()> {
        for (field, list) in [("issuers", &self.issuers), ("audiences", &self.audiences)] {
            if list.is_empty() || list.iter().any(String::is_empty) {
                let message = format!("{field} must have at least one entry, and no empty one");
                return Err(Error::invalid_config(field, message));
            }
        }
        if self.algorithms.is_empty() {
            return Err(Error::invalid_config(
                "algorithms",
                "algorithms must have at least one entry",
            ));
        }
        let typ = self.require_typ.as_deref();
        if typ.is_some_and(|typ| typ.is_empty() || !typ.bytes().all(|b| b.is_ascii_graphic())) {
            let message = "require_typ must be a media type such as at+jwt";
            return Err(Error::invalid_config("require_typ", message));
        }
        if typ.is_some() && self.allow_missing_typ {
            let message = "require_typ and allow_missing_typ contradict each other: omit one";
            return Err(Error::invalid_config("require_typ", message));
        }
        let names: Vec<_> = self.scope_map.values().cloned().collect();
        check_names("scope_map", &names)?;
        if self.scope_map.keys().any(String::is_empty) {
            let message = "scope_map must not have an empty scope name";
            return Err(Error::invalid_config("scope_map", message));
        }
        if self.required_claims.keys().any(String::is_empty) {
            let message = "required_claims must not have an empty claim name";
            return Err(Error::invalid_config("required_claims", message));
        }
        match &self.keys {
            KeySource::Url(url) => https_url("jwks_url", url).map(drop),
            KeySource::Discovery(issuer) => IssuerUrl::parse("issuer", issuer).map(drop),
            KeySource::Jwks(_) => Ok(()),
        }
    }
}

/// An issuer with its keys.
pub(crate) struct Issuer {
    pub(super) config: IssuerConfig,
    pub(super) keys: IssuerKeys,
    pub(super) last_header: LastHeader,
}

pub(crate) enum IssuerKeys {
    Configured(KeySet),
    Fetched(Arc<JwksCache>),
}

/// The key set in use now.
pub(crate) enum CurrentKeys<'v> {
    Configured(&'v KeySet),
    Fetched(CachedKeys),
}

impl CurrentKeys<'_> {
    pub(super) fn set(&self) -> &KeySet {
        match self {
            Self::Configured(set) => set,
            Self::Fetched(cached) => cached.set(),
        }
    }

    /// The key set, if it was fetched, and so can be replaced.
    pub(super) fn fetched(&self) -> Option<&Arc<KeySet>> {
        match self {
            Self::Configured(_) => None,
            Self::Fetched(cached) => Some(cached.set()),
        }
    }

    pub(super) fn has(&self, kid: Option<&str>) -> bool {
        kid.is_some_and(|kid| self.set().has(kid))
    }
}

impl Issuer {
    pub(super) fn new(config: IssuerConfig, transport: &Arc<Transport>) -> Result<Self> {
        config.validate()?;
        let fetched = |address, setting| {
            let (algorithms, transport) = (config.algorithms.clone(), Arc::clone(transport));
            let cache = JwksCache::new(config.name(), address, setting, algorithms, transport);
            IssuerKeys::Fetched(cache)
        };
        let keys = match &config.keys {
            KeySource::Jwks(text) => {
                let set = KeySet::parse(text.as_bytes(), &config.algorithms);
                IssuerKeys::Configured(set.map_err(unusable)?)
            }
            KeySource::Url(url) => {
                let address = KeyAddress::Known(https_url("jwks_url", url)?);
                fetched(address, config.profile.setting())
            }
            KeySource::Discovery(issuer) => {
                let issuer = IssuerUrl::parse("issuer", issuer)?;
                let discovery = Discovery::new(issuer, Arc::clone(transport));
                fetched(KeyAddress::Discovered(discovery), "issuer")
            }
        };
        Ok(Self { config, keys, last_header: LastHeader::default() })
    }

    pub(super) fn current_keys(&self, now: Instants) -> Option<CurrentKeys<'_>> {
        match &self.keys {
            IssuerKeys::Configured(set) => Some(CurrentKeys::Configured(set)),
            IssuerKeys::Fetched(cache) => cache.current(now).map(CurrentKeys::Fetched),
        }
    }

    /// Counts a verification that used `keys` without waiting.
    pub(super) fn count(&self, keys: &CurrentKeys<'_>) {
        if let (IssuerKeys::Fetched(cache), CurrentKeys::Fetched(cached)) = (&self.keys, keys) {
            cache.count(cached);
        }
    }

    pub(super) fn cache(&self) -> Option<&Arc<JwksCache>> {
        match &self.keys {
            IssuerKeys::Configured(_) => None,
            IssuerKeys::Fetched(cache) => Some(cache),
        }
    }

    pub(super) fn health(&self) -> KeySetHealth {
        match &self.keys {
            IssuerKeys::Fetched(cache) => cache.health(),
            IssuerKeys::Configured(set) => KeySetHealth {
                issuer: self.config.name(),
                state: KeySetState::Fresh,
                keys: set.usable(),
                fetched_at: None,
                age: None,
                failures: 0,
                last_failure: None,
                retry_after: None,
                unknown_kids: 0,
                cooldown_hits: 0,
            },
        }
    }
}

pub(super) fn unusable(bad: BadKeySet) -> Error {
    Error::invalid_config("jwks", format!("jwks is unusable: {}", bad.0))
}
