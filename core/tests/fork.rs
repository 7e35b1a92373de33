//! Children that are forked while other threads are in the middle of everything.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "a test has a runtime of its own")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use stytch_m2m::{
    AuthenticateOptions, Client, ClientConfig, CreateRequest, IssuerConfig, IssuerResolver,
    TokenRequest, TokenSource, TokenSourceConfig, TokenVerifier, TokenVerifierConfig, Vertical,
};
use stytch_m2m_emulator::Emulator;
use tokio::runtime::Builder;

const CHILDREN: usize = 50;
/// A child that hangs is killed after so many seconds.
const WATCHDOG: u32 = 60;

/// All that a parent hands down.
#[derive(Clone)]
struct Inherited {
    client: Client,
    /// Its token is refused over and over.
    source: TokenSource,
    /// Its token is left alone.
    quiet: TokenSource,
    grant: TokenRequest,
    token: Arc<str>,
    /// A function decides about its issuers, and has accepted the token's.
    tenants: TokenVerifier,
}

/// What a child can do: 0, or the number of what it cannot.
fn work(inherited: &Inherited) -> i32 {
    let Inherited { client, source, quiet, grant, token, tenants } = inherited;
    let options = AuthenticateOptions::default();
    // Keys and tokens are inherited, and using them needs neither locks nor a runtime.
    match client.verifier().authenticate_token_now(token, &options) {
        Some(Ok(_)) => {}
        _ => return 1,
    }
    if quiet.cached_token().is_none() {
        return 2;
    }
    if !matches!(tenants.authenticate_token_now(token, &options), Some(Ok(_))) {
        return 11;
    }
    let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return 3 };
    runtime.block_on(async {
        let insist = TokenRequest { force_refresh: true, ..grant.clone() };
        let Ok(fresh) = client.token(insist).await else { return 4 };
        if client.authenticate_token(fresh.access_token.expose(), &options).await.is_err() {
            return 5;
        }
        if client.clients().get(&grant.client_id).await.is_err() {
            return 6;
        }
        if source.get_token().await.is_err() {
            return 7;
        }
        let Some(current) = quiet.cached_token() else { return 8 };
        quiet.invalidate(current.access_token.expose());
        if quiet.cached_token().is_some() || quiet.get_token().await.is_err() {
            return 9;
        }
        // A key that nobody has is asked for, and the answer is a refusal, not an outage.
        let refused = client.authenticate_token(&with_another_kid(token, 0), &options).await;
        if refused.map_err(|error| error.http_status()).err() != Some(401) {
            return 10;
        }
        // And an issuer that is not accepted.
        let refused = tenants.authenticate_token(&with_another_issuer(token, 0), &options).await;
        match refused.map_err(|error| error.http_status()) {
            Err(401) => 0,
            _ => 12,
        }
    })
}

/// The same token, by a key that nobody has.
fn with_another_kid(token: &str, number: usize) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let header = format!(r#"{{"alg":"RS256","kid":"nobodys-{number}","typ":"JWT"}}"#);
    let (_, rest) = token.split_once('.').unwrap_or_default();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header))
}

/// The same token, by an issuer that nobody knows.
fn with_another_issuer(token: &str, number: usize) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let payload = format!(r#"{{"iss":"https://nobodys-{number}.example.com"}}"#);
    let mut parts = token.split('.');
    let (header, _, signature) = (parts.next(), parts.next(), parts.next());
    let payload = URL_SAFE_NO_PAD.encode(payload);
    format!("{}.{payload}.{}", header.unwrap_or_default(), signature.unwrap_or_default())
}

/// Forks, and has the child do `work` and end.
fn fork(work: impl FnOnce() -> i32) -> libc::pid_t {
    // SAFETY: the child uses its own stack and what it inherited; it ends without unwinding into
    // the test harness, and without running the destructors and exit handlers of its parent.
    unsafe {
        match libc::fork() {
            0 => {
                libc::alarm(WATCHDOG);
                libc::_exit(work())
            }
            child => child,
        }
    }
}

/// What the child came to: its exit code, or the signal that ended it, negative.
fn outcome(child: libc::pid_t) -> i32 {
    let mut status = 0;
    // SAFETY: `status` is a valid place for the call to write to.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -libc::WTERMSIG(status) }
}

/// Takes every lock that there is, over and over.
async fn hammer(inherited: Inherited, stop: Arc<AtomicBool>, number: usize) {
    let Inherited { client, source, grant, token, tenants, .. } = inherited;
    let options = AuthenticateOptions::default();
    for round in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let unknown = with_another_kid(&token, number * 1_000_000 + round);
        let _ = client.authenticate_token(&unknown, &options).await;
        let unknown = with_another_issuer(&token, number * 1_000_000 + round);
        let _ = tenants.authenticate_token(&unknown, &options).await;
        let another = TokenRequest {
            extra: [("round".to_owned(), (round % 300).to_string())].into(),
            force_refresh: round % 3 == 0,
            ..grant.clone()
        };
        let _ = client.token(another).await;
        if let Some(current) = source.cached_token() {
            source.invalidate(current.access_token.expose());
        }
        let _ = source.get_token().await;
        tokio::task::yield_now().await;
    }
}

#[test]
fn children_forked_in_the_middle_of_everything_work() {
    let emulator = Emulator::start().unwrap();
    let runtime = Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let config = ClientConfig {
        base_url: Some(emulator.base_url().into()),
        ..ClientConfig::new(emulator.project_id(), emulator.secret())
    };
    let client = Client::new(config).unwrap();
    let inherited = runtime.block_on(async {
        let request = CreateRequest { scopes: vec!["a:b".into()], ..Default::default() };
        let made = client.clients().create(request).await.unwrap().m2m_client;
        let grant = TokenRequest {
            client_id: made.client.client_id.clone(),
            client_secret: made.client_secret.clone(),
            ..Default::default()
        };
        let config = TokenSourceConfig {
            project_id: Some(emulator.project_id().into()),
            base_url: Some(emulator.base_url().into()),
            client_id: grant.client_id.clone(),
            client_secret: Some(grant.client_secret.clone().into()),
            ..Default::default()
        };
        let source = TokenSource::new(config.clone()).unwrap();
        let quiet = TokenSource::new(config).unwrap();
        quiet.get_token().await.unwrap();
        let token: Arc<str> =
            client.token(grant.clone()).await.unwrap().access_token.expose().into();
        client.authenticate_token(&token, &AuthenticateOptions::default()).await.unwrap();
        let (project, base_url) =
            (emulator.project_id().to_owned(), emulator.base_url().to_owned());
        let resolver = IssuerResolver::function(move |iss: String| {
            let is_known = iss == format!("stytch.com/{project}");
            let of = || IssuerConfig::stytch(&project, Some(&base_url), Vertical::Consumer);
            let answer = is_known.then(of).transpose();
            async move {
                tokio::task::yield_now().await;
                answer
            }
        });
        let tenants = TokenVerifier::new(TokenVerifierConfig {
            issuer_resolver: Some(resolver),
            ..Default::default()
        });
        let tenants = tenants.unwrap();
        tenants.authenticate_token(&token, &AuthenticateOptions::default()).await.unwrap();
        Inherited { client, source, quiet, grant, token, tenants }
    });

    // Before anything else runs, and from a child.
    assert_eq!(outcome(fork(|| work(&inherited))), 0);
    let grandchild = || outcome(fork(|| work(&inherited)));
    assert_eq!(outcome(fork(|| work(&inherited) + grandchild())), 0);

    let stop = Arc::<AtomicBool>::default();
    let hammers: Vec<_> = (0..8)
        .map(|number| runtime.spawn(hammer(inherited.clone(), Arc::clone(&stop), number)))
        .collect();
    for number in 0..CHILDREN {
        assert_eq!(outcome(fork(|| work(&inherited))), 0, "child {number}");
    }
    stop.store(true, Ordering::SeqCst);
    runtime.block_on(async {
        for hammer in hammers {
            hammer.await.unwrap();
        }
    });
}
