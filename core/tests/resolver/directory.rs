//! The issuers that a service knows, and a verifier that asks it.

use std::collections::HashMap;
use std::future::pending;
use std::io;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use stytch_m2m::internals::Clock;
use stytch_m2m::{
    Algorithm, AuthenticateOptions, Error, IssuerConfig, IssuerResolver, KeySource, TokenVerifier,
    TokenVerifierConfig, TransportConfig,
};

use crate::signing::{AUDIENCE, NOW, Signer, claims};

/// The key of every issuer of these tests that brings none of its own.
pub(crate) static KEY: LazyLock<Signer> = LazyLock::new(|| Signer::new("k1", Algorithm::EdDsa));
pub(crate) const ACME: &str = "https://acme.example.com";
pub(crate) const LISTED: &str = "https://listed.example.com";

/// What the function does.
#[derive(Clone, Debug)]
pub(crate) enum Mood {
    Answers,
    /// Two seconds of this clock later.
    Slow(Clock),
    Fails,
    Panics,
    Hangs,
}

/// Who asks it, and what it says.
#[derive(Clone)]
pub(crate) struct Directory {
    rows: Arc<Mutex<HashMap<String, IssuerConfig>>>,
    calls: Arc<Mutex<Vec<String>>>,
    mood: Arc<Mutex<Mood>>,
}

impl Directory {
    /// A directory that has these issuers, each with [`KEY`].
    pub(crate) fn of(names: &[&str]) -> Self {
        let directory = Self {
            rows: Arc::default(),
            calls: Arc::default(),
            mood: Arc::new(Mutex::new(Mood::Answers)),
        };
        names.iter().for_each(|name| directory.add(name, issuer(name)));
        directory
    }

    pub(crate) fn add(&self, name: &str, settings: IssuerConfig) {
        self.rows.lock().unwrap().insert(name.to_owned(), settings);
    }

    pub(crate) fn remove(&self, name: &str) {
        self.rows.lock().unwrap().remove(name);
    }

    pub(crate) fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.lock().unwrap().len()
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    pub(crate) fn resolver(&self) -> IssuerResolver {
        let directory = self.clone();
        IssuerResolver::function(move |name: String| {
            let directory = directory.clone();
            async move {
                directory.calls.lock().unwrap().push(name.clone());
                tokio::task::yield_now().await;
                let mood = directory.mood.lock().unwrap().clone();
                if let Mood::Slow(clock) = &mood {
                    clock.advance(Duration::from_secs(2));
                }
                match mood {
                    Mood::Answers | Mood::Slow(_) => {
                        Ok(directory.rows.lock().unwrap().get(&name).cloned())
                    }
                    Mood::Fails => Err(io::Error::other("the database\nis down")),
                    Mood::Panics => panic!("the function panics"),
                    Mood::Hangs => pending().await,
                }
            }
        })
    }

    pub(crate) fn service(&self) -> Service {
        self.service_with(Vec::new(), |resolver| resolver)
    }

    pub(crate) fn service_with(
        &self,
        issuers: Vec<IssuerConfig>,
        change: impl FnOnce(IssuerResolver) -> IssuerResolver,
    ) -> Service {
        let clock = Clock::manual(NOW);
        let transport = TransportConfig {
            clock: clock.clone(),
            attempt_timeout: Duration::from_millis(300),
            ..Default::default()
        };
        let verifier = TokenVerifier::new(TokenVerifierConfig {
            issuers,
            issuer_resolver: Some(change(self.resolver())),
            verified_token_cache_size: 64,
            transport,
        });
        Service { verifier: verifier.unwrap(), clock }
    }
}

/// A verifier that asks a directory.
pub(crate) struct Service {
    pub(crate) verifier: TokenVerifier,
    pub(crate) clock: Clock,
}

impl Service {
    pub(crate) async fn verify(&self, token: &str) -> Result<String, Error> {
        let options = AuthenticateOptions::default();
        self.verifier.authenticate_token(token, &options).await.map(|claims| claims.issuer.clone())
    }

    /// The verdict, `None` if it must be waited for.
    pub(crate) fn verify_now(&self, token: &str) -> Option<Result<String, Error>> {
        let options = AuthenticateOptions::default();
        let verdict = self.verifier.authenticate_token_now(token, &options)?;
        Some(verdict.map(|claims| claims.issuer.clone()))
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

/// An issuer with [`KEY`].
pub(crate) fn issuer(name: &str) -> IssuerConfig {
    let keys = KeySource::Jwks(json!({"keys": [KEY.jwk()]}).to_string());
    settings(name, keys)
}

pub(crate) fn settings(name: &str, keys: KeySource) -> IssuerConfig {
    let issuer = IssuerConfig::oauth(name, &[AUDIENCE.to_owned()], keys);
    IssuerConfig { algorithms: vec![Algorithm::EdDsa], ..issuer }
}

/// A token of the issuer by [`KEY`], valid for ten days.
pub(crate) fn token(name: &str) -> String {
    KEY.token(&KEY.header(), &of(name))
}

pub(crate) fn of(name: &str) -> Value {
    let mut payload = claims();
    payload["iss"] = json!(name);
    payload["exp"] = json!(NOW + 864_000);
    payload
}

/// The error's code and reason.
pub(crate) fn why(verdict: Result<String, Error>) -> String {
    let error = verdict.unwrap_err();
    let reason = error.details().reason.map(|reason| reason.code());
    format!("{} {}", error.code(), reason.unwrap_or("-"))
}
