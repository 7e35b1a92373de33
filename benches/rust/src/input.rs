//! What `stytch-m2m-bench-server` wrote.

use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// A folder of tokens and key sets.
pub struct Input {
    folder: String,
}

impl Input {
    /// The folder that `BENCH_DATA` names.
    pub fn find() -> Result<Self> {
        Ok(Self { folder: variable("BENCH_DATA")? })
    }

    /// The lines of the file `name`.
    pub fn tokens(&self, name: &str) -> Result<Vec<String>> {
        Ok(self.read(name)?.lines().map(str::to_owned).collect())
    }

    /// The same, taken apart for [`check`].
    pub fn signed(&self, name: &str) -> Result<Vec<Signed>> {
        self.tokens(name)?.iter().map(|token| taken_apart(token)).collect()
    }

    /// The text of the key set `name`.
    pub fn jwks(&self, name: &str) -> Result<String> {
        self.read(name)
    }

    fn read(&self, name: &str) -> Result<String> {
        let path = Path::new(&self.folder).join(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// The key that signed every token, prepared as far as AWS-LC prepares one.
    pub fn key(&self) -> Result<ParsedPublicKey> {
        let set: Value = serde_json::from_str(&self.jwks("jwks.json")?)?;
        let number = |name: &str| -> Result<Vec<u8>> {
            let text = set.pointer(&format!("/keys/0/{name}")).and_then(Value::as_str);
            Ok(URL_SAFE_NO_PAD.decode(text.context("the key set has no RSA key")?)?)
        };
        let (n, e) = (number("n")?, number("e")?);
        let key = RsaPublicKeyComponents { n, e };
        Ok(key.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)?)
    }
}

/// A token's signed part, and its signature.
pub type Signed = (String, Vec<u8>);

/// `token`, taken apart for [`check`].
pub fn taken_apart(token: &str) -> Result<Signed> {
    let (signed, signature) = token.rsplit_once('.').context("not a token")?;
    Ok((signed.to_owned(), URL_SAFE_NO_PAD.decode(signature)?))
}

/// The signature check alone.
pub fn check(key: &ParsedPublicKey, (signed, signature): &Signed) -> Result<()> {
    Ok(key.verify_sig(signed.as_bytes(), signature)?)
}

/// A variable of the environment.
pub fn variable(name: &str) -> Result<String> {
    env::var(name).with_context(|| format!("{name} is not set: start me as `cargo xtask bench`"))
}
