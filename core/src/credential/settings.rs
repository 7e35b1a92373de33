//! The settings of a credential, checked before any I/O.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::client::{ClientCredential, ProofSource, SigningKey};
use super::live::LiveSecret;
use super::method::ClientAuth;
use super::private_key::PrivateKey;
use super::source::SecretSource;
use crate::config::{TransportConfig, check_not_swapped, secret_of};
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::verify::algorithm::Algorithm;

/// The settings of a credential.
pub(crate) struct CredentialSettings {
    pub(crate) client_id: String,
    pub(crate) client_auth: Option<ClientAuth>,
    pub(crate) client_secret: Option<SecretSource>,
    pub(crate) next_client_secret: Option<SecretSource>,
    pub(crate) private_key: Option<SecretSource>,
    pub(crate) key_id: Option<String>,
    pub(crate) signing_algorithm: Option<Algorithm>,
    pub(crate) assertion_audience: Option<String>,
    pub(crate) client_assertion: Option<SecretSource>,
    pub(crate) assertion: Option<SecretSource>,
}

/// The one credential that is given.
enum Given {
    Secret(SecretSource),
    Key(SecretSource),
    Assertion(SecretSource),
    Nothing,
}

impl Given {
    fn name(&self) -> Option<&'static str> {
        match self {
            Self::Secret(_) => Some("client_secret"),
            Self::Key(_) => Some("private_key"),
            Self::Assertion(_) => Some("client_assertion"),
            Self::Nothing => None,
        }
    }
}

impl CredentialSettings {
    /// Checks the settings. `certificate` is the client certificate of the connections;
    /// `is_discovered`: the server says which methods it offers.
    pub(crate) fn credential(
        self,
        is_discovered: bool,
        certificate: Option<&Arc<LiveSecret>>,
        transport: &TransportConfig,
    ) -> Result<ClientCredential> {
        let has_assertion = self.assertion.is_some();
        let algorithm = self.signing_algorithm;
        self.check_companions()?;
        let given = self.given()?;
        let method = method_of(self.client_auth, &given, has_assertion, is_discovered)?;
        let Self { client_id, next_client_secret, key_id, assertion_audience, assertion, .. } =
            self;
        if !(client_id.is_empty() && has_assertion && method == Some(ClientAuth::None)) {
            check_client_id(&client_id)?;
        }
        let live = |field, source, check| LiveSecret::new(field, source, check, transport);
        let source = match given {
            Given::Secret(current) => ProofSource::Secrets {
                current: live("client_secret", current, check_secret)?,
                next: next_client_secret
                    .map(|next| live("next_client_secret", next, check_secret))
                    .transpose()?,
            },
            Given::Key(text) => {
                let text = live("private_key", text, check_key)?;
                if let Some(text) = text.known() {
                    PrivateKey::parse("private_key", &text, algorithm)?;
                }
                ProofSource::Key(SigningKey {
                    text,
                    key_id,
                    algorithm,
                    audience: assertion_audience,
                })
            }
            Given::Assertion(assertion) => {
                ProofSource::Assertion(live("client_assertion", assertion, check_assertion)?)
            }
            Given::Nothing if method == Some(ClientAuth::TlsClientAuth) => {
                let pem = certificate.ok_or_else(|| {
                    Error::invalid_config(
                        "client_certificate_pem",
                        "client_certificate_pem is missing: tls_client_auth needs it",
                    )
                })?;
                ProofSource::Certificate(Arc::clone(pem))
            }
            Given::Nothing => ProofSource::Nothing,
        };
        let assertion = assertion.map(|source| live("assertion", source, check_assertion));
        let assertion = assertion.transpose()?;
        let (accepted, last) = (ArcSwapOption::empty(), ArcSwapOption::empty());
        Ok(ClientCredential { client_id, method, source, assertion, accepted, last })
    }

    /// Each of these settings belongs to another one.
    fn check_companions(&self) -> Result<()> {
        let companions = [
            ("next_client_secret", self.next_client_secret.is_some(), "client_secret"),
            ("key_id", self.key_id.is_some(), "private_key"),
            ("signing_algorithm", self.signing_algorithm.is_some(), "private_key"),
            ("assertion_audience", self.assertion_audience.is_some(), "private_key"),
        ];
        for (name, is_set, other) in companions {
            let has_other = match other {
                "client_secret" => self.client_secret.is_some(),
                _ => self.private_key.is_some(),
            };
            if is_set && !has_other {
                let message = format!("{name} is set without {other}, to which it belongs");
                return Err(Error::invalid_config(name, message));
            }
        }
        let empty = |value: &Option<String>| value.as_ref().is_some_and(String::is_empty);
        for (name, is_empty) in [
            ("key_id", empty(&self.key_id)),
            ("assertion_audience", empty(&self.assertion_audience)),
        ] {
            if is_empty {
                return Err(Error::invalid_config(name, format!("{name} is empty: omit it")));
            }
        }
        Ok(())
    }

    fn given(&self) -> Result<Given> {
        let secret = self.client_secret.clone().map(Given::Secret);
        let key = self.private_key.clone().map(Given::Key);
        let assertion = self.client_assertion.clone().map(Given::Assertion);
        let mut given = [secret, key, assertion].into_iter().flatten();
        let first = given.next().unwrap_or(Given::Nothing);
        match (first.name(), given.next().and_then(|second| second.name())) {
            (Some(first), Some(second)) => {
                let message = format!("{first} and {second} are both set: set only one of them");
                Err(Error::invalid_config(second, message))
            }
            _ => Ok(first),
        }
    }
}

/// The method, if the settings decide it.
fn method_of(
    given_method: Option<ClientAuth>,
    given: &Given,
    has_assertion: bool,
    is_discovered: bool,
) -> Result<Option<ClientAuth>> {
    let Some(method) = given_method else {
        return match given {
            Given::Secret(_) if is_discovered => Ok(None),
            Given::Secret(_) => Ok(Some(ClientAuth::ClientSecretPost)),
            Given::Key(_) | Given::Assertion(_) => Ok(Some(ClientAuth::PrivateKeyJwt)),
            Given::Nothing if has_assertion => Ok(Some(ClientAuth::None)),
            Given::Nothing => Err(Error::invalid_config(
                "client_secret",
                "client_secret is missing: pass it, or set STYTCH_CLIENT_SECRET or \
                 STYTCH_CLIENT_SECRET_FILE. A client without a secret needs private_key, \
                 client_assertion, assertion or client_auth",
            )),
        };
    };
    let (needed, fits) = match method {
        ClientAuth::ClientSecretPost | ClientAuth::ClientSecretBasic => {
            ("client_secret", matches!(given, Given::Secret(_)))
        }
        ClientAuth::PrivateKeyJwt => {
            ("private_key", matches!(given, Given::Key(_) | Given::Assertion(_)))
        }
        ClientAuth::TlsClientAuth | ClientAuth::None => ("", matches!(given, Given::Nothing)),
    };
    match given.name() {
        _ if fits => Ok(Some(method)),
        None => {
            let message = format!("{needed} is missing: {} needs it", method.name());
            Err(Error::invalid_config(needed, message))
        }
        Some(other) => {
            let method = method.name();
            let message =
                format!("client_auth is {method}, which does not use {other}: remove one");
            Err(Error::invalid_config("client_auth", message))
        }
    }
}

pub(crate) fn check_client_id(client_id: &str) -> Result<()> {
    let is_trimmed = client_id.trim() == client_id;
    if client_id.is_empty() || !is_trimmed || client_id.chars().any(char::is_control) {
        return Err(Error::invalid_config(
            "client_id",
            "client_id is empty, starts or ends with white space, or contains a control character",
        ));
    }
    check_not_swapped("client_id", client_id)
}

fn check_secret(field: &str, secret: &Secret) -> Result<()> {
    secret_of(field, Some(secret)).map(drop)
}

fn check_key(field: &str, text: &Secret) -> Result<()> {
    PrivateKey::parse(field, text, None).map(drop)
}

fn check_assertion(field: &str, assertion: &Secret) -> Result<()> {
    let text = assertion.expose();
    match !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(()),
        false => {
            let message = format!("{field} is empty, or contains characters that no assertion has");
            Err(Error::invalid_config(field, message))
        }
    }
}
