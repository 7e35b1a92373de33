//! The whole migration, as docs/migrating-from-auth0.md tells it: under load from the first step to
//! the last, and no request fails.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use serde_json::json;
use stytch_m2m::{
    AuthenticateOptions, IssuerConfig, TokenSource, TokenSourceConfig, TokenVerifier,
    TokenVerifierConfig, Vertical, token_from_authorization_header,
};
use stytch_m2m_emulator::{Effect, Fault, Operation};

use super::support::{API, Migration, PLAN, note, secret_of};

const CALLERS: usize = 4;
const PATIENCE: Duration = Duration::from_secs(60);
/// Requests of every caller that each step must stand.
const LOAD: u64 = 30;

/// A service that verifies tokens, and can be deployed anew while it serves.
struct Service {
    verifier: RwLock<TokenVerifier>,
    /// Requests let in, by the issuer of their token.
    served: Mutex<BTreeMap<String, u64>>,
}

impl Service {
    async fn deploy(&self, issuers: Vec<IssuerConfig>) {
        let next = verifier(issuers);
        next.warm_up().await.unwrap();
        *self.verifier.write().unwrap() = next;
    }

    /// The HTTP status that a request gets.
    async fn handle(&self, authorization: &str) -> u16 {
        let verifier = self.verifier.read().unwrap().clone();
        let token = token_from_authorization_header(Some(authorization)).unwrap();
        let options = AuthenticateOptions::scopes(["read:invoices"]);
        match verifier.authenticate_token(token, &options).await {
            Ok(claims) => {
                assert!(claims.client_id.starts_with("client-"), "{}", claims.client_id);
                *self.served.lock().unwrap().entry(claims.issuer.clone()).or_default() += 1;
                200
            }
            Err(error) => error.http_status(),
        }
    }

    fn served(&self, issuer: &str) -> u64 {
        self.served.lock().unwrap().get(issuer).copied().unwrap_or_default()
    }
}

fn verifier(issuers: Vec<IssuerConfig>) -> TokenVerifier {
    TokenVerifier::new(TokenVerifierConfig { issuers, ..Default::default() }).unwrap()
}

/// A caller that never rests.
struct Caller {
    tokens: RwLock<TokenSource>,
    requests: AtomicU64,
}

struct Load {
    services: Vec<Arc<Service>>,
    callers: Vec<Arc<Caller>>,
    failures: Arc<Mutex<Vec<String>>>,
    over: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    fn start(issuer: &IssuerConfig, sources: Vec<TokenSource>) -> Self {
        let service = || Service {
            verifier: RwLock::new(verifier(vec![issuer.clone()])),
            served: Mutex::default(),
        };
        let services = vec![Arc::new(service()), Arc::new(service())];
        let caller = |tokens| Caller { tokens: RwLock::new(tokens), requests: AtomicU64::new(0) };
        let callers: Vec<_> = sources.into_iter().map(|one| Arc::new(caller(one))).collect();
        let (failures, over) = (Arc::default(), Arc::default());
        let mut load = Self { services, callers, failures, over, tasks: Vec::new() };
        for caller in load.callers.clone() {
            let (services, over) = (load.services.clone(), Arc::clone(&load.over));
            let failures = Arc::clone(&load.failures);
            load.tasks.push(tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    let tokens = caller.tokens.read().unwrap().clone();
                    let authorization = match tokens.authorization_header().await {
                        Ok(authorization) => authorization,
                        Err(error) => return failures.lock().unwrap().push(error.to_string()),
                    };
                    for service in &services {
                        let status = service.handle(authorization.expose()).await;
                        if status != 200 {
                            failures.lock().unwrap().push(format!("a service answered {status}"));
                        }
                    }
                    caller.requests.fetch_add(1, Ordering::Relaxed);
                    // Load, but not all that the machine can bear.
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }));
        }
        load
    }

    /// Waits until every caller has made further requests, none of which may fail.
    async fn stands(&self, step: &str) {
        let requests = || self.callers.iter().map(|one| one.requests.load(Ordering::Relaxed));
        let goal: Vec<_> = requests().map(|before| before + LOAD).collect();
        let deadline = Instant::now() + PATIENCE;
        while requests().zip(&goal).any(|(now, goal)| now < *goal) {
            let failures = self.failures.lock().unwrap().clone();
            assert!(failures.is_empty(), "{step}: {failures:?}");
            assert!(Instant::now() < deadline, "{step}: callers stand still");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let failures = self.failures.lock().unwrap().clone();
        assert!(failures.is_empty(), "{step}: {failures:?}");
    }

    fn served(&self, issuer: &str) -> u64 {
        self.services.iter().map(|service| service.served(issuer)).sum()
    }
}

fn source(config: TokenSourceConfig) -> TokenSource {
    TokenSource::new(config).unwrap()
}

/// A caller's credential: the same at Auth0 and at Stytch.
fn credential(n: usize) -> TokenSourceConfig {
    let client_id = format!("client-{n}");
    let client_secret = Some(secret_of(&client_id).into());
    TokenSourceConfig { client_id, client_secret, ..Default::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_from_the_first_step_to_the_last() {
    let migration = Arc::new(Migration::of(CALLERS));
    let emulator = &migration.emulator;
    let (project_id, base_url) = (emulator.project_id(), emulator.base_url());
    let auth0 = IssuerConfig::auth0(base_url, API).unwrap();
    let stytch = IssuerConfig::stytch(project_id, Some(base_url), Vertical::Consumer).unwrap();
    let at_auth0 = |n| {
        let extra = [("audience".to_owned(), API.to_owned())].into();
        let token_url = Some(format!("{base_url}/oauth/token"));
        source(TokenSourceConfig { token_url, extra, ..credential(n) })
    };
    let at_stytch = |n| TokenSourceConfig {
        project_id: Some(project_id.to_owned()),
        base_url: Some(base_url.to_owned()),
        ..credential(n)
    };
    let command = |arguments: &'static [&'static str]| {
        let migration = Arc::clone(&migration);
        tokio::task::spawn_blocking(move || migration.json(arguments, 0))
    };

    let load = Load::start(&auth0, (0..CALLERS).map(at_auth0).collect());
    load.stands("before").await;

    command(&["plan", "--out", PLAN]).await.unwrap();
    for service in &load.services {
        service.deploy(vec![auth0.clone(), stytch.clone()]).await;
        load.stands("services accept both").await;
    }

    let report = command(&["import", PLAN]).await.unwrap();
    assert_eq!(report["counts"]["imported"], CALLERS);
    assert_eq!(command(&["verify", PLAN]).await.unwrap()["verified"], CALLERS);
    load.stands("imported").await;
    let stytch_issuer = stytch.issuers[0].as_str();
    let before = load.served(stytch_issuer);
    assert_eq!(before, 0, "nobody has moved yet");

    for (n, caller) in load.callers.iter().enumerate() {
        *caller.tokens.write().unwrap() = source(at_stytch(n));
        load.stands("a caller moved").await;
    }
    assert!(load.served(stytch_issuer) > before);

    // The counters by issuer say when the last token of Auth0 was seen.
    load.stands("all moved").await;
    let last_of_auth0 = load.served(&auth0.issuers[0]);
    load.stands("none left at Auth0").await;
    assert_eq!(load.served(&auth0.issuers[0]), last_of_auth0);

    for service in &load.services {
        service.deploy(vec![stytch.clone()]).await;
        load.stands("a service forgot Auth0").await;
    }
    for operation in [Operation::Auth0Token, Operation::Auth0Jwks] {
        let gone = Fault::new(Effect::status(503)).at(operation).seconds(3600);
        emulator.add_fault(gone).unwrap();
    }
    load.stands("Auth0 is gone").await;

    // Secrets that Auth0 knew are good no longer.
    for (n, caller) in load.callers.iter().enumerate() {
        let (id, file) = (format!("client-{n}"), migration.path(&format!("{n}.secret")));
        let rotating = Arc::clone(&migration);
        let rotated = file.clone();
        tokio::task::spawn_blocking(move || {
            let file = rotated.to_str().unwrap();
            rotating.stytch(&["secrets", "rotate", "run", &id, "--secret-file", file])
        })
        .await
        .unwrap();
        let secret = std::fs::read_to_string(&file).unwrap();
        let client_secret = Some(secret.trim_end().into());
        let config = TokenSourceConfig { client_secret, ..at_stytch(n) };
        *caller.tokens.write().unwrap() = source(config);
        load.stands("a secret rotated").await;
    }

    load.over.store(true, Ordering::Relaxed);
    for task in load.tasks {
        task.await.unwrap();
    }
    assert_eq!(*load.failures.lock().unwrap(), [""; 0]);
    let status = command(&["status", PLAN]).await.unwrap();
    assert_eq!(status["counts"], json!({ "imported": CALLERS, "skip": 2, "verified": CALLERS }));
    let by = |issuer: &str| load.services.iter().map(|one| one.served(issuer)).sum::<u64>();
    note(format_args!(
        "no request failed: {} with tokens of Auth0, {} with tokens of Stytch",
        by(&auth0.issuers[0]),
        by(stytch_issuer)
    ));
}
