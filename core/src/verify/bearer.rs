//! Where is the token? In the `Authorization` header (RFC 6750, section 2.1).

use super::compact::malformed;
use crate::error::{Error, InvalidTokenReason, Result};

/// The token in an `Authorization` header's value: `Bearer`, in any case, spaces, the token.
/// `None` is a request without the header.
///
/// # Errors
/// `invalid_token`: `missing` when there is no header or another scheme, `malformed` when the scheme
/// is not followed by exactly one token.
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
        "" => Err(malformed("the header names the scheme and has no token")),
        token if token.contains([' ', ',']) => Err(malformed("the header has more than one token")),
        token => Ok(token),
    }
}

#[cfg(test)]
mod tests {
    use super::token_from_authorization_header as token;

    #[test]
    fn the_scheme_is_read_in_any_case_and_once() {
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c", " Bearer a.b.c "] {
            assert_eq!(token(Some(value)).unwrap(), "a.b.c", "{value}");
        }
        for (value, reason, challenge) in [
            (None, "missing", "Bearer"),
            (Some(""), "missing", "Bearer"),
            (Some("Basic a.b.c"), "missing", "Bearer"),
            (Some("Bearera.b.c"), "missing", "Bearer"),
            (Some("a.b.c"), "missing", "Bearer"),
            (Some("Bearer"), "malformed", r#"Bearer error="invalid_token""#),
            (Some("Bearer  "), "malformed", r#"Bearer error="invalid_token""#),
            (Some("Bearer Bearer a.b.c"), "malformed", r#"Bearer error="invalid_token""#),
            (Some("Bearer a.b.c, Bearer d.e.f"), "malformed", r#"Bearer error="invalid_token""#),
        ] {
            let error = token(value).unwrap_err();
            assert_eq!(error.details().reason.unwrap().code(), reason, "{value:?}");
            assert_eq!(error.www_authenticate().unwrap(), challenge, "{value:?}");
            assert_eq!(error.http_status(), 401);
        }
    }
}
