//! Settings, validated once, before any I/O.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::runtime::Spawner;
use crate::secret::Secret;
use crate::token::store::TokenStore;

const LIVE_URL: &str = "https://api.stytch.com";
const TEST_URL: &str = "https://test.stytch.com";
/// The most that [`TransportConfig::max_key_age`] may be.
const LONGEST_KEY_AGE: Duration = Duration::from_secs(24 * 3600);

/// Which of Stytch's two product lines the project belongs to. The M2M calls are the same; the key
/// set has another path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum Vertical {
    /// Consumer Authentication.
    #[default]
    Consumer,
    /// B2B SaaS Authentication.
    B2b,
}

/// `consumer` or `b2b`.
impl FromStr for Vertical {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "consumer" => Ok(Self::Consumer),
            "b2b" => Ok(Self::B2b),
            _ => Err(Error::invalid_config("vertical", "vertical must be `consumer` or `b2b`")),
        }
    }
}

/// Settings of a [`Client`](crate::Client). As with all settings of this crate, name those that you
/// set and take the rest from a default: later versions may add some.
///
/// ```
/// # use stytch_m2m::{Client, ClientConfig, Vertical};
/// let client = Client::new(ClientConfig {
///     vertical: Vertical::B2b,
///     ..ClientConfig::new("project-test-11111111", "secret-test-11111111")
/// })?;
/// # Ok::<(), stytch_m2m::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ClientConfig {
    /// The project's id, `project-test-...` or `project-live-...`. Required.
    pub project_id: String,
    /// The project's secret. Management calls need it; fetching and verifying tokens does not.
    pub secret: Option<Secret>,
    /// Where the API is. Default: Stytch's live or test host, by the project id's prefix. Set it to
    /// your custom domain, whose tokens then carry it as their issuer, or to an emulator.
    pub base_url: Option<String>,
    /// The product line. Default: consumer.
    pub vertical: Vertical,
    /// About how many verified tokens to remember; see
    /// [`TokenVerifierConfig::verified_token_cache_size`](crate::TokenVerifierConfig::verified_token_cache_size).
    /// Default 0: none.
    pub verified_token_cache_size: usize,
    /// How many grants keep their access token in the cache. When it is full, the grant used longest
    /// ago makes room, one without a token first. From 1 to 1,048,576. Default: 10,000.
    pub token_cache_capacity: Option<usize>,
    /// A Redis or Valkey (feature `redis`) through which processes share access tokens, so that one
    /// fetches for all: `rediss://user:password@host:6379/0`. While it is away, each process
    /// fetches for itself. `rediss://` speaks TLS, and trusts whom `transport` does. Default: none.
    pub token_store_url: Option<Secret>,
    /// What seals the tokens there: 32 random bytes in base64. Several, separated by commas, open
    /// what any of them sealed; the first seals. Required with a store.
    pub token_store_key: Option<Secret>,
    /// Allows a `token_store_url` with a password that is sent unencrypted, by `redis://`, to a host
    /// other than this one. Default false: such a URL is refused.
    pub token_store_allow_unencrypted: bool,
    /// Another store, in place of `token_store_url`.
    pub token_store: Option<Arc<dyn TokenStore>>,
    /// How requests are sent.
    pub transport: TransportConfig,
}

impl ClientConfig {
    /// The settings of a project, on Stytch's own host.
    pub fn new(project_id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        Self { project_id: project_id.into(), secret: Some(secret.into()), ..Self::default() }
    }

    /// `STYTCH_PROJECT_ID`, `STYTCH_SECRET` and `STYTCH_BASE_URL`; one that is empty counts as not
    /// set.
    pub fn from_env() -> Self {
        Self::default().or_env()
    }

    /// Fills what is not set from the environment variables of [`from_env`](Self::from_env).
    #[must_use]
    pub fn or_env(mut self) -> Self {
        let var = |name| env_var(&[name]);
        if self.project_id.is_empty() {
            self.project_id = var("STYTCH_PROJECT_ID").unwrap_or_default();
        }
        self.secret = self.secret.or_else(|| var("STYTCH_SECRET").map(Secret::new));
        self.base_url = self.base_url.or_else(|| var("STYTCH_BASE_URL"));
        self
    }
}

/// How requests are sent, whatever they are for.
///
/// TLS 1.2 at least; no redirect is followed; there is no switch to accept a bad certificate.
#[derive(Clone, Debug)]
pub struct TransportConfig {
    /// Until a connection stands. Default 3 s.
    pub connect_timeout: Duration,
    /// Until one attempt has its whole answer. Default 10 s. Key sets are given 3 s at the most.
    pub attempt_timeout: Duration,
    /// Until the call returns, with all its attempts. Default 30 s. Key sets are given 5 s at the
    /// most.
    pub total_timeout: Duration,
    /// Certificates, in PEM, of authorities to trust besides the platform's. A server's own
    /// certificate is none, unless it is signed by itself. Default: none.
    pub extra_ca_pem: Option<String>,
    /// Trust Mozilla's root certificates as built into this crate (feature `bundled-roots`) instead
    /// of the platform's, for containers that have none. Default: no.
    pub bundled_roots: bool,
    /// A certificate chain and its private key, in PEM, for servers that ask who is calling.
    /// Default: none.
    pub client_certificate_pem: Option<Secret>,
    /// Which proxy to use. Requests to this machine (`localhost`, `127.0.0.0/8`, `::1`) never go
    /// through one. Default: `HTTPS_PROXY` or `ALL_PROXY`, save for the hosts in `NO_PROXY`.
    pub proxy: Proxy,
    /// How old a key set may grow while its server is down; then no token can be judged. Default
    /// 6 h, at most 24 h; 0 allows nothing beyond the lifetime that the server gave the key set.
    pub max_key_age: Duration,
    /// Where detached tasks run. Default: the Tokio runtime of the caller.
    #[doc(hidden)]
    pub spawner: Spawner,
    /// The clock of caches and claims. Default: the system's.
    #[doc(hidden)]
    pub clock: Clock,
    /// How the caller's settings are spelt, for messages that name one. Default: as here.
    #[doc(hidden)]
    pub spelling: Spelling,
}

impl Default for TransportConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            attempt_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(30),
            extra_ca_pem: None,
            bundled_roots: false,
            client_certificate_pem: None,
            proxy: Proxy::Environment,
            max_key_age: Duration::from_secs(6 * 3600),
            spawner: Spawner::default(),
            clock: Clock::default(),
            spelling: Spelling::default(),
        }
    }
}

impl TransportConfig {
    pub(crate) fn validate(&self) -> Result<()> {
        for (field, value) in [
            ("connect_timeout", self.connect_timeout),
            ("attempt_timeout", self.attempt_timeout),
            ("total_timeout", self.total_timeout),
        ] {
            if value.is_zero() {
                return Err(self.wrong(field, "must be above zero"));
            }
        }
        if self.max_key_age > LONGEST_KEY_AGE {
            return Err(self.wrong("max_key_age", "must be from 0 to 24 hours"));
        }
        Ok(())
    }

    fn wrong(&self, field: &str, what: &str) -> Error {
        let field = self.spelling.field(field);
        Error::invalid_config(&field, format!("{field} {what}"))
    }
}

/// Which proxy requests go through. Those to this machine (`localhost`, names below it,
/// `127.0.0.0/8`, `::1`) go through none: a proxy could not reach it, and would see what is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum Proxy {
    /// The one in `HTTPS_PROXY`, or else in `ALL_PROXY`, save for the hosts in `NO_PROXY`. A
    /// variable that is empty counts as not set.
    #[default]
    Environment,
    /// The one at this `http://`, `https://`, `socks5://` or `socks5h://` URL, which may hold a user
    /// name and password, save for the hosts in `NO_PROXY`. With `socks5h` the proxy looks host
    /// names up.
    Url(Secret),
    /// None, whatever the environment says.
    Off,
}

impl Proxy {
    /// What a setting's text means, which is checked with the other settings.
    pub(crate) fn from_setting(text: &str) -> Self {
        match text {
            "environment" => Self::Environment,
            "off" => Self::Off,
            url => Self::Url(url.into()),
        }
    }
}

/// How the settings that a message names are spelt where the caller has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spelling {
    /// `extra_ca_pem`, `total_timeout`
    #[default]
    Snake,
    /// `extra_ca_pem`, `total_timeout_seconds`
    SnakeWithUnits,
    /// `extraCaPem`, `totalTimeout`
    Camel,
    /// Options of the command.
    Options,
}

/// The first of these environment variables that is set to something. Empty is not set.
pub(crate) fn env_var(names: &[&str]) -> Option<String> {
    names.iter().filter_map(|name| std::env::var(name).ok()).find(|value| !value.is_empty())
}

/// Whether requests to this URL stay on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Validated coordinates of a project.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) base_url: Url,
    /// Whether `base_url` was given, and so may be a custom domain that tokens name as issuer.
    pub(crate) custom_base: bool,
    /// Where its tokens come from.
    pub(crate) token_url: Url,
}

impl Project {
    pub(crate) fn new(project_id: Option<&str>, base_url: Option<&str>) -> Result<Self> {
        let id = project_id.filter(|id| !id.is_empty()).ok_or_else(|| {
            Error::invalid_config(
                "project_id",
                "project_id is missing: pass it, or set STYTCH_PROJECT_ID",
            )
        })?;
        let shaped = id.len() <= 128
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if !shaped {
            return Err(Error::invalid_config(
                "project_id",
                "project_id is not a project's id: copy it from the Stytch dashboard \
                 (project-test-... or project-live-...)",
            ));
        }
        let default = if id.starts_with("project-live-") { LIVE_URL } else { TEST_URL };
        let custom_base = base_url.is_some();
        let base_url = base_url_of("base_url", base_url.unwrap_or(default))?;
        let token_url = join(&base_url, &["v1", "public", id, "oauth2", "token"]);
        Ok(Self { id: id.to_owned(), base_url, custom_base, token_url })
    }

    /// The `iss` values that this project's tokens carry.
    pub(crate) fn issuers(&self) -> Vec<String> {
        let mut issuers = vec![format!("stytch.com/{}", self.id)];
        if self.custom_base {
            issuers.push(self.base_url.as_str().trim_end_matches('/').to_owned());
        }
        issuers
    }

    /// `base_url` joined with path segments, each percent-encoded.
    pub(crate) fn url(&self, segments: &[&str]) -> Url {
        join(&self.base_url, segments)
    }
}

pub(crate) fn join(base_url: &Url, segments: &[&str]) -> Url {
    let mut url = base_url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.clear().extend(segments);
    }
    url
}

pub(crate) fn secret_of<'a>(field: &str, secret: Option<&'a Secret>) -> Result<&'a Secret> {
    let secret = secret.ok_or_else(|| {
        let hint = if field == "secret" { ": pass it, or set STYTCH_SECRET" } else { "" };
        Error::invalid_config(field, format!("{field} is missing{hint}"))
    })?;
    let value = secret.expose();
    if value.is_empty() {
        return Err(Error::invalid_config(field, format!("{field} is empty")));
    }
    if value.trim() != value || value.chars().any(char::is_control) {
        return Err(Error::invalid_config(
            field,
            format!("{field} has white space around it or a control character in it: trim it"),
        ));
    }
    Ok(secret)
}

/// An absolute URL of a host: https, or http on loopback, and nothing behind the host.
pub(crate) fn base_url_of(field: &str, text: &str) -> Result<Url> {
    let url = https_url(field, text)?;
    if url.path() != "/" || url.query().is_some() {
        return Err(Error::invalid_config(
            field,
            format!("{field} must be a host alone, as in https://api.example.com: it has a path"),
        ));
    }
    Ok(url)
}

/// An absolute https URL (http on loopback) without user name, password or fragment.
pub(crate) fn https_url(field: &str, text: &str) -> Result<Url> {
    let wrong = |what: &str| Error::invalid_config(field, format!("{field} {what}"));
    if text.is_empty() {
        return Err(wrong("is empty: leave it out for the default, or give an https URL"));
    }
    let url = Url::parse(text).map_err(|_| wrong("is not a URL, as in https://api.example.com"))?;
    match url.scheme() {
        "https" => {}
        // Names below localhost can be another machine's where a name server says so.
        "http" if is_loopback(&url) && url.domain().is_none_or(|name| name == "localhost") => {}
        "http" => {
            return Err(wrong(
                "must be https: plain http would show secrets to the network, and is taken for \
                 localhost, 127.0.0.0/8 and [::1] alone. To use an emulator on another machine or \
                 in another container, share its network or forward its port to localhost",
            ));
        }
        _ => return Err(wrong("must be an https URL")),
    }
    if url.host_str().is_some_and(|host| host.contains('*')) {
        return Err(wrong(
            "must name one host: `*` is no wildcard here, so give each host by itself",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must not hold a user name or password"));
    }
    if url.fragment().is_some() {
        return Err(wrong("must not have a fragment"));
    }
    Ok(url)
}
