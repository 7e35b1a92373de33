//! The limit of every verifier: RS256 by AWS-LC, the key parsed beforehand, and nothing else.
//!
//! For each line on standard input, which says how many, it checks so many signatures of different
//! messages and prints the microseconds that one took.

#![expect(clippy::print_stdout, reason = "this is how it answers")]

use std::hint::black_box;
use std::io::stdin;
use std::time::Instant;

use anyhow::Result;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
};

const MESSAGES: usize = 1000;
/// About the size of a token without its signature.
const MESSAGE_LENGTH: usize = 500;

fn main() -> Result<()> {
    let pair = KeyPair::generate(KeySize::Rsa2048)?;
    let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())?;
    let random = SystemRandom::new();
    let signed = |number: usize| {
        let message = format!("{number:0MESSAGE_LENGTH$}").into_bytes();
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature)?;
        Ok((message, signature))
    };
    let signed: Vec<(Vec<u8>, Vec<u8>)> = (0..MESSAGES).map(signed).collect::<Result<_>>()?;
    for line in stdin().lines() {
        let times: u32 = line?.trim().parse()?;
        let start = Instant::now();
        for (message, signature) in signed.iter().cycle().take(times as usize) {
            key.verify_sig(black_box(message), signature)?;
        }
        println!("{:.3}", start.elapsed().as_secs_f64() * 1e6 / f64::from(times));
    }
    Ok(())
}
