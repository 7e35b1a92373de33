//! Rotations against a server that fails in every way, with a caller that dies, a store that fails,
//! and replicas that lag: there is always a secret that works and that its owner holds, and whoever
//! follows `recovery` ends well.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, has a runtime of its own, and tells what it measured"
)]

mod cases;
mod owner;
#[path = "../support/rotation_server.rs"]
mod rotation_server;

use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt as _;
use stytch_m2m::{Client, ClientConfig};

use owner::{Owner, Random};
use rotation_server::{Fault, PROJECT, Server, Step};

/// Random runs; so many at once, for most of their time is pauses.
const RUNS: u64 = 10_000;
const AT_ONCE: usize = 400;
/// Requests of a run that may meet a fault.
const REQUESTS: usize = 14;

fn every_fault() -> Vec<Fault> {
    let mut faults = vec![
        Fault::AnswerLost,
        Fault::Reset,
        Fault::HalfAnswer,
        Fault::Page,
        Fault::Lag(1),
        Fault::Lag(2),
        Fault::Kill { done: false },
        Fault::Kill { done: true },
        Fault::Before(429, false),
        Fault::Before(401, false),
        Fault::Deferred(504),
    ];
    for status in [408, 500, 502, 503, 504] {
        for page in [false, true] {
            faults.extend([Fault::Before(status, page), Fault::After(status, page)]);
        }
    }
    faults
}

/// Which requests fail, and how: each fault at each request, then as chance has it.
fn plan(run: u64, replaced: bool) -> impl FnMut(Step, usize) -> Fault + Send + 'static {
    let mut faults = every_fault();
    if replaced {
        faults.extend([Fault::Replaced; 3]);
    }
    let mut random = Random::of(run, 1);
    let alone = (run as usize) < faults.len() * REQUESTS;
    let (which, when) = (run as usize % faults.len(), run as usize / faults.len());
    move |_, request| match alone {
        true if request == when => faults[which],
        false if request < REQUESTS && random.one_in(3) => faults[random.below(faults.len())],
        _ => Fault::Nothing,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_always_a_secret_that_works_and_that_its_owner_holds() {
    let runs = std::env::var("ROTATION_RUNS").ok().and_then(|n| n.parse().ok()).unwrap_or(RUNS);
    let server = Server::start();
    let config = ClientConfig {
        base_url: Some(server.url.clone()),
        ..ClientConfig::new(PROJECT, "secret-test-model")
    };
    let client = Client::new(config).unwrap();
    let started = Instant::now();
    let all = futures_util::stream::iter(0..runs).map(|run| {
        let (server, client) = (server.clone(), client.clone());
        tokio::spawn(async move {
            let owner = Arc::new(Owner::new(run));
            let id = format!("client-{run}");
            let plan = plan(run, owner.shares());
            server.add(&id, &owner.first_secret(), plan, Arc::clone(&owner) as _);
            owner.rotate(&id, &server, &client).await;
            let (requests, violations) =
                server.with(&id, |client| (client.log.len(), client.violations.clone()));
            assert!(violations.is_empty(), "run {run}: {violations:#?}");
            server.remove(&id);
            requests
        })
    });
    let requests: usize =
        all.buffer_unordered(AT_ONCE).map(|run| run.unwrap()).fold(0, async |a, b| a + b).await;
    println!("rotation: {runs} runs, {requests} requests, {:?}", started.elapsed());
}
