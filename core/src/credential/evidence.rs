//! What one token request proves its client with.

use std::sync::Arc;

use super::private_key::PrivateKey;
use crate::secret::Secret;

/// The secrets of one token request.
#[derive(Clone, PartialEq)]
pub(crate) struct Evidence {
    pub(crate) proof: Proof,
    /// The assertion that is exchanged for a token (RFC 7523, section 2.1).
    pub(crate) assertion: Option<Secret>,
}

/// What the client authenticates with.
#[derive(Clone)]
pub(crate) enum Proof {
    Secret(Secret),
    /// The private key, as text and ready to sign.
    Key(Secret, Arc<PrivateKey>),
    /// An assertion from elsewhere (RFC 7523, section 2.2).
    Assertion(Secret),
    /// The certificate of the connection.
    Certificate(Secret),
    Nothing,
}

impl Proof {
    fn part(&self) -> (&'static str, &str) {
        match self {
            // Without a prefix, as for the tokens of a `Client`.
            Self::Secret(secret) => ("", secret.expose()),
            Self::Key(text, _) => ("private_key:", text.expose()),
            Self::Assertion(assertion) => ("client_assertion:", assertion.expose()),
            Self::Certificate(pem) => ("client_certificate_pem:", pem.expose()),
            Self::Nothing => ("none:", ""),
        }
    }
}

impl PartialEq for Proof {
    fn eq(&self, other: &Self) -> bool {
        let ((kind, text), (other_kind, other_text)) = (self.part(), other.part());
        let (bytes, other_bytes) = (text.as_bytes(), other_text.as_bytes());
        kind == other_kind
            && aws_lc_rs::constant_time::verify_slices_are_equal(bytes, other_bytes).is_ok()
    }
}

impl Evidence {
    pub(crate) fn secret(secret: Secret) -> Self {
        Self { proof: Proof::Secret(secret), assertion: None }
    }

    /// What decides, besides the request's other parameters, who may have the token: only a process
    /// that knows it finds the token in a shared store.
    pub(crate) fn identity(&self) -> Secret {
        let (kind, text) = self.proof.part();
        match &self.assertion {
            None if kind.is_empty() => Secret::from(text),
            None => Secret::new(format!("{kind}{text}")),
            Some(assertion) => {
                Secret::new(format!("{kind}{text}\nassertion:{}", assertion.expose()))
            }
        }
    }
}
