//! The limit of every verifier: RS256 by AWS-LC, the key parsed beforehand, and nothing else.
//!
//! For each line on standard input, which says how many and the file in `BENCH_DATA` whose tokens they stand
//! for, it checks so many signatures of different messages of that length, and prints the microseconds that
//! one took.

#![expect(clippy::print_stdout, reason = "this is how it answers")]

use std::collections::HashMap;
use std::hint::black_box;
use std::io::stdin;
use std::path::Path;
use std::time::Instant;
use std::{env, fs};

use anyhow::{Context, Result};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
};

const MESSAGES: usize = 1000;

/// A message and its signature.
type Signed = (Vec<u8>, Vec<u8>);

fn main() -> Result<()> {
    let pair = KeyPair::generate(KeySize::Rsa2048)?;
    let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())?;
    let random = SystemRandom::new();
    let signed = |number: usize, length: usize| {
        let message = format!("{number:0length$}").into_bytes();
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature)?;
        Ok((message, signature))
    };
    let mut known = HashMap::<String, Vec<Signed>>::new();
    for line in stdin().lines() {
        let line = line?;
        let (times, tokens) = line.split_once(' ').context("say how many, and of which file")?;
        if !known.contains_key(tokens) {
            let length = length(tokens)?;
            let all = (0..MESSAGES).map(|number| signed(number, length)).collect::<Result<_>>()?;
            known.insert(tokens.to_owned(), all);
        }
        let messages = known.get(tokens).into_iter().flatten().cycle();
        let times: u32 = times.parse()?;
        let start = Instant::now();
        for (message, signature) in messages.take(times as usize) {
            key.verify_sig(black_box(message), signature)?;
        }
        println!("{:.3}", start.elapsed().as_secs_f64() * 1e6 / f64::from(times));
    }
    Ok(())
}

/// What the signature of the file's first token covers.
fn length(tokens: &str) -> Result<usize> {
    let data = env::var("BENCH_DATA").context("BENCH_DATA is not set")?;
    let text = fs::read_to_string(Path::new(&data).join(tokens))?;
    let (message, _) =
        text.lines().next().and_then(|token| token.rsplit_once('.')).context("no token")?;
    Ok(message.len())
}
