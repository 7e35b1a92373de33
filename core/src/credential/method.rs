//! The client authentication methods (RFC 6749, section 2.3; RFC 7523; RFC 8705).

use std::str::FromStr;

use crate::error::{Error, Result};

/// How a client authenticates at the token endpoint: the registered values of
/// `token_endpoint_auth_method`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum ClientAuth {
    /// `client_secret_post`: the id and the secret in the form (RFC 6749, section 2.3.1).
    ClientSecretPost,
    /// `client_secret_basic`: the id and the secret in the `Authorization` header.
    ClientSecretBasic,
    /// `private_key_jwt`: an assertion signed with the client's private key, or issued to the
    /// client by its platform (RFC 7523, section 2.2).
    PrivateKeyJwt,
    /// `tls_client_auth`: the client certificate of the connection (RFC 8705). Also for
    /// `self_signed_tls_client_auth`, which sends the same.
    TlsClientAuth,
    /// `none`: the client only names itself.
    None,
}

impl ClientAuth {
    /// Every method.
    pub const ALL: [Self; 5] = [
        Self::ClientSecretPost,
        Self::ClientSecretBasic,
        Self::PrivateKeyJwt,
        Self::TlsClientAuth,
        Self::None,
    ];

    /// The registered name: `client_secret_post`, ...
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::None => "none",
        }
    }

    /// Whether a server that lists `name` accepts this method.
    pub(crate) fn is_called(self, name: &str) -> bool {
        self.name() == name
            || (self == Self::TlsClientAuth && name == "self_signed_tls_client_auth")
    }
}

/// The registered name.
impl FromStr for ClientAuth {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|method| method.is_called(name)).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            Error::invalid_config("client_auth", format!("client_auth must be one of {known}"))
        })
    }
}
