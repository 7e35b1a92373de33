//! How soon keys and tokens are back once their server is: the time from there to the first good
//! answer, on the virtual clock.

use std::time::Duration;

use stytch_m2m::internals::Clock;
use stytch_m2m::{Client, ErrorKind, TokenSource, TransportConfig};

use crate::issuer::{Key, NOON, PROJECT, at_noon, config, jwks, unsigned};
use crate::server::{Act, Server};
use crate::tokens::{source, token_server};

/// How often callers come: the resolution of what is measured.
const STEP: Duration = Duration::from_millis(50);
/// The longest pause of the first minute of an outage, and of any outage.
const SHORT: Duration = Duration::from_millis(400);
const LONGEST: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug)]
enum Fault {
    Reset,
    Unavailable,
    Html,
    HalfABody,
    Slow,
}

const FAULTS: [Fault; 5] =
    [Fault::Reset, Fault::Unavailable, Fault::Html, Fault::HalfABody, Fault::Slow];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Outage {
    OneFailure,
    Seconds(u64),
}

const OUTAGES: [Outage; 5] = [
    Outage::OneFailure,
    Outage::Seconds(1),
    Outage::Seconds(3),
    Outage::Seconds(60),
    Outage::Seconds(1200),
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// Nothing was fetched yet.
    Cold,
    /// What is cached is good, and due for its refresh.
    Steady,
    /// What is cached is not good any more: another key signs, or the token was refused.
    AfterRotation,
}

const STATES: [State; 3] = [State::Cold, State::Steady, State::AfterRotation];

impl Fault {
    fn act(self, whole: &str) -> Act {
        match self {
            Self::Reset => Act::Reset,
            Self::Unavailable => Act::json(503, ""),
            Self::Html => Act::with(200, "content-type: text/html", "<html>Back soon</html>"),
            Self::HalfABody => Act::json(200, &whole[..whole.len() / 2]),
            Self::Slow => Act::Hold,
        }
    }
}

fn settings(fault: Fault) -> (Clock, TransportConfig) {
    let (clock, transport) = at_noon();
    match fault {
        // The virtual clock stands still while an attempt waits: that is not part of what is
        // measured.
        Fault::Slow => {
            let attempt_timeout = Duration::from_millis(150);
            (clock, TransportConfig { attempt_timeout, ..transport })
        }
        _ => (clock, transport),
    }
}

/// Breaks the server for as long as the outage lasts, with calls all the while. Returns the time from
/// its end to the first good answer, and how many requests it saw meanwhile.
async fn recovery(
    server: &Server,
    clock: &Clock,
    act: Act,
    outage: Outage,
    call: impl AsyncFn() -> Result<(), ErrorKind>,
) -> (Duration, usize) {
    let before = server.requests();
    let mut refused = 0;
    match outage {
        Outage::OneFailure => server.does_once(act),
        Outage::Seconds(seconds) => {
            server.does(act);
            let step = if seconds > 60 { STEP * 10 } else { STEP };
            for _ in 0..seconds * 1000 / step.as_millis() as u64 {
                if let Err(kind) = call().await {
                    assert_ne!(kind, ErrorKind::InvalidToken, "nobody can know");
                    refused += 1;
                }
                clock.advance(step);
            }
            server.recovers();
        }
    }
    let requests = server.requests() - before;
    let mut late = Duration::ZERO;
    while call().await.is_err() {
        late += STEP;
        assert!(
            late < Duration::from_secs(60),
            "it does not recover; {refused} were refused before"
        );
        clock.advance(STEP);
    }
    (late, requests)
}

/// What would take too much time of the wall clock, or longer than a token lives.
fn is_too_long(fault: Fault, state: State, outage: Outage) -> bool {
    match (outage, fault) {
        (Outage::Seconds(60), Fault::Slow) => state != State::Cold,
        (Outage::Seconds(1200), Fault::Slow) => true,
        (Outage::Seconds(1200), _) => state == State::Steady,
        _ => false,
    }
}

fn check(what: &str, state: State, fault: Fault, outage: Outage, (late, asked): (Duration, usize)) {
    println!("{what:6} {state:13?} {fault:11?} {outage:13?} {late:7.2?} {asked:5} requests");
    let most = match (state, outage) {
        // Callers never notice: what is cached serves, or the call repeats its request.
        (State::Steady, _) | (_, Outage::OneFailure) => Duration::ZERO,
        (_, Outage::Seconds(..=60)) => SHORT + STEP,
        (_, Outage::Seconds(_)) => LONGEST + STEP,
    };
    assert!(
        late <= most,
        "{what} {state:?} {fault:?} {outage:?}: back after {late:?}, not {most:?}"
    );
    if let Outage::Seconds(seconds) = outage {
        assert!(asked as u64 <= 6 * seconds + 6, "{asked} requests in {seconds} s");
    }
}

async fn keys_are_back(fault: Fault) {
    let (old, new) = (Key::generate("old"), Key::generate("new"));
    let both = jwks(&[&old, &new]);
    for state in STATES {
        for outage in OUTAGES {
            let set = if state == State::AfterRotation { jwks(&[&old]) } else { both.clone() };
            let server = Server::always(Act::with(200, "cache-control: max-age=900", &set));
            if is_too_long(fault, state, outage) {
                continue;
            }
            let (clock, transport) = settings(fault);
            let client = Client::new(config(server.url(), transport)).unwrap();
            if state != State::Cold {
                client.verifier().warm_up().await.unwrap();
            }
            // When the refresh ahead is due.
            clock.advance(Duration::from_secs(850));
            let token = new.token(NOON + 850);
            let call = async || {
                let verified = client.authenticate_token(&token, &Default::default()).await;
                verified.map(drop).map_err(|error| error.kind())
            };
            server.follows(Act::with(200, "cache-control: max-age=900", &both));
            let measured = recovery(&server, &clock, fault.act(&both), outage, call).await;
            check("keys", state, fault, outage, measured);
        }
    }
}

async fn tokens_are_back(fault: Fault) {
    let whole = r#"{"access_token":"token","token_type":"bearer","expires_in":3600}"#;
    for state in STATES {
        for outage in OUTAGES {
            if is_too_long(fault, state, outage) {
                continue;
            }
            let server = token_server(3600);
            let (clock, transport) = settings(fault);
            let source = source(&server, transport);
            match state {
                State::Cold => {}
                State::Steady => {
                    source.get_token().await.unwrap();
                    clock.advance(Duration::from_secs(3600 - 240));
                }
                State::AfterRotation => refuse(&source).await,
            }
            let call = async || source.get_token().await.map(drop).map_err(|error| error.kind());
            let measured = recovery(&server, &clock, fault.act(whole), outage, call).await;
            check("tokens", state, fault, outage, measured);
        }
    }
}

async fn refuse(source: &TokenSource) {
    let token = source.get_token().await.unwrap();
    source.invalidate(token.access_token.expose());
}

#[tokio::test]
async fn keys_are_back_as_soon_as_their_server_is_after_resets() {
    keys_are_back(Fault::Reset).await;
}

#[tokio::test]
async fn keys_are_back_as_soon_as_their_server_is_after_503() {
    keys_are_back(Fault::Unavailable).await;
}

#[tokio::test]
async fn keys_are_back_as_soon_as_their_server_is_after_html() {
    keys_are_back(Fault::Html).await;
}

#[tokio::test]
async fn keys_are_back_as_soon_as_their_server_is_after_half_a_body() {
    keys_are_back(Fault::HalfABody).await;
}

#[tokio::test]
async fn tokens_are_back_as_soon_as_their_server_is() {
    for fault in FAULTS {
        if !matches!(fault, Fault::Slow) {
            tokens_are_back(fault).await;
        }
    }
}

#[tokio::test]
async fn keys_and_tokens_are_back_as_soon_as_their_server_answers_in_time_again() {
    tokio::join!(keys_are_back(Fault::Slow), tokens_are_back(Fault::Slow));
}

#[tokio::test]
async fn callers_without_a_token_share_one_probe_and_are_told_how_long_to_wait() {
    let server = token_server(3600);
    let (clock, transport) = settings(Fault::Reset);
    let source = source(&server, transport);
    server.does(Act::json(503, ""));
    for _ in 0..1200 {
        let _ = source.get_token().await;
        clock.advance(STEP);
    }
    let before = server.requests();
    for _ in 0..100 {
        let calls = (0..20).map(|_| source.get_token());
        for refused in futures_util::future::join_all(calls).await {
            let wait = refused.unwrap_err().details().retry_after.unwrap_or_default();
            assert!(wait <= LONGEST, "{wait:?}");
        }
        clock.advance(STEP);
    }
    let probes = server.requests() - before;
    assert!((10..=27).contains(&probes), "{probes} probes in 5 s for 2,000 calls");
}

#[tokio::test]
async fn a_longer_retry_after_is_probed_every_5_seconds_while_nothing_is_at_hand() {
    let key = Key::generate("known");
    let set = jwks(&[&key]);
    let server = Server::always(Act::json(200, &set));
    let (clock, transport) = settings(Fault::Reset);
    let client = Client::new(config(server.url(), transport)).unwrap();
    let token = key.token(NOON);
    server.does(Act::with(503, "retry-after: 240", ""));
    for _ in 0..60 {
        let error = client.authenticate_token(&token, &Default::default()).await.unwrap_err();
        assert!(error.details().retry_after.unwrap() <= LONGEST);
        clock.advance(Duration::from_secs(1));
    }
    assert!((12..=14).contains(&server.requests()), "{} requests in a minute", server.requests());
    server.recovers();
    clock.advance(LONGEST);
    client.authenticate_token(&token, &Default::default()).await.unwrap();
}

/// Tokens with key ids that nobody knows, 20 a second, and then another key signs.
#[tokio::test]
async fn after_a_flood_of_unknown_kids_a_rotation_refuses_good_tokens_for_10_seconds_at_most() {
    let (old, new) = (Key::generate("old"), Key::generate("new"));
    for flood in [1_u64, 5, 13, 60] {
        let server = Server::always(Act::json(200, &jwks(&[&old])));
        let (clock, transport) = settings(Fault::Reset);
        let client = Client::new(config(server.url(), transport)).unwrap();
        let options = Default::default();
        let made_up = async |n: u64| {
            let token = unsigned(PROJECT, &format!("made-up-{n}"));
            client.authenticate_token(&token, &options).await.unwrap_err()
        };
        client.verifier().warm_up().await.unwrap();
        for n in 0..flood * 20 {
            made_up(n).await;
            clock.advance(STEP);
        }
        server.does(Act::json(200, &jwks(&[&old, &new])));
        let token = new.token(NOON);
        let mut late = Duration::ZERO;
        while let Err(error) = client.authenticate_token(&token, &options).await {
            assert_eq!(error.kind(), ErrorKind::KeysUnavailable, "{error}");
            let wait = error.details().retry_after.unwrap();
            assert!(wait <= Duration::from_secs(10), "{wait:?}");
            made_up(1_000_000 + late.as_millis() as u64).await;
            late += STEP;
            clock.advance(STEP);
        }
        println!("flood of {flood:2} s, then a rotation: back after {late:?}");
        assert!(late <= Duration::from_secs(10), "{late:?}");
    }
}
