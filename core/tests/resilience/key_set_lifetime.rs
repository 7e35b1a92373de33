//! The key set over time: refreshed ahead, kept through an outage, given up in the end.

use std::time::Duration;

use stytch_m2m::internals::Clock;
use stytch_m2m::{
    Client, ErrorKind, IssuerConfig, KeySetState, KeySource, TokenVerifier, TokenVerifierConfig,
    TransportConfig,
};

use crate::issuer::{Key, NOON, PROJECT, at, at_noon, config, eventually, jwks};
use crate::server::{Act, Server};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

struct Project {
    key: Key,
    server: Server,
    client: Client,
    clock: Clock,
    /// Seconds since noon.
    elapsed: u64,
}

impl Project {
    fn new(headers: &str) -> Self {
        Self::with(headers, |transport| transport)
    }

    fn with(headers: &str, change: impl Fn(TransportConfig) -> TransportConfig) -> Self {
        let key = Key::generate("known");
        let server = Server::always(Act::with(200, headers, &jwks(&[&key])));
        let (clock, transport) = at_noon();
        let client = Client::new(config(server.url(), change(transport))).unwrap();
        Self { key, server, client, clock, elapsed: 0 }
    }

    fn pass(&mut self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        self.elapsed += seconds;
    }

    /// What a token that was issued just now comes to.
    async fn verify(&self) -> Result<(), ErrorKind> {
        let token = self.key.token(NOON + self.elapsed as i64);
        let verified = self.client.authenticate_token(&token, &Default::default()).await;
        verified.map(drop).map_err(|error| error.kind())
    }

    fn state(&self) -> KeySetState {
        self.client.verifier().health()[0].state
    }
}

#[tokio::test]
async fn a_set_is_refreshed_ahead_while_it_serves() {
    let mut project = Project::new("cache-control: public, max-age=900");
    project.verify().await.unwrap();
    // 80 % of 15 minutes, give or take 10 %.
    project.pass(15 * MINUTE * 72 / 100 - 1);
    project.verify().await.unwrap();
    assert_eq!(project.server.requests(), 1);
    project.pass(15 * MINUTE * 16 / 100 + 2);
    for _ in 0..100 {
        project.verify().await.unwrap();
    }
    eventually(|| project.server.requests() == 2).await;
    eventually(|| project.client.stats().keys.refreshes == 2).await;
    assert_eq!(project.client.stats().keys.misses, 1, "nobody waited but the first");
    assert_eq!(project.client.stats().keys.stale_served, 0);
}

#[tokio::test]
async fn the_servers_lifetime_counts_within_bounds() {
    for (headers, fresh, due) in [
        ("cache-control: max-age=1", 43, 53),
        ("cache-control: no-store, max-age=600", 43, 53),
        ("cache-control: max-age=600\r\nage: 500", 71, 89),
        ("cache-control: max-age=86400", 2591, 3169),
        ("", 647, 793),
    ] {
        let mut project = Project::new(headers);
        project.verify().await.unwrap();
        project.pass(fresh);
        project.verify().await.unwrap();
        assert_eq!(project.server.requests(), 1, "{headers}");
        project.pass(due - fresh);
        project.verify().await.unwrap();
        eventually(|| project.server.requests() == 2).await;
    }
}

#[tokio::test]
async fn an_outage_of_5_h_59_serves_and_of_6_h_01_does_not() {
    let mut project = Project::new("");
    project.verify().await.unwrap();
    project.server.does(Act::Reset);
    for _ in 0..359 {
        project.pass(MINUTE);
        project.verify().await.unwrap();
    }
    assert_eq!(project.state(), KeySetState::Stale);
    assert!(project.client.stats().keys.stale_served > 300);
    project.pass(2 * MINUTE);
    assert_eq!(project.verify().await, Err(ErrorKind::KeysUnavailable));
    assert_eq!(project.state(), KeySetState::Expired);

    project.server.does(Act::json(200, &jwks(&[&project.key])));
    project.pass(MINUTE);
    project.verify().await.unwrap();
    assert_eq!(project.state(), KeySetState::Fresh);
}

#[tokio::test]
async fn the_longest_age_is_the_callers_to_choose() {
    let strict = |t| TransportConfig { max_key_age: Duration::ZERO, ..t };
    let mut project = Project::with("cache-control: max-age=900", strict);
    project.verify().await.unwrap();
    project.server.does(Act::Reset);
    project.pass(14 * MINUTE);
    project.verify().await.unwrap();
    project.pass(MINUTE);
    assert_eq!(project.verify().await, Err(ErrorKind::KeysUnavailable));

    let a_day = |t| TransportConfig { max_key_age: Duration::from_secs(24 * HOUR), ..t };
    let mut project = Project::with("", a_day);
    project.verify().await.unwrap();
    project.server.does(Act::Reset);
    project.pass(24 * HOUR - 1);
    project.verify().await.unwrap();

    let (_, transport) = at_noon();
    let transport =
        TransportConfig { max_key_age: Duration::from_secs(24 * HOUR + 1), ..transport };
    let error = Client::new(config("http://127.0.0.1:1", transport)).unwrap_err();
    assert_eq!(error.details().field.as_deref(), Some("max_key_age"));
}

#[tokio::test]
async fn sleep_of_the_machine_counts() {
    let project = Project::new("");
    project.verify().await.unwrap();
    project.server.does(Act::Reset);
    project.clock.advance_wall(7 * HOUR as i64 * 1000);
    let token = project.key.token(NOON + 7 * HOUR as i64);
    let error = project.client.authenticate_token(&token, &Default::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeysUnavailable);
}

#[tokio::test]
async fn an_unchanged_set_is_not_sent_again() {
    let mut project = Project::new("etag: \"v1\"\r\ncache-control: max-age=900");
    project.verify().await.unwrap();
    // Without its tag, which still holds (RFC 9110, section 15.4.5).
    project.server.does(Act::with(304, "cache-control: max-age=900", ""));
    for round in 1..4 {
        project.pass(15 * MINUTE);
        project.verify().await.unwrap();
        eventually(|| project.client.stats().keys.refreshes == round + 1).await;
        let asked = project.server.seen().pop().unwrap().head.to_lowercase();
        assert!(asked.contains("if-none-match: \"v1\""), "{asked}");
        assert!(!asked.contains("authorization"), "{asked}");
    }
    assert_eq!(project.state(), KeySetState::Fresh);
}

#[tokio::test]
async fn no_bad_answer_displaces_a_good_set() {
    let mut project = Project::new("");
    project.verify().await.unwrap();
    let many: Vec<_> = (0..101).map(|n| format!(r#"{{"kid":"{n}","kty":"RSA"}}"#)).collect();
    for (number, answer) in [
        Act::with(200, "content-type: text/html", "<html>"),
        Act::json(200, "[]"),
        Act::json(200, r#"{"keys":{}}"#),
        Act::json(200, r#"{"keys":[]}"#),
        Act::json(200, r#"{"keys":[{"kid":"known","kty":"oct","k":"AAAA"}]}"#),
        Act::json(200, &format!(r#"{{"keys":[{}]}}"#, many.join(","))),
        Act::json(201, &jwks(&[&project.key])),
        Act::json(404, "{}"),
        Act::with(302, "location: http://127.0.0.1:1/", ""),
        Act::Chunks(257 << 10),
    ]
    .into_iter()
    .enumerate()
    {
        project.server.does(answer);
        project.pass(16 * MINUTE);
        project.verify().await.unwrap();
        eventually(|| project.client.stats().keys.failures == number as u64 + 1).await;
    }
    assert_eq!(project.client.stats().keys.refreshes, 1);
}

#[tokio::test]
async fn a_failing_server_is_asked_ever_less_often_or_when_it_says() {
    let mut project = Project::new("");
    project.server.does(Act::json(500, "{}"));
    let mut asked_at = Vec::new();
    for second in 0..600 {
        let before = project.server.requests();
        assert_eq!(project.verify().await, Err(ErrorKind::KeysUnavailable));
        if project.server.requests() > before {
            asked_at.push(second);
        }
        project.pass(1);
    }
    let pauses: Vec<_> = asked_at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses.iter().all(|pause| (1..=5).contains(pause)), "{pauses:?}");
    assert!(pauses[..60].iter().all(|pause| *pause == 1), "{pauses:?}");
    assert!(pauses.iter().rev().take(20).any(|pause| *pause > 2), "{pauses:?}");
}

#[tokio::test]
async fn a_server_that_says_when_is_not_asked_before_while_its_keys_still_serve() {
    let mut project = Project::new("");
    project.verify().await.unwrap();
    project.server.does(Act::with(503, "retry-after: 240", ""));
    project.pass(15 * MINUTE);
    project.verify().await.unwrap();
    eventually(|| project.client.stats().keys.failures == 1).await;
    let requests = project.server.requests();
    project.pass(239);
    project.verify().await.unwrap();
    let retry_after = project.client.verifier().health()[0].retry_after.unwrap();
    assert!(retry_after <= Duration::from_secs(1), "{retry_after:?}");
    assert_eq!(project.server.requests(), requests);
    project.server.does(Act::json(200, &jwks(&[&project.key])));
    project.pass(2);
    project.verify().await.unwrap();
    eventually(|| project.state() == KeySetState::Fresh).await;
}

#[test]
fn a_warm_verification_needs_no_runtime() {
    let mut project = Project::new("");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let warm_up = project.client.verifier().warm_up();
    runtime.block_on(warm_up).unwrap();
    drop(runtime);
    for _ in 0..60 {
        project.pass(MINUTE);
        let token = project.key.token(NOON + project.elapsed as i64);
        let outcome = project.client.verifier().authenticate_token_now(&token, &Default::default());
        outcome.expect("at hand").unwrap();
    }
    assert_eq!(project.state(), KeySetState::Stale, "nothing could be refreshed");
    assert_eq!(project.server.requests(), 1);
}

#[tokio::test]
async fn a_set_can_be_taken_along() {
    let project = Project::new("");
    let verifier = project.client.verifier();
    assert_eq!(verifier.export_jwks(), []);
    assert_eq!(project.state(), KeySetState::Missing);
    verifier.warm_up().await.unwrap();
    let exported = verifier.export_jwks().pop().unwrap();
    assert_eq!(exported.issuer, format!("stytch.com/{PROJECT}"));
    assert_eq!(exported.fetched_at, at(NOON));

    let (clock, transport) = at_noon();
    clock.advance(Duration::from_secs(5 * HOUR));
    let offline = Client::new(config("http://127.0.0.1:1", transport)).unwrap();
    let seed = |jwks: &str, at| offline.verifier().seed_jwks(None, jwks, at);
    seed(&exported.jwks, exported.fetched_at).unwrap();
    let health = &offline.verifier().health()[0];
    assert_eq!((health.state, health.keys), (KeySetState::Stale, 1));
    assert_eq!(health.age, Some(Duration::from_secs(5 * HOUR)));
    let token = project.key.token(NOON + 5 * HOUR as i64);
    offline.authenticate_token(&token, &Default::default()).await.unwrap();

    // An older one is not taken, nor one that is none; and a seed ages like any other.
    seed(&jwks(&[&Key::generate("other")]), at(NOON - 1)).unwrap();
    offline.authenticate_token(&token, &Default::default()).await.unwrap();
    let error = seed(r#"{"keys":[]}"#, at(NOON + 60)).unwrap_err();
    assert_eq!(error.details().field.as_deref(), Some("jwks"));
    clock.advance(Duration::from_secs(HOUR));
    let error = offline.authenticate_token(&token, &Default::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeysUnavailable);
}

#[tokio::test]
async fn several_issuers_are_warmed_up_and_told_apart() {
    let (good, bad) = (Key::generate("good"), Key::generate("bad"));
    let server = Server::always(Act::json(200, &jwks(&[&good])));
    let down = Server::always(Act::json(503, ""));
    let issuer = |name: &str, url: String| {
        IssuerConfig::oauth(name, &["api".to_owned()], KeySource::Url(url))
    };
    let given = KeySource::Jwks(jwks(&[&bad]));
    let verifier = TokenVerifier::new(TokenVerifierConfig {
        issuers: vec![
            issuer("https://down.example", format!("{}/jwks", down.url())),
            issuer("https://up.example", format!("{}/jwks", server.url())),
            IssuerConfig::oauth("https://given.example", &["api".to_owned()], given),
        ],
        transport: at_noon().1,
        ..Default::default()
    })
    .unwrap();
    let error = verifier.warm_up().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeysUnavailable);
    let health = verifier.health();
    let states: Vec<_> = health.iter().map(|one| one.state.code()).collect();
    assert_eq!(states, ["missing", "fresh", "fresh"]);
    assert_eq!(health[0].last_failure, Some(ErrorKind::Service));
    assert!(health[0].retry_after.is_some());

    let seed = |issuer| verifier.seed_jwks(issuer, &jwks(&[&good]), at(NOON));
    let which = "issuer";
    assert_eq!(seed(None).unwrap_err().details().field.as_deref(), Some(which));
    let given = seed(Some("https://given.example")).unwrap_err();
    assert_eq!(given.details().field.as_deref(), Some(which));
    seed(Some("https://down.example")).unwrap();
    assert_eq!(verifier.health()[0].state, KeySetState::Fresh);
    assert_eq!(verifier.export_jwks().len(), 2);
}
