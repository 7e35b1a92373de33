//! Verification.

use std::thread;

use anyhow::{Context, Result, anyhow};
use futures_util::future::try_join_all;
use stytch_m2m_bench::{Input, Rounds, Signed, check, taken_apart};
use tokio::runtime::Runtime;

use crate::peers::{Jsonwebtoken, Ours};

const OURS: &str = "stytch-m2m";
const RAW: &str = "raw";
const JSONWEBTOKEN: &str = "jsonwebtoken";
/// Tokens of a round: short enough that few rounds are disturbed.
const ROUND: usize = 50;
/// Each of the 10,000 tokens comes three times.
const ROUNDS: usize = 3 * 10_000 / ROUND;

pub(crate) fn run() -> Result<()> {
    let (input, runtime) = (Input::find()?, Runtime::new()?);
    let tokens = input.tokens("tokens.txt")?;
    many(&input, &runtime, &tokens)?;
    threads(&input, &runtime, &tokens)?;
    for jwks in ["jwks-10.json", "jwks-100.json"] {
        let keys = jwks.trim_start_matches("jwks-").trim_end_matches(".json");
        work(&input, &runtime, &format!("verify, {keys} keys"), jwks, &tokens)?;
    }
    for size in ["4k", "12k"] {
        let tokens = input.tokens(&format!("tokens-{size}.txt"))?;
        let name = format!("verify, {} KB", size.trim_end_matches('k'));
        work(&input, &runtime, &name, "jwks.json", &tokens)?;
    }
    one(&input, &runtime, tokens.first().context("no tokens")?)
}

/// Different tokens: claims not read, and read; at once, and awaited.
fn many(input: &Input, runtime: &Runtime, tokens: &[String]) -> Result<()> {
    work(input, runtime, "verify, 10,000 tokens", "jwks.json", tokens)?;
    let (ours, peer) = (load(input, runtime, "jwks.json")?, Jsonwebtoken::new(input, "jwks.json")?);
    let (key, signed) = (input.key()?, signed(tokens)?);
    Rounds::new("verify, 10,000 tokens, claims read", ROUND)
        .add(RAW, |n| slice(&signed, n).iter().try_for_each(|one| check(&key, one)))
        .add(OURS, |n| slice(tokens, n).iter().try_for_each(|one| ours.verify_and_read(one)))
        .add(JSONWEBTOKEN, |n| slice(tokens, n).iter().try_for_each(|t| peer.verify_and_read(t)))
        .run(ROUNDS)?;
    let authenticate = async |token: &String| {
        ours.verifier.authenticate_token(token, &ours.options).await.map(drop)
    };
    Rounds::new("verify, async", ROUND)
        .add(RAW, |n| slice(&signed, n).iter().try_for_each(|one| check(&key, one)))
        .add(OURS, |n| {
            runtime.block_on(async {
                for token in slice(tokens, n) {
                    authenticate(token).await?;
                }
                Ok(())
            })
        })
        .run(ROUNDS)?;
    Rounds::new("verify, async, 64 at once", ROUND)
        .add(RAW, |n| slice(&signed, n).iter().try_for_each(|one| check(&key, one)))
        .add(OURS, |n| {
            runtime.block_on(async {
                for tokens in slice(tokens, n).chunks(64) {
                    try_join_all(tokens.iter().map(authenticate)).await?;
                }
                Ok(())
            })
        })
        .run(ROUNDS)
}

/// All at once on two threads.
fn threads(input: &Input, runtime: &Runtime, tokens: &[String]) -> Result<()> {
    let (ours, peer) = (load(input, runtime, "jwks.json")?, Jsonwebtoken::new(input, "jwks.json")?);
    let (key, signed) = (input.key()?, signed(tokens)?);
    // More of them, so that starting the threads does not count.
    let units = 8 * ROUND;
    Rounds::new("verify, 10,000 tokens, 2 threads", units)
        .add(RAW, |n| in_two(part(&signed, n, units), |one| check(&key, one)))
        .add(OURS, |n| in_two(part(tokens, n, units), |one| ours.verify(one).map(drop)))
        .add(JSONWEBTOKEN, |n| in_two(part(tokens, n, units), |one| peer.verify(one)))
        .run(ROUNDS / 8)
}

/// `tokens`, whose claims are not read, against the keys of the file `jwks`.
fn work(input: &Input, runtime: &Runtime, name: &str, jwks: &str, tokens: &[String]) -> Result<()> {
    let (ours, peer) = (load(input, runtime, jwks)?, Jsonwebtoken::new(input, jwks)?);
    let (key, signed) = (input.key()?, signed(tokens)?);
    Rounds::new(name, ROUND)
        .add(RAW, |n| slice(&signed, n).iter().try_for_each(|one| check(&key, one)))
        .add(OURS, |n| slice(tokens, n).iter().try_for_each(|one| ours.verify(one).map(drop)))
        .add(JSONWEBTOKEN, |n| slice(tokens, n).iter().try_for_each(|one| peer.verify(one)))
        .run(ROUNDS)
}

/// One token that comes again and again, as most do.
fn one(input: &Input, runtime: &Runtime, token: &str) -> Result<()> {
    let tokens = vec![token.to_owned(); ROUND];
    work(input, runtime, "verify, one token", "jwks.json", &tokens)?;
    let remembering = runtime.block_on(Ours::new(input, "jwks.json", 10_000))?;
    let units = 200 * ROUND;
    Rounds::new("verify, one token, remembered", units)
        .add(OURS, |_| (0..units).try_for_each(|_| remembering.verify(token).map(drop)))
        .run(ROUNDS)
}

fn load(input: &Input, runtime: &Runtime, jwks: &str) -> Result<Ours> {
    runtime.block_on(Ours::new(input, jwks, 0))
}

fn signed(tokens: &[String]) -> Result<Vec<Signed>> {
    tokens.iter().map(|token| taken_apart(token)).collect()
}

/// The round's share.
fn slice<T>(all: &[T], round: usize) -> &[T] {
    part(all, round, ROUND)
}

fn part<T>(all: &[T], round: usize, size: usize) -> &[T] {
    let parts = all.len() / size;
    all.chunks_exact(size).nth(round % parts.max(1)).unwrap_or_default()
}

/// Half of it on a thread of its own.
fn in_two<T: Sync>(all: &[T], each: impl Fn(&T) -> Result<()> + Sync) -> Result<()> {
    let (one, other) = all.split_at(all.len() / 2);
    thread::scope(|scope| {
        let thread = scope.spawn(|| one.iter().try_for_each(&each));
        other.iter().try_for_each(&each)?;
        thread.join().map_err(|_| anyhow!("a thread panicked"))?
    })
}
