//! What a verification answers with.

use std::sync::Arc;
use std::time::SystemTime;

use stytch_m2m::TokenClaims;

/// [`TokenClaims`], with the custom claims as text.
#[derive(Clone, Debug, uniffi::Record)]
pub struct VerifiedClaims {
    /// The M2M client.
    pub client_id: String,
    /// The scopes of `scope`.
    pub scopes: Vec<String>,
    /// Whether `read:*` among them grants every `read:<resource>`.
    pub wildcard_scopes: bool,
    /// Every claim that is not a registered one, as a JSON object.
    pub custom_claims: String,
    /// `iss`.
    pub issuer: String,
    /// `aud`.
    pub audience: Vec<String>,
    /// `iat`.
    pub issued_at: Option<SystemTime>,
    /// `nbf`.
    pub not_before: Option<SystemTime>,
    /// `exp`.
    pub expires_at: SystemTime,
    /// `jti`.
    pub token_id: Option<String>,
    /// `sub`.
    pub subject: Option<String>,
    /// The organization that the client belongs to.
    pub organization: Option<String>,
}

impl From<Arc<TokenClaims>> for VerifiedClaims {
    fn from(claims: Arc<TokenClaims>) -> Self {
        let subject = claims.subject().map(str::to_owned);
        let organization = claims.organization().map(str::to_owned);
        let TokenClaims {
            client_id,
            scopes,
            wildcard_scopes,
            custom_claims,
            issuer,
            audience,
            issued_at,
            not_before,
            expires_at,
            token_id,
        } = Arc::unwrap_or_clone(claims);
        let custom_claims = custom_claims.to_json();
        Self {
            client_id,
            scopes,
            wildcard_scopes,
            custom_claims,
            issuer,
            audience,
            issued_at,
            not_before,
            expires_at,
            token_id,
            subject,
            organization,
        }
    }
}
