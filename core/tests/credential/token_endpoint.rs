//! A token endpoint that accepts what its test says, and the source that asks it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use stytch_m2m::internals::Clock;
use stytch_m2m::{TokenSource, TokenSourceConfig, TransportConfig};
use url::form_urlencoded;

use crate::issuer::{NOON, hurried};
use crate::server::{Act, Seen, Server};

pub(crate) const REFUSED: &str =
    r#"{"error":"invalid_client","error_description":"The client is unknown."}"#;

/// The form of a request.
pub(crate) fn form(seen: &Seen) -> BTreeMap<String, String> {
    form_urlencoded::parse(seen.body.as_bytes()).into_owned().collect()
}

/// The value of a request's header.
pub(crate) fn header<'s>(seen: &'s Seen, name: &str) -> Option<&'s str> {
    seen.head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The id and the secret in the `Authorization` header, as they were encoded.
pub(crate) fn basic(seen: &Seen) -> Option<(String, String)> {
    let pair = STANDARD.decode(header(seen, "authorization")?.strip_prefix("Basic ")?).unwrap();
    let pair = String::from_utf8(pair).unwrap();
    pair.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned()))
}

/// A token endpoint that accepts these secrets, and numbers its tokens.
pub(crate) struct Endpoint {
    pub(crate) server: Server,
    valid: Arc<Mutex<BTreeSet<String>>>,
}

impl Endpoint {
    pub(crate) fn accepting<const N: usize>(secrets: [&str; N]) -> Self {
        let valid = Arc::new(Mutex::new(BTreeSet::from(secrets.map(str::to_owned))));
        let accepted = Arc::clone(&valid);
        let server = Server::start(move |seen| {
            let mut form = form(seen);
            let secret = ["client_secret", "client_assertion", "assertion"];
            let secret = secret.iter().find_map(|name| form.remove(*name)).unwrap_or_default();
            match accepted.lock().unwrap().contains(&secret) {
                true => token(seen.number),
                false => Act::json(401, REFUSED),
            }
        });
        Self { server, valid }
    }

    /// From now on only these secrets are valid.
    pub(crate) fn accepts<const N: usize>(&self, secrets: [&str; N]) {
        *self.valid.lock().unwrap() = BTreeSet::from(secrets.map(str::to_owned));
    }

    pub(crate) fn settings(&self) -> TokenSourceConfig {
        settings(&self.server)
    }

    /// The secrets that arrived, in order.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let seen = self.server.seen();
        seen.iter().map(|seen| form(seen).remove("client_secret").unwrap_or_default()).collect()
    }
}

pub(crate) fn token(number: usize) -> Act {
    let body =
        format!(r#"{{"access_token":"token-{number}","token_type":"bearer","expires_in":3600}}"#);
    Act::json(200, &body)
}

/// Settings of a source that asks `server`, without a credential.
pub(crate) fn settings(server: &Server) -> TokenSourceConfig {
    TokenSourceConfig {
        token_url: Some(format!("{}/token", server.url())),
        client_id: "the-client".into(),
        transport: hurried(),
        ..Default::default()
    }
}

/// A source with a clock of its own.
pub(crate) struct Caller {
    pub(crate) source: TokenSource,
    clock: Clock,
}

impl Caller {
    pub(crate) fn new(config: TokenSourceConfig) -> Self {
        let clock = Clock::manual(NOON);
        let transport = TransportConfig { clock: clock.clone(), ..config.transport };
        let source = TokenSource::new(TokenSourceConfig { transport, ..config }).unwrap();
        Self { source, clock }
    }

    /// The next token, as after a refusal of the cached one.
    pub(crate) async fn another(&self) -> stytch_m2m::Result<String> {
        // Refusals in short succession are held back.
        self.clock.advance(Duration::from_secs(61));
        if let Some(token) = self.source.cached_token() {
            self.source.invalidate(token.access_token.expose());
        }
        self.source.get_token().await.map(|token| token.access_token.expose().to_owned())
    }
}
