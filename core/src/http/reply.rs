//! Parses a response: a value, or one of the API's two error formats.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::advice;
use super::sent::Sent;
use crate::config::Spelling;
use crate::error::{Error, ErrorKind, Result};
use crate::json::lenient;

/// The longest `Retry-After` that is accepted.
const RETRY_AFTER_CAP: Duration = Duration::from_secs(3600);

/// A server's response of any status.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Zeroizing<Vec<u8>>,
    /// Whether the server may have carried out an earlier attempt, whose response was lost.
    pub(crate) in_doubt: bool,
    /// The request's secrets, which the server's texts may repeat.
    pub(crate) sent: Sent,
    /// The setting with the server's address, and the spelling of settings, for advice.
    pub(super) setting: Option<&'static str>,
    pub(super) spelling: Spelling,
}

impl Reply {
    /// The response's value, or its error.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        if !self.status.is_success() {
            return Err(self.error());
        }
        serde_json::from_slice(&self.body).map_err(|_| self.unexpected())
    }

    /// Whether it is a success with a body that is not JSON: a gateway's page or a truncated
    /// response.
    pub(super) fn is_truncated(&self) -> bool {
        self.status.is_success()
            && serde_json::from_slice::<serde::de::IgnoredAny>(&self.body).is_err()
    }

    /// Whether the server names a reason in the body that repeating the request cannot change,
    /// although its status says that it may.
    pub(super) fn is_definite(&self) -> bool {
        let body = serde_json::from_slice::<ErrorBody>(&self.body).unwrap_or_default();
        let kind = kind_of(body.error_type.or(body.error).as_deref(), self.status);
        self.status.is_server_error()
            && matches!(
                kind,
                ErrorKind::Authentication | ErrorKind::PermissionDenied | ErrorKind::InvalidRequest
            )
    }

    /// When the server sent it, by its own clock in Unix seconds.
    pub(crate) fn sent_at(&self) -> Option<f64> {
        let date = httpdate::parse_http_date(self.headers.get(DATE)?.to_str().ok()?).ok()?;
        Some(date.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs_f64())
    }

    /// The compression of the body, which no request asks for.
    pub(crate) fn compression(&self) -> Option<String> {
        let coding = self.headers.get(CONTENT_ENCODING)?.to_str().ok()?.trim();
        let is_none = coding.is_empty() || coding.eq_ignore_ascii_case("identity");
        (!is_none).then(|| self.sent.clean(coding).chars().take(64).collect())
    }

    /// The response as an error. The server's texts are copied into it without the secrets that
    /// were sent.
    pub(crate) fn error(&self) -> Error {
        let Ok(body) = serde_json::from_slice::<ErrorBody>(&self.body) else {
            return match self.status {
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Error::new(
                    kind_of(None, self.status),
                    format!("the server answered {}", self.status),
                )
                .with(|d| {
                    d.status_code = Some(self.status.as_u16());
                    d.request_id = request_id(&self.headers, &self.sent);
                    d.retry_after = self.retry_after;
                }),
                _ => self.unexpected(),
            };
        };
        let cleaner = self.sent.cleaner();
        let clean = |text: Option<String>| text.map(|text| cleaner.clean(&text));
        let error_type = body.error_type.or(body.error);
        let kind = kind_of(error_type.as_deref(), self.status);
        let error_type = clean(error_type);
        let error_message = clean(body.error_message.or(body.error_description));
        let message = match (&error_message, &error_type) {
            (Some(message), _) => message.clone(),
            (None, Some(error_type)) => error_type.clone(),
            (None, None) => format!("the server answered {}", self.status),
        };
        Error::new(kind, message).with(|d| {
            d.status_code = Some(self.status.as_u16());
            d.request_id = clean(body.request_id).or_else(|| request_id(&self.headers, &self.sent));
            d.error_type = error_type;
            d.error_message = error_message;
            d.error_url = clean(body.error_url.or(body.error_uri));
            d.retry_after = self.retry_after;
        })
    }

    /// The error of a response that is not the API's, without its body.
    pub(crate) fn unexpected(&self) -> Error {
        let media_type = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = media_type.and_then(|value| value.split(';').next());
        let media_type =
            media_type.map_or("no content type", |value| value.get(..64).unwrap_or(value));
        let media_type = self.sent.clean(media_type);
        if let Some(coding) = self.compression() {
            return self.unusable(format!(
                "the server answered {} with a compressed body ({coding}), which the request did \
                 not allow: a proxy may have compressed it",
                self.status
            ));
        }
        let advice = advice::not_the_api(self.spelling, self.setting);
        let what = format!("a body that is not the API's ({media_type})");
        let message = format!("the server answered {} with {what}: {advice}", self.status);
        self.unusable(message)
    }

    /// The request id in the headers.
    pub(crate) fn request_id(&self) -> Option<String> {
        request_id(&self.headers, &self.sent)
    }

    /// The error of a response that is unusable for the reason in `message`.
    pub(crate) fn unusable(&self, message: String) -> Error {
        Error::new(ErrorKind::UnexpectedResponse, message).with(|d| {
            d.status_code = Some(self.status.as_u16());
            d.request_id = request_id(&self.headers, &self.sent).or_else(|| {
                let body = serde_json::from_slice::<ErrorBody>(&self.body).ok();
                body.and_then(|body| body.request_id).map(|id| self.sent.clean(&id))
            });
            d.retry_after = self.retry_after;
        })
    }
}

/// Both error formats: Stytch's own, and OAuth's (RFC 6749, section 5.2) of the token endpoint. A
/// member that is not a string counts as absent.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    #[serde(deserialize_with = "lenient::text")]
    request_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    error_type: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    error_message: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    error_url: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    error: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    error_description: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    error_uri: Option<String>,
}

/// The kind of an error by its name; for an unknown name, by its status.
fn kind_of(error_type: Option<&str>, status: StatusCode) -> ErrorKind {
    match error_type.unwrap_or_default() {
        "invalid_client"
        | "unauthorized_credentials"
        | "invalid_project_id_authentication"
        | "invalid_secret_authentication" => ErrorKind::Authentication,
        // Keycloak's answer to a wrong secret.
        "unauthorized_client" if status == StatusCode::UNAUTHORIZED => ErrorKind::Authentication,
        "unauthorized_client" => ErrorKind::PermissionDenied,
        "duplicate_m2m_client_id"
        | "m2m_client_already_rotating_secret"
        | "m2m_client_not_rotating_secret" => ErrorKind::Conflict,
        "too_many_requests" => ErrorKind::RateLimited,
        "internal_server_error" | "search_timeout" | "server_error" | "temporarily_unavailable" => {
            ErrorKind::Service
        }
        // An error that came with a status of something else.
        "incorrect_client_credentials" => ErrorKind::Authentication,
        "access_denied" if !status.is_client_error() => ErrorKind::PermissionDenied,
        "invalid_grant"
        | "invalid_request"
        | "invalid_scope"
        | "invalid_target"
        | "unsupported_grant_type"
            if !status.is_client_error() =>
        {
            ErrorKind::InvalidRequest
        }
        name if name.ends_with("_not_found") => ErrorKind::NotFound,
        _ => match status.as_u16() {
            401 => ErrorKind::Authentication,
            403 => ErrorKind::PermissionDenied,
            404 => ErrorKind::NotFound,
            409 => ErrorKind::Conflict,
            429 => ErrorKind::RateLimited,
            200..=299 if error_type.is_some() => ErrorKind::InvalidRequest,
            400..=499 => ErrorKind::InvalidRequest,
            500..=599 => ErrorKind::Service,
            _ => ErrorKind::UnexpectedResponse,
        },
    }
}

/// The request id that the server or a proxy set in a header, if the body has none.
pub(super) fn request_id(headers: &HeaderMap, sent: &Sent) -> Option<String> {
    let id = headers.get("x-request-id")?.to_str().ok()?;
    (!id.is_empty() && id.len() <= 128).then(|| sent.clean(id))
}

/// `Retry-After` in seconds or as an HTTP date (RFC 9110, section 10.2.3), `now` in Unix seconds.
pub(crate) fn retry_after(headers: &HeaderMap, now: f64) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match value.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = httpdate::parse_http_date(value).ok()?;
            let at = at.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs_f64();
            Duration::try_from_secs_f64(at - now).unwrap_or_default()
        }
    };
    Some(wait.min(RETRY_AFTER_CAP))
}
