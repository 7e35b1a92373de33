//! Settings of a client. They are validated once, before any I/O.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::clock::Clock;
use crate::credential::source::SecretSource;
use crate::error::{Error, Result};
use crate::runtime::Spawner;
use crate::secret::Secret;
use crate::token::store::TokenStore;

const LIVE_URL: &str = "https://api.stytch.com";
const TEST_URL: &str = "https://test.stytch.com";
/// The maximum of [`TransportConfig::max_key_age`].
const LONGEST_KEY_AGE: Duration = Duration::from_secs(24 * 3600);

/// The Stytch product line of the project. The M2M calls are the same; the key sets have different
/// paths.
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

/// Settings of a [`Client`](crate::Client). Name the settings that you set and take the others from
/// the default, as for all settings of this crate: later versions may add some.
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
    pub secret: Option<SecretSource>,
    /// The API's address. Default: Stytch's live or test host, chosen by the project id's prefix.
    /// Set it to your custom domain, which is then the issuer of your tokens, or to an emulator.
    pub base_url: Option<String>,
    /// The product line. Default: consumer.
    pub vertical: Vertical,
    /// The key of `trusted_metadata` that holds a client's organization: `organization_id` of calls
    /// and records is its value. Default: `organization_id`.
    pub organization_key: Option<String>,
    /// Approximate number of verified tokens to cache; see
    /// [`TokenVerifierConfig::verified_token_cache_size`](crate::TokenVerifierConfig::verified_token_cache_size).
    /// Default 0: no cache.
    pub verified_token_cache_size: usize,
    /// Maximum number of grants whose access token is cached. A full cache evicts grants without a
    /// token first, then the least recently used. From 1 to 1,048,576. Default: 10,000.
    pub token_cache_capacity: Option<usize>,
    /// URL of a Redis or Valkey server (feature `redis`) through which processes share access
    /// tokens, so that one process fetches for all: `rediss://user:password@host:6379/0`. While the
    /// server is unavailable, each process fetches its own token. `rediss://` uses TLS and trusts
    /// the same certificate authorities as `transport`. Default: none.
    pub token_store_url: Option<Secret>,
    /// Key that encrypts the tokens in the store: 32 random bytes in base64. To replace a key, give
    /// several, separated by commas: the first encrypts, and each of them decrypts. Required with a
    /// store.
    pub token_store_key: Option<Secret>,
    /// Allows a `redis://` URL that has a password and leads to another host, over which the
    /// password is sent unencrypted. Default false: such a URL is refused.
    pub token_store_allow_unencrypted: bool,
    /// A store of your own, in place of `token_store_url`.
    pub token_store: Option<Arc<dyn TokenStore>>,
    /// Timeouts, TLS and proxy.
    pub transport: TransportConfig,
}

impl ClientConfig {
    /// The settings of a project, on Stytch's own host.
    #[must_use]
    pub fn new(project_id: impl Into<String>, secret: impl Into<SecretSource>) -> Self {
        Self { project_id: project_id.into(), secret: Some(secret.into()), ..Self::default() }
    }

    /// `STYTCH_PROJECT_ID`, `STYTCH_SECRET` and `STYTCH_BASE_URL`. An empty variable counts as
    /// unset.
    #[must_use]
    pub fn from_env() -> Self {
        Self::default().or_env()
    }

    /// Fills missing settings from the environment variables of [`from_env`](Self::from_env).
    #[must_use]
    pub fn or_env(mut self) -> Self {
        let var = |name| env_var(&[name]);
        if self.project_id.is_empty() {
            self.project_id = var("STYTCH_PROJECT_ID").unwrap_or_default();
        }
        let from_env = || var("STYTCH_SECRET").map(|_| SecretSource::env("STYTCH_SECRET"));
        self.secret = self.secret.or_else(from_env);
        self.base_url = self.base_url.or_else(|| var("STYTCH_BASE_URL"));
        self
    }
}

/// Timeouts, TLS and proxy of all requests.
///
/// Connections use TLS 1.2 or later. Redirects are not followed. Certificate verification cannot be
/// switched off.
#[derive(Clone, Debug)]
pub struct TransportConfig {
    /// Maximum time to establish a connection, TLS included. Default 3 s.
    pub connect_timeout: Duration,
    /// Maximum time of one attempt, until its whole response has arrived. Default 10 s; at most 3 s
    /// for key sets.
    pub attempt_timeout: Duration,
    /// Maximum time of a call, with all its attempts. Default 30 s; at most 5 s for key sets.
    pub total_timeout: Duration,
    /// PEM certificates of additional certificate authorities to trust. A server's own certificate
    /// works only if it is self-signed. Default: none.
    pub extra_ca_pem: Option<String>,
    /// Whether to trust Mozilla's root certificates, built into this crate (feature
    /// `bundled-roots`), instead of the platform's: for containers without certificates. Default:
    /// no.
    pub bundled_roots: bool,
    /// PEM certificate chain and private key of the client, for servers that require mutual TLS.
    /// Default: none.
    pub client_certificate_pem: Option<SecretSource>,
    /// The proxy to use. Requests to this machine (`localhost`, `127.0.0.0/8`, `::1`) never use
    /// one. Default: `HTTPS_PROXY` or `ALL_PROXY`, except for the hosts in `NO_PROXY`.
    pub proxy: Proxy,
    /// Maximum age of a key set that cannot be refreshed; once it is older, verification fails with
    /// `keys_unavailable`. Default 6 h, at most 24 h; 0 means no longer than the lifetime that the
    /// server gave the key set.
    pub max_key_age: Duration,
    /// Runtime of detached tasks. Default: the Tokio runtime of the caller.
    #[doc(hidden)]
    pub spawner: Spawner,
    /// The clock of caches and claims. Default: the system's.
    #[doc(hidden)]
    pub clock: Clock,
    /// Spelling of settings in messages. Default: as here.
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

/// The proxy that requests go through. Requests to this machine (`localhost`, names below it,
/// `127.0.0.0/8`, `::1`) never use a proxy: it could not reach this machine, and would see their
/// content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum Proxy {
    /// The proxy of `HTTPS_PROXY`, or else of `ALL_PROXY`, except for the hosts in `NO_PROXY`. An
    /// empty variable counts as unset.
    #[default]
    Environment,
    /// The proxy at this `http://`, `https://`, `socks5://` or `socks5h://` URL, except for the
    /// hosts in `NO_PROXY`. The URL may contain a user name and password. With `socks5h` the proxy
    /// resolves host names.
    Url(Secret),
    /// No proxy; the environment is ignored.
    Off,
}

impl Proxy {
    /// Parses a setting's text; the URL is checked with the other settings.
    pub(crate) fn from_setting(text: &str) -> Self {
        match text {
            "environment" => Self::Environment,
            "off" => Self::Off,
            url => Self::Url(url.into()),
        }
    }
}

/// Spelling of the settings' names in messages.
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

/// The first of these environment variables that is set and not empty.
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

/// The validated id and addresses of a project.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) base_url: Url,
    /// Whether `base_url` was given: it may then be a custom domain, which is the issuer of the
    /// tokens.
    pub(crate) custom_base: bool,
    /// The token endpoint.
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
        check_not_swapped("project_id", id)?;
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

    /// The `iss` values of this project's tokens.
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

/// Refuses an id where a secret belongs, and a secret where an id belongs. The value is never shown.
pub(crate) fn check_not_swapped(field: &str, value: &str) -> Result<()> {
    let is = |starts: &[&str]| starts.iter().any(|start| value.starts_with(start));
    let held = match field {
        "project_id" | "client_id" if is(&["secret-"]) => "a secret (it begins with `secret-`)",
        "secret" | "client_secret" if is(&["project-test-", "project-live-"]) => "a project's id",
        "client_secret" if is(&["m2m-client-test-", "m2m-client-live-"]) => "a client's id",
        _ => return Ok(()),
    };
    let message = format!("{field} contains {held}: the id and the secret are the wrong way round");
    Err(Error::invalid_config(field, message))
}

pub(crate) fn secret_of<'a>(field: &str, secret: Option<&'a Secret>) -> Result<&'a Secret> {
    let secret = secret.ok_or_else(|| {
        let hint = if field == "secret" { ": pass it, or set STYTCH_SECRET" } else { "" };
        Error::invalid_config(field, format!("{field} is missing{hint}"))
    })?;
    let value = secret.expose();
    check_not_swapped(field, value)?;
    if value.is_empty() {
        return Err(Error::invalid_config(field, format!("{field} is empty")));
    }
    if value.trim() != value || value.chars().any(char::is_control) {
        return Err(Error::invalid_config(
            field,
            format!(
                "{field} starts or ends with white space, or contains a control character: remove it"
            ),
        ));
    }
    Ok(secret)
}

/// Parses an absolute URL of a host: https, or http on loopback, without a path.
pub(crate) fn base_url_of(field: &str, text: &str) -> Result<Url> {
    let url = https_url(field, text)?;
    if url.path() != "/" || url.query().is_some() {
        return Err(Error::invalid_config(
            field,
            format!("{field} must be a host without a path, such as https://api.example.com"),
        ));
    }
    Ok(url)
}

/// Parses an absolute https URL (http on loopback) without user name, password or fragment.
pub(crate) fn https_url(field: &str, text: &str) -> Result<Url> {
    let wrong = |what: &str| Error::invalid_config(field, format!("{field} {what}"));
    if text.is_empty() {
        return Err(wrong("is empty: omit it for the default, or set an https URL"));
    }
    let url =
        Url::parse(text).map_err(|_| wrong("is not a URL such as https://api.example.com"))?;
    match url.scheme() {
        "https" => {}
        // A name server can resolve names below localhost to another machine.
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
        return Err(wrong("must name one host: `*` is not a wildcard here, so list each host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must not contain a user name or password"));
    }
    if url.fragment().is_some() {
        return Err(wrong("must not have a fragment"));
    }
    Ok(url)
}
