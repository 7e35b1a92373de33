//! A client's credential: how it authenticates, and with what.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use super::assertion;
use super::evidence::{Evidence, Proof};
use super::live::LiveSecret;
use super::method::ClientAuth;
use super::private_key::PrivateKey;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{self, HeaderValue};
use crate::secret::Secret;
use crate::verify::algorithm::Algorithm;

/// `client_assertion_type` (RFC 7523, section 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client with its credential.
pub(crate) struct ClientCredential {
    pub(super) client_id: String,
    /// `None`: chosen from the methods that the server offers.
    pub(super) method: Option<ClientAuth>,
    pub(super) source: ProofSource,
    /// The assertion that is exchanged for a token (RFC 7523, section 2.1).
    pub(super) assertion: Option<LiveSecret>,
    /// What the server accepted last.
    pub(super) accepted: ArcSwapOption<Evidence>,
    /// What was read last.
    pub(super) last: ArcSwapOption<Evidence>,
}

/// Where the proof comes from.
pub(super) enum ProofSource {
    /// A secret that does not change.
    Fixed(Secret),
    Secrets {
        current: LiveSecret,
        next: Option<LiveSecret>,
    },
    Key(SigningKey),
    Assertion(LiveSecret),
    Certificate(Arc<LiveSecret>),
    Nothing,
}

/// The private key and what its assertions contain.
pub(super) struct SigningKey {
    pub(super) text: LiveSecret,
    pub(super) key_id: Option<String>,
    pub(super) algorithm: Option<Algorithm>,
    pub(super) audience: Option<String>,
}

/// The parts of a request that authenticate the client.
#[derive(Default)]
pub(crate) struct Authentication {
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) parameters: Vec<(&'static str, Secret)>,
}

impl fmt::Debug for ClientCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = self.method.map(ClientAuth::name);
        let mut shown = f.debug_struct("ClientCredential");
        shown.field("client_id", &self.client_id).field("method", &method).finish_non_exhaustive()
    }
}

impl ClientCredential {
    /// A client with a secret that does not change.
    pub(crate) fn fixed(client_id: String, secret: Secret) -> Self {
        Self {
            client_id,
            method: Some(ClientAuth::ClientSecretPost),
            source: ProofSource::Fixed(secret),
            assertion: None,
            accepted: ArcSwapOption::empty(),
            last: ArcSwapOption::empty(),
        }
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Whether an assertion is exchanged for a token, in place of the client-credentials grant.
    pub(crate) fn has_assertion(&self) -> bool {
        self.assertion.is_some()
    }

    /// Maximum number of requests until a token: one for each secret, and one if a secret may have
    /// changed.
    pub(crate) fn max_attempts(&self) -> u32 {
        let secrets = match &self.source {
            ProofSource::Secrets { next: Some(_), .. } => 2,
            _ => 1,
        };
        let may_change = self.sources().any(|source| !source.is_fixed());
        secrets + u32::from(may_change)
    }

    fn sources(&self) -> impl Iterator<Item = &LiveSecret> {
        let sources = match &self.source {
            ProofSource::Secrets { current, next } => [Some(current), next.as_ref()],
            ProofSource::Key(key) => [Some(&key.text), None],
            ProofSource::Assertion(assertion) => [Some(assertion), None],
            ProofSource::Certificate(pem) => [Some(&**pem), None],
            ProofSource::Fixed(_) | ProofSource::Nothing => [None, None],
        };
        sources.into_iter().flatten().chain(&self.assertion)
    }

    /// What to prove the client with now.
    pub(crate) async fn evidence(&self) -> Result<Evidence> {
        let proof = match &self.source {
            ProofSource::Fixed(secret) => Proof::Secret(secret.clone()),
            ProofSource::Secrets { current, next } => {
                Proof::Secret(self.secret(current, next.as_ref()).await?)
            }
            ProofSource::Key(key) => key.proof(key.text.get().await?)?,
            ProofSource::Assertion(assertion) => Proof::Assertion(assertion.fresh().await?),
            ProofSource::Certificate(pem) => Proof::Certificate(pem.get().await?),
            ProofSource::Nothing => Proof::Nothing,
        };
        let assertion = match &self.assertion {
            Some(assertion) => Some(assertion.fresh().await?),
            None => None,
        };
        let evidence = Evidence { proof, assertion };
        if !matches!(self.source, ProofSource::Fixed(_)) {
            self.last.store(Some(Arc::new(evidence.clone())));
        }
        Ok(evidence)
    }

    /// The current secret, or the next one if that was accepted last or the current one cannot be
    /// read.
    async fn secret(&self, current: &LiveSecret, next: Option<&LiveSecret>) -> Result<Secret> {
        let first = current.get().await;
        let Some(next) = next else { return first };
        let accepted = self.accepted.load();
        let is_accepted = |secret: &Secret| match accepted.as_deref() {
            Some(Evidence { proof: Proof::Secret(accepted), .. }) => accepted == secret,
            _ => false,
        };
        if first.as_ref().is_ok_and(|first| accepted.is_none() || is_accepted(first)) {
            return first;
        }
        match next.get().await {
            Ok(next) if first.is_err() || is_accepted(&next) => Ok(next),
            _ => first,
        }
    }

    /// Something else to prove the client with, after the server has refused what was `tried`: its
    /// sources are read again, and the next secret is tried beside the current one.
    pub(crate) async fn after_refusal(&self, tried: &[Evidence]) -> Option<Evidence> {
        if tried.len() >= self.max_attempts() as usize {
            return None;
        }
        let assertion = match &self.assertion {
            Some(assertion) => Some(assertion.read().await.ok()?),
            None => None,
        };
        let other = |proof: Result<Proof>| {
            let evidence = Evidence { proof: proof.ok()?, assertion: assertion.clone() };
            (!tried.contains(&evidence)).then_some(evidence)
        };
        match &self.source {
            ProofSource::Fixed(secret) => other(Ok(Proof::Secret(secret.clone()))),
            ProofSource::Secrets { current, next } => {
                let found = other(current.read().await.map(Proof::Secret));
                match (found, next) {
                    (None, Some(next)) => other(next.read().await.map(Proof::Secret)),
                    (found, _) => found,
                }
            }
            ProofSource::Key(key) => other(key.text.read().await.and_then(|text| key.proof(text))),
            ProofSource::Assertion(assertion) => {
                other(assertion.read().await.map(Proof::Assertion))
            }
            ProofSource::Certificate(pem) => other(pem.read().await.map(Proof::Certificate)),
            ProofSource::Nothing => other(Ok(Proof::Nothing)),
        }
    }

    /// Remembers what the server accepted.
    pub(crate) fn accept(&self, evidence: &Evidence) {
        self.accepted.store(Some(Arc::new(evidence.clone())));
    }

    /// Everything that this process could prove the client with, as far as it is known.
    pub(crate) fn known(&self) -> Vec<Evidence> {
        let secrets = match &self.source {
            ProofSource::Fixed(secret) => [Some(secret.clone()), None],
            ProofSource::Secrets { current, next } => {
                [current.known(), next.as_ref().and_then(LiveSecret::known)]
            }
            _ => [None, None],
        };
        let used = [&self.accepted, &self.last].map(|used| used.load().as_deref().cloned());
        let secrets = secrets.into_iter().flatten().map(Evidence::secret);
        used.into_iter().flatten().chain(secrets).collect()
    }

    /// Whether `error` says that the server refused the credential.
    pub(crate) fn is_refused_by(&self, error: &Error) -> bool {
        let grant = || error.details().error_type.as_deref() == Some("invalid_grant");
        error.kind() == ErrorKind::Authentication || (self.has_assertion() && grant())
    }

    /// Whether a file of the credential has changed since it was last read.
    pub(crate) fn has_changed(&self) -> bool {
        self.sources().any(LiveSecret::has_changed)
    }

    /// The method to use at a server that offers these, if it says so.
    pub(crate) fn method(&self, offered: Option<&[String]>) -> Result<ClientAuth> {
        if let Some(method) = self.method {
            return Ok(method);
        }
        let Some(offered) = offered else { return Ok(ClientAuth::ClientSecretPost) };
        let mut possible =
            [ClientAuth::ClientSecretBasic, ClientAuth::ClientSecretPost].into_iter();
        let is_offered = |method: &ClientAuth| offered.iter().any(|name| method.is_called(name));
        possible.find(is_offered).ok_or_else(|| {
            let offered = crate::text::visible(&offered.join(", "));
            let offered: String = offered.chars().take(200).collect();
            let message = format!(
                "client_auth: the server accepts no client_secret, only these methods: {offered}"
            );
            Error::invalid_config("client_auth", message)
        })
    }

    /// Authenticates a request by `method`. `audience` is the server's, unless one is set.
    pub(crate) fn authenticate(
        &self,
        method: ClientAuth,
        evidence: &Evidence,
        audience: &str,
        clock: &Clock,
    ) -> Result<Authentication> {
        let id = ("client_id", Secret::from(self.client_id.as_str()));
        let mut parameters = Vec::with_capacity(3);
        match (method, &evidence.proof) {
            (ClientAuth::ClientSecretBasic, Proof::Secret(secret)) => {
                let authorization = Some(basic(&self.client_id, secret)?);
                return Ok(Authentication { authorization, parameters });
            }
            (_, Proof::Secret(secret)) => {
                parameters.extend([id, ("client_secret", secret.clone())]);
            }
            (_, Proof::Key(_, key)) => {
                let assertion = self.sign(key, audience, clock)?;
                parameters.extend([id, type_of_assertion(), ("client_assertion", assertion)]);
            }
            (_, Proof::Assertion(assertion)) => {
                let assertion = ("client_assertion", assertion.clone());
                parameters.extend([id, type_of_assertion(), assertion]);
            }
            (_, Proof::Certificate(_) | Proof::Nothing) if self.client_id.is_empty() => {}
            (_, Proof::Certificate(_) | Proof::Nothing) => parameters.push(id),
        }
        Ok(Authentication { authorization: None, parameters })
    }

    fn sign(&self, key: &PrivateKey, audience: &str, clock: &Clock) -> Result<Secret> {
        let ProofSource::Key(settings) = &self.source else { return Ok(Secret::default()) };
        let algorithm = settings.algorithm.unwrap_or_else(|| key.default_algorithm());
        let key_id = settings.key_id.as_deref().or(key.key_id.as_deref());
        let audience = settings.audience.as_deref().unwrap_or(audience);
        assertion::sign(key, algorithm, key_id, &self.client_id, audience, clock)
    }
}

impl SigningKey {
    fn proof(&self, text: Secret) -> Result<Proof> {
        let key = PrivateKey::parse("private_key", &text, self.algorithm)?;
        Ok(Proof::Key(text, Arc::new(key)))
    }
}

fn type_of_assertion() -> (&'static str, Secret) {
    ("client_assertion_type", Secret::from(JWT_BEARER))
}

/// Basic authentication: the id and the secret are form-encoded first (RFC 6749, section 2.3.1).
fn basic(client_id: &str, secret: &Secret) -> Result<HeaderValue> {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let secret = Zeroizing::new(encoded(secret.expose()));
    http::basic(&encoded(client_id), "client_secret", &secret)
}
