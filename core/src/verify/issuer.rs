//! The settings of an issuer: rules for its tokens, and the source of its keys.

use std::collections::HashMap;
use std::time::Duration;

use url::Url;

use super::algorithm::Algorithm;
use super::header::{self, Header};
use super::key_set::KeySetRules;
use super::organization::OrganizationClaim;
use super::policy::{self, Policy};
use super::profile::TokenProfile;
use super::scopes::check_names;
use super::times::check_tolerance;
use crate::config::{Project, Vertical, base_url_of, https_url};
use crate::discovery::IssuerUrl;
use crate::error::{Error, Result};

/// The claim with the organization, unless an issuer has another.
pub(crate) const ORGANIZATION_CLAIM: &str = "org_id";
/// The largest `max_jwks_bytes`.
const MAX_JWKS_BYTES: u32 = 16 << 20;

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
    /// The accepted `aud` values: a token must have at least one of them. If there is none, only
    /// tokens without `aud` are accepted, and only of [`client_ids`](Self::client_ids).
    pub audiences: Vec<String>,
    /// The clients whose tokens are accepted. Default: every client of the issuer, which needs
    /// [`audiences`](Self::audiences).
    pub client_ids: Vec<String>,
    /// The allowed signature algorithms. Default: RS256.
    pub algorithms: Vec<Algorithm>,
    /// The source of the issuer's keys.
    pub keys: KeySource,
    /// How the claims name the client.
    pub profile: TokenProfile,
    /// Claims that name the client, for [`TokenProfile::OAuth`]: the first one in the token does,
    /// and the others, if present, must name the same. A token with none of them is refused.
    /// Default: as the profile says.
    pub client_id_claims: Vec<String>,
    /// Claims with the scopes, together: names such as `scp`, and paths such as
    /// `realm_access.roles` or `resource_access.{audience}.roles`, for each of the audiences. A name
    /// with a colon is not a path. With `.*` at the end, the scopes are the names of an object's
    /// members. Default: `scope`.
    pub scope_claims: Vec<String>,
    /// The claim with the organization (tenant, customer) that the client belongs to, for
    /// [`TokenClaims::organization`]: a name such as `org_id`, or a path such as `tenant.id`. A name
    /// with a colon is not a path. Use only a claim that the issuer sets itself: one that a client
    /// can set in its token request names any organization. Default: `org_id`; `tid` for Entra;
    /// `None`, and so no organization, for providers that have no such claim.
    ///
    /// [`TokenClaims::organization`]: crate::TokenClaims::organization
    pub organization_claim: Option<String>,
    /// Claims that a token must not have, such as those of a user's token. Default: none.
    pub forbidden_claims: Vec<String>,
    /// Whether to accept tokens without `sub`, for [`TokenProfile::OAuth`]. Without it, nothing
    /// tells a user's token from a client's except other claims. Default: no.
    pub allow_missing_sub: bool,
    /// Whether to accept tokens without `typ`. Default: no.
    pub allow_missing_typ: bool,
    /// Whether to accept tokens without `kid` if exactly one key fits. Default: yes for an issuer
    /// given by [`oauth`](Self::oauth) or [`discover`](Self::discover); no for Stytch, Auth0 and
    /// the other providers that have a constructor, whose tokens always name their key.
    pub allow_missing_kid: bool,
    /// Whether to accept `scope`, or another of the [`scope_claims`](Self::scope_claims), as an array
    /// of strings. Default: no.
    pub accept_scope_array: bool,
    /// Whether to refuse tokens without any scope as `insufficient_scope`, even if no scope is
    /// required. Default: no.
    pub require_any_scope: bool,
    /// The longest time from `iat` to `exp` of a token. With a limit, `iat` is required. Default
    /// `None`: no limit.
    pub max_token_lifetime: Option<Duration>,
    /// The least leeway for the times of this issuer's tokens, up to 300 seconds; see
    /// [`AuthenticateOptions::clock_tolerance`](crate::AuthenticateOptions::clock_tolerance).
    /// Default 0.
    pub clock_tolerance: Duration,
    /// Maximum number of keys of the key set; a larger set is refused. Default 1,000.
    pub max_jwks_keys: u32,
    /// Maximum size of the key set in bytes, up to 16 MiB. Default 1 MiB.
    pub max_jwks_bytes: u32,
    /// A file with a bearer token for the key set's URL, read before each fetch: for servers that
    /// do not publish their keys to everyone. Default: none.
    pub jwks_token_file: Option<String>,
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

impl IssuerConfig {
    /// Settings for a Stytch project. `base_url` is your custom domain, if you have one; for several,
    /// see [`stytch_at`](Self::stytch_at).
    pub fn stytch(project_id: &str, base_url: Option<&str>, vertical: Vertical) -> Result<Self> {
        Ok(Self::of_project(&Project::new(Some(project_id), base_url)?, vertical))
    }

    /// Settings for a Stytch project that is called by several names, such as its default domain and
    /// a custom domain: tokens of each are accepted, and those whose issuer is
    /// `stytch.com/{project_id}`. The keys, which are the same for all, are fetched from the first
    /// of `base_urls`; without any, from Stytch's own host.
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn stytch_at(project_id: &str, base_urls: &[String], vertical: Vertical) -> Result<Self> {
        let parse = |base_url: &String| base_url_of("base_urls", base_url);
        let urls = base_urls.iter().map(parse).collect::<Result<Vec<_>>>()?;
        let mut issuer = Self::stytch(project_id, urls.first().map(Url::as_str), vertical)?;
        for url in urls {
            let name = url.as_str().trim_end_matches('/').to_owned();
            if !issuer.issuers.contains(&name) {
                issuer.issuers.push(name);
            }
        }
        Ok(issuer)
    }

    /// Settings for an Auth0 tenant. `domain` is a host such as `example.eu.auth0.com`, or a URL,
    /// as for an emulator; `audience` is the API's identifier.
    pub fn auth0(domain: &str, audience: &str) -> Result<Self> {
        let whole = domain.contains("://");
        let url = if whole { domain.to_owned() } else { format!("https://{domain}") };
        let base = base_url_of("domain", &url)?;
        let keys = KeySource::Url(format!("{base}.well-known/jwks.json"));
        Ok(Self {
            profile: TokenProfile::Auth0,
            allow_missing_kid: false,
            ..Self::oauth(base.as_str(), &[audience.to_owned()], keys)
        })
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
        Self {
            allow_missing_kid: true,
            organization_claim: Some(ORGANIZATION_CLAIM.to_owned()),
            ..Self::strict(vec![issuer.to_owned()], audiences.to_vec(), keys)
        }
    }

    pub(super) fn strict(issuers: Vec<String>, audiences: Vec<String>, keys: KeySource) -> Self {
        let KeySetRules { algorithms, tenants: _, max_keys, max_bytes } =
            KeySetRules::of(vec![Algorithm::Rs256]);
        Self {
            issuers,
            audiences,
            algorithms,
            keys,
            profile: TokenProfile::OAuth,
            client_ids: Vec::new(),
            client_id_claims: Vec::new(),
            scope_claims: vec!["scope".to_owned()],
            organization_claim: None,
            forbidden_claims: Vec::new(),
            allow_missing_sub: false,
            allow_missing_typ: false,
            allow_missing_kid: false,
            accept_scope_array: false,
            require_any_scope: false,
            max_token_lifetime: None,
            clock_tolerance: Duration::ZERO,
            max_jwks_keys: max_keys,
            max_jwks_bytes: max_bytes,
            jwks_token_file: None,
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
            organization_claim: Some(ORGANIZATION_CLAIM.to_owned()),
            ..Self::strict(project.issuers(), vec![project.id.clone()], keys)
        }
    }

    fn policy_settings(&self) -> policy::Settings<'_> {
        policy::Settings {
            is_oauth: self.profile == TokenProfile::OAuth,
            issuers: &self.issuers,
            audiences: &self.audiences,
            client_ids: &self.client_ids,
            client_id_claims: &self.client_id_claims,
            scope_claims: &self.scope_claims,
            accept_scope_array: self.accept_scope_array,
            forbidden_claims: &self.forbidden_claims,
            required_claims: &self.required_claims,
            allow_missing_sub: self.allow_missing_sub,
            require_any_scope: self.require_any_scope,
            max_token_lifetime: self.max_token_lifetime,
        }
    }

    /// The policy, if the settings make one.
    pub(crate) fn policy(&self) -> Option<Policy> {
        Policy::of(self.policy_settings())
    }

    /// The claim with the organization, if the settings name one.
    pub(crate) fn organization(&self) -> Result<Option<OrganizationClaim>> {
        self.organization_claim.as_deref().map(OrganizationClaim::parse).transpose()
    }

    /// Whether its access tokens can have the header's `typ`.
    pub(super) fn accepts_typ(&self, header: &Header) -> bool {
        header.is_kind_of(self.require_typ.as_deref(), self.allow_missing_typ)
    }

    /// Whether `require_typ` is a usual `typ` of access tokens, or not set.
    pub(super) fn has_usual_typ(&self) -> bool {
        self.require_typ.as_deref().is_none_or(header::is_usual_typ)
    }

    /// Whether this is one of the issuer's `iss` values.
    pub(super) fn has_name(&self, iss: &str) -> bool {
        self.issuers.iter().any(|name| name == iss)
    }

    /// The first `iss` value of the issuer.
    pub(crate) fn name(&self) -> String {
        self.issuers.first().cloned().unwrap_or_default()
    }

    pub(super) fn validate(&self) -> Result<()> {
        if self.issuers.is_empty() || self.issuers.iter().any(String::is_empty) {
            let message = "issuers must have at least one entry, and no empty one";
            return Err(Error::invalid_config("issuers", message));
        }
        self.policy_settings().validate()?;
        self.organization()?;
        check_tolerance("clock_tolerance", self.clock_tolerance)?;
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
        let bad = |field, what| Err(Error::invalid_config(field, format!("{field} {what}")));
        if self.max_jwks_keys == 0 {
            return bad("max_jwks_keys", "must be at least 1");
        }
        if !(1..=MAX_JWKS_BYTES).contains(&self.max_jwks_bytes) {
            return bad("max_jwks_bytes", "must be from 1 to 16777216");
        }
        match (&self.keys, &self.jwks_token_file) {
            // A discovery document must not choose who gets the token.
            (KeySource::Jwks(_) | KeySource::Discovery(_), Some(_)) => {
                bad("jwks_token_file", "is for a given address of the keys: set jwks_url")
            }
            (_, Some(file)) if file.is_empty() => bad("jwks_token_file", "must not be empty"),
            (KeySource::Jwks(_), _) => Ok(()),
            (KeySource::Url(url), _) => https_url("jwks_url", url).map(drop),
            (KeySource::Discovery(issuer), _) => IssuerUrl::parse("issuer", issuer).map(drop),
        }
    }
}
