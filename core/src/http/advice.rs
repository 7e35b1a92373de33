//! Advice after a failed request, with the names of the caller's own settings.

use url::Url;

use crate::config::{Spelling, TransportConfig};
use crate::error::Error;

/// Whether `SSL_CERT_FILE` can name the platform's certificates.
const HAS_CERTIFICATE_FILE: bool =
    cfg!(all(unix, not(target_vendor = "apple"), not(target_os = "android")));

/// The settings that are durations.
const DURATIONS: [&str; 4] = ["connect_timeout", "attempt_timeout", "total_timeout", "max_key_age"];

impl Spelling {
    /// The caller's name of the core's setting `name`, for an error's field.
    pub(crate) fn field(self, name: &str) -> String {
        match self {
            Self::SnakeWithUnits if DURATIONS.contains(&name) => format!("{name}_seconds"),
            _ => name.to_owned(),
        }
    }

    /// The caller's name of the core's setting `name`.
    #[must_use]
    pub fn of(self, name: &str) -> String {
        match (self, name) {
            (Self::Options, "extra_ca_pem") => "--ca-file".to_owned(),
            (Self::Options, "total_timeout") => "--timeout".to_owned(),
            (Self::Snake | Self::SnakeWithUnits, _) => self.field(name),
            (Self::Options, _) => format!("--{}", name.replace('_', "-")),
            (Self::Camel, _) => {
                let mut words = name.split('_');
                let first = words.next().unwrap_or_default().to_owned();
                words.fold(first, |camel, word| {
                    let (initial, rest) = word.split_at_checked(1).unwrap_or((word, ""));
                    format!("{camel}{}{rest}", initial.to_ascii_uppercase())
                })
            }
        }
    }

    /// Whether the caller has a setting for the built-in root certificates.
    fn has_bundled_roots(self) -> bool {
        cfg!(feature = "bundled-roots") && self != Self::Options
    }
}

/// Advice for a machine without CA certificates.
pub(super) fn no_roots(config: &TransportConfig) -> String {
    let spelling = config.spelling;
    let mut ways = vec!["install the system's CA certificates".to_owned()];
    if HAS_CERTIFICATE_FILE {
        if std::env::var_os("SSL_CERT_FILE").is_some_and(|path| path.is_empty()) {
            ways.push("unset SSL_CERT_FILE, which is empty".to_owned());
        } else {
            ways.push("set SSL_CERT_FILE to a file that contains them".to_owned());
        }
    }
    if spelling.has_bundled_roots() {
        ways.push(format!("set {}", spelling.of("bundled_roots")));
    }
    ways.push(format!(
        "set {} to the certificate of the server's authority",
        spelling.of("extra_ca_pem")
    ));
    format!("Do one of these: {}", ways.join("; "))
}

/// Advice after a failed connection. `setting` contains the server's address; `is_local` says
/// whether that is this machine, to which neither DNS nor a proxy nor a firewall leads.
pub(super) fn no_connection(
    config: &TransportConfig,
    cause: &str,
    setting: Option<&str>,
    is_local: bool,
) -> String {
    let setting = setting.map(|name| config.spelling.of(name));
    let authorities = config.spelling.of("extra_ca_pem");
    let given = config.extra_ca_pem.is_some();
    let check = |rest: &str| match &setting {
        Some(name) => format!("Check {name}, {rest}"),
        None => format!("Check {rest}"),
    };
    if cause.contains("CaUsedAsEndEntity") {
        "The server uses the certificate of an authority as its own: give the server a certificate \
         with basicConstraints CA:FALSE, signed by that authority"
            .to_owned()
    } else if given && ["UnknownIssuer", "BadSignature"].iter().any(|name| cause.contains(name)) {
        format!(
            "{authorities} must contain the certificate of the authority that signed the server's, \
             not the server's own"
        )
    } else if cause.contains("UnknownIssuer") {
        format!(
            "If the server's authority is private, or a proxy intercepts TLS, set {authorities} to \
             that authority's certificate"
        )
    } else if cause.contains("InvalidContentType") {
        check(
            "the port: the server there does not speak TLS. An emulator on this machine speaks \
             plain http",
        )
    } else if cause.contains("certificate") {
        check("this machine's clock and the server's certificate")
    } else if is_local {
        check("the port, and whether a server, such as an emulator, runs there")
    } else {
        check("DNS, proxy and firewall")
    }
}

/// Advice after a timeout.
pub(super) fn too_slow(config: &TransportConfig) -> String {
    match config.spelling {
        Spelling::Options => {
            format!("check the network, or raise {}", config.spelling.of("total_timeout"))
        }
        _ => "check the network, or raise the timeouts".to_owned(),
    }
}

/// The error of a 404 with the address that was requested, since the address may be wrong.
pub(crate) fn with_address(error: Error, url: &Url) -> Error {
    let path = url.path();
    let slash = match path.ends_with('/') || path.contains("//") {
        true => ". A slash too many in it may be the cause",
        false => "",
    };
    with_advice(error, &format!("It was asked for {url}{slash}"))
}

/// Adds a sentence to an error's message.
pub(crate) fn with_advice(error: Error, advice: &str) -> Error {
    error.with(|d| d.message = format!("{}. {advice}", d.message.trim_end_matches('.')))
}

/// Advice after a response that is not the API's.
pub(super) fn not_the_api(spelling: Spelling, setting: Option<&str>) -> String {
    match setting {
        Some(name) => {
            format!("check {}, and whether a proxy intercepts the request", spelling.of(name))
        }
        None => "check whether a proxy intercepts the request".to_owned(),
    }
}
