//! Bearer tokens in HTTP (RFC 6750): reading a request's token, recognizing a response that refuses
//! it, restricting tokens to origins, and refusing a request.

use http_auth::ChallengeParser;
use url::{Origin, Url};

use crate::config::base_url_of;
use crate::error::{Error, InvalidTokenReason, Result};
use crate::verify::compact::malformed;

/// Returns the token in an `Authorization` header's value: `Bearer` in any case, spaces, the token.
/// `None` means a request without the header.
///
/// # Errors
/// `invalid_token`: `missing` without a header or with another scheme, `malformed` unless exactly
/// one token follows the scheme.
pub fn token_from_authorization_header(value: Option<&str>) -> Result<&str> {
    let value = value.unwrap_or_default().trim_matches(' ');
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Error::invalid_token(
            InvalidTokenReason::Missing,
            "the request has no bearer token: send `Authorization: Bearer <token>`",
        ));
    }
    match rest.trim_start_matches(' ') {
        "" => Err(malformed("the Authorization header has no token after `Bearer`")),
        token
            if token.split(' ').next().is_some_and(|word| word.eq_ignore_ascii_case("bearer")) =>
        {
            Err(malformed("the Authorization header has `Bearer` twice"))
        }
        token if token.contains([' ', ',']) => {
            Err(malformed("the Authorization header has more than one token"))
        }
        token => Ok(token),
    }
}

/// Returns the token in a request's `Authorization` headers. Pass every header that the server
/// received: two are refused, since a proxy may have read the other one.
///
/// # Errors
/// The errors of [`token_from_authorization_header`], and `malformed` for more than one header.
pub fn token_from_authorization_headers<'h>(
    values: impl IntoIterator<Item = &'h str>,
) -> Result<&'h str> {
    let mut values = values.into_iter();
    let value = values.next();
    match values.next() {
        None => token_from_authorization_header(value),
        Some(_) => Err(malformed("the request has more than one Authorization header")),
    }
}

/// Whether a response says that the token is invalid, so that a new token may work: status 401, and
/// a `Bearer` challenge with `error="invalid_token"` in a `WWW-Authenticate` header (RFC 6750,
/// section 3.1).
#[must_use]
pub fn refuses_token<'h>(status: u16, www_authenticate: impl IntoIterator<Item = &'h str>) -> bool {
    let names_the_token = |value: &str| {
        // A description may be in any language (RFC 9110, section 5.6.4: obs-text).
        let value = value.replace(|letter: char| !letter.is_ascii(), "?");
        let challenges = ChallengeParser::new(&value).filter_map(Result::ok);
        let mut bearer = challenges.filter(|one| one.scheme.eq_ignore_ascii_case("bearer"));
        bearer.any(|one| {
            let mut errors =
                one.params.iter().filter(|(name, _)| name.eq_ignore_ascii_case("error"));
            errors.any(|(_, code)| code.to_unescaped() == "invalid_token")
        })
    };
    status == 401 && www_authenticate.into_iter().any(names_the_token)
}

/// The first parameter of this name in a response's `WWW-Authenticate` values, of any scheme (RFC
/// 9728, section 5.1).
pub(crate) fn challenge_parameter(www_authenticate: &[&str], name: &str) -> Option<String> {
    www_authenticate.iter().find_map(|value| {
        let value = value.replace(|letter: char| !letter.is_ascii(), "?");
        let mut challenges = ChallengeParser::new(&value).filter_map(Result::ok);
        challenges.find_map(|challenge| {
            let mut parameters = challenge.params.iter();
            let (_, found) = parameters.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
            Some(found.to_unescaped())
        })
    })
}

/// The origins to which an HTTP client may send its tokens.
///
/// ```
/// use stytch_m2m::Origins;
///
/// let origins = Origins::new(["https://api.example.com"])?;
/// assert!(origins.allows("https://api.example.com:443/users?page=2"));
/// assert!(!origins.allows("https://api.example.com.evil.example/users"));
/// # Ok::<(), stytch_m2m::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Origins(Vec<Origin>);

impl Origins {
    /// Parses origins such as `["https://api.example.com", "http://localhost:8080"]`: https, or
    /// http on loopback, without path, query and user name.
    ///
    /// # Errors
    /// `invalid_config` with the field `origins`, also for an empty list.
    pub fn new<S: AsRef<str>>(list: impl IntoIterator<Item = S>) -> Result<Self> {
        let origin = |text: S| base_url_of("origins", text.as_ref()).map(|url| url.origin());
        let origins = list.into_iter().map(origin).collect::<Result<Vec<_>>>()?;
        if origins.is_empty() {
            return Err(Error::invalid_config(
                "origins",
                "origins must have at least one entry, such as https://api.example.com",
            ));
        }
        Ok(Self(origins))
    }

    /// Whether a request to `url` may carry the token: its scheme, host and port must equal those
    /// of an origin in the list, compared by the URL standard.
    #[must_use]
    pub fn allows(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| self.0.contains(&url.origin()))
    }
}

/// The response of a service to a request whose token is refused (RFC 6750, section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Refusal {
    /// 401, 403 or 503.
    pub status: u16,
    /// The response's headers.
    pub headers: Vec<(&'static str, String)>,
    /// JSON with the error's code only.
    pub body: String,
}

impl Error {
    /// The response of a service to its own caller when verification failed. `None` for an error
    /// that is not about the caller's token: answer 500.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        let status = self.http_status();
        if status == 500 {
            return None;
        }
        let challenge = self.www_authenticate().map(|value| ("WWW-Authenticate", value));
        let wait = self.details().retry_after.filter(|_| status == 503);
        let wait =
            wait.map(|wait| wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)));
        let mut headers: Vec<_> = challenge.into_iter().collect();
        headers.extend(wait.map(|seconds| ("Retry-After", seconds.to_string())));
        headers.push(("Cache-Control", "no-store".to_owned()));
        headers.push(("Content-Type", "application/json".to_owned()));
        Some(Refusal { status, headers, body: format!(r#"{{"error":"{}"}}"#, self.code()) })
    }
}

#[cfg(test)]
mod tests;
