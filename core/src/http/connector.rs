//! The HTTP client behind the transport: TLS, client certificate, proxy, timeouts.

use std::str::FromStr;
use std::time::Duration;

use reqwest::{Certificate, ClientBuilder, Identity, NoProxy};
use url::Url;

use super::advice;
use crate::config::{Proxy, TransportConfig, env_var};
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;

/// Idle connections are closed before a load balancer closes them.
const IDLE: Duration = Duration::from_secs(60);
const KEEPALIVE: Duration = Duration::from_secs(30);

/// The proxy rule of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// No proxy, for an address of this machine.
    Loopback,
    /// The proxy of the settings.
    Configured,
}

/// Builds a client with these settings.
pub(super) fn build(
    config: &TransportConfig,
    certificate: Option<&Secret>,
    route: Route,
) -> Result<reqwest::Client> {
    let mut builder = builder()
        // reqwest's own proxy detection would send loopback requests through a proxy too.
        .no_proxy()
        .user_agent(concat!("stytch-m2m/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(config.connect_timeout)
        .pool_idle_timeout(IDLE)
        .tcp_keepalive(KEEPALIVE)
        .tls_version_min(reqwest::tls::Version::TLS_1_2);
    let extra = extra_ca(config)?;
    builder = if config.bundled_roots {
        builder.tls_certs_only(bundled_roots()?.into_iter().chain(extra))
    } else if extra.is_empty() {
        builder
    } else {
        builder.tls_certs_merge(extra)
    };
    if let Some(pem) = certificate {
        builder = builder.identity(identity("client_certificate_pem", pem)?);
    }
    if route == Route::Configured
        && let Some(proxy) = proxy(config)?
    {
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|e| {
        let (cause, advice) = (root_cause(&e), advice::no_roots(config));
        Error::new(ErrorKind::Network, format!("cannot set up TLS: {cause}. {advice}")).unsent()
    })
}

/// Checks the TLS and proxy settings, without I/O.
pub(super) fn validate(config: &TransportConfig) -> Result<()> {
    let wrong = |field, what| move |_| Error::invalid_config(field, format!("{field} {what}"));
    let extra = extra_ca(config)?;
    if config.bundled_roots {
        bundled_roots()?;
    }
    // Certificates and keys are parsed only when a client is built.
    if !extra.is_empty() {
        let trial = builder().no_proxy().tls_certs_only(extra).build();
        trial.map_err(wrong("extra_ca_pem", "contains an invalid certificate"))?;
    }
    check_proxy(&config.proxy)
}

/// `environment`, `off`, or a URL.
impl FromStr for Proxy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let proxy = Self::from_setting(text);
        check_proxy(&proxy)?;
        Ok(proxy)
    }
}

fn check_proxy(proxy: &Proxy) -> Result<()> {
    match proxy {
        Proxy::Url(url) => given_proxy(url.expose()).map(drop),
        Proxy::Environment | Proxy::Off => Ok(()),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one user of reqwest")]
fn builder() -> ClientBuilder {
    reqwest::Client::builder()
}

fn extra_ca(config: &TransportConfig) -> Result<Vec<Certificate>> {
    let Some(pem) = &config.extra_ca_pem else { return Ok(Vec::new()) };
    match Certificate::from_pem_bundle(pem.as_bytes()) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(Error::invalid_config(
            "extra_ca_pem",
            "extra_ca_pem must contain PEM certificates, which start with -----BEGIN CERTIFICATE-----",
        )),
    }
}

/// Checks a client certificate and its private key.
pub(super) fn check_identity(field: &str, pem: &Secret) -> Result<()> {
    let trial = builder().no_proxy().tls_certs_only([]).identity(identity(field, pem)?).build();
    trial.map(drop).map_err(|_| {
        Error::invalid_config(
            field,
            format!("{field} is unusable: the private key must belong to the first certificate"),
        )
    })
}

fn identity(field: &str, pem: &Secret) -> Result<Identity> {
    Identity::from_pem(pem.expose().as_bytes()).map_err(|_| {
        let message =
            format!("{field} must contain the certificate chain and its private key, in PEM");
        Error::invalid_config(field, message)
    })
}

/// The proxy of requests to other hosts, which are all https.
fn proxy(config: &TransportConfig) -> Result<Option<reqwest::Proxy>> {
    let proxy = match &config.proxy {
        Proxy::Off => None,
        Proxy::Environment => environments_proxy(),
        Proxy::Url(url) => Some(given_proxy(url.expose())?),
    };
    let exceptions = env_var(&["NO_PROXY", "no_proxy"]).and_then(|no| NoProxy::from_string(&no));
    Ok(proxy.map(|proxy| proxy.no_proxy(exceptions)))
}

fn given_proxy(url: &str) -> Result<reqwest::Proxy> {
    let wrong = || {
        let message = "proxy must be a URL such as http://proxy:3128 or socks5h://proxy:1080";
        Error::invalid_config("proxy", message)
    };
    let parsed = Url::parse(url).map_err(|_| wrong())?;
    let known = ["http", "https", "socks5", "socks5h"].contains(&parsed.scheme());
    if !known || parsed.host_str().unwrap_or_default().is_empty() {
        return Err(wrong());
    }
    reqwest::Proxy::all(parsed).map_err(|_| wrong())
}

/// The proxy of `HTTPS_PROXY`, or else of `ALL_PROXY`. `HTTP_PROXY` is for plain HTTP, which is
/// only sent to this machine.
fn environments_proxy() -> Option<reqwest::Proxy> {
    let url = env_var(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])?;
    let url = if url.contains("://") { url } else { format!("http://{url}") };
    let proxy = given_proxy(&url);
    if proxy.is_err() {
        tracing::warn!("ignoring the environment's proxy, which is not a URL");
    }
    proxy.ok()
}

#[cfg(feature = "bundled-roots")]
fn bundled_roots() -> Result<Vec<Certificate>> {
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    roots.map(|root| Certificate::from_der(root)).collect::<Result<_, _>>().map_err(|_| {
        Error::invalid_config("bundled_roots", "the bundled root certificates cannot be read")
    })
}

#[cfg(not(feature = "bundled-roots"))]
fn bundled_roots() -> Result<Vec<Certificate>> {
    Err(Error::invalid_config(
        "bundled_roots",
        "built without the feature `bundled-roots`, which bundled_roots needs",
    ))
}

/// The innermost cause, which describes the fault and contains no URL.
pub(super) fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
