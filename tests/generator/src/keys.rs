//! The fixed keys, and signatures by them that are the same on every run.

use anyhow::{Context, Result, bail};
use aws_lc_rs::digest;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use num_bigint::BigUint;
use p256::ecdsa::signature::Signer;
use serde_json::{Value, json};

/// Private keys of the corpus. They guard nothing.
pub(crate) struct Keys(Value);

/// A key's name in `keys.json`.
pub(crate) type Name = &'static str;

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Keys {
    pub(crate) fn load() -> Result<Self> {
        Ok(Self(serde_json::from_str(include_str!("../keys.json"))?))
    }

    fn member(&self, key: Name, member: &str) -> Result<Vec<u8>> {
        let text = self.0.get(key).and_then(|key| key.get(member)).and_then(Value::as_str);
        Ok(URL_SAFE_NO_PAD.decode(text.with_context(|| format!("{key} has no {member}"))?)?)
    }

    fn number(&self, key: Name, member: &str) -> Result<BigUint> {
        Ok(BigUint::from_bytes_be(&self.member(key, member)?))
    }

    pub(crate) fn modulus(&self, key: Name) -> Result<BigUint> {
        self.number(key, "n")
    }

    /// The public JWK, with `kid` the key's name.
    pub(crate) fn jwk(&self, key: Name) -> Result<Value> {
        let public = |member: &str| Ok::<_, anyhow::Error>(encode(self.member(key, member)?));
        Ok(match key {
            "p256" => json!({"kty": "EC", "crv": "P-256", "kid": key, "use": "sig",
                "x": public("x")?, "y": public("y")?}),
            "p384" => json!({"kty": "EC", "crv": "P-384", "kid": key, "use": "sig",
                "x": public("x")?, "y": public("y")?}),
            "ed25519" => {
                let pair = self.ed25519()?;
                json!({"kty": "OKP", "crv": "Ed25519", "kid": key, "use": "sig",
                    "x": encode(pair.public_key())})
            }
            _ => json!({"kty": "RSA", "kid": key, "use": "sig", "alg": "RS256",
                "n": public("n")?, "e": public("e")?}),
        })
    }

    fn ed25519(&self) -> Result<Ed25519KeyPair> {
        Ok(Ed25519KeyPair::from_seed_unchecked(&self.member("ed25519", "d")?)?)
    }

    /// `message` signed as `alg` says.
    pub(crate) fn sign(&self, key: Name, alg: &str, message: &[u8]) -> Result<Vec<u8>> {
        let hash = match alg.get(2..) {
            Some("384") => &digest::SHA384,
            Some("512") => &digest::SHA512,
            _ => &digest::SHA256,
        };
        Ok(match alg.get(..2) {
            Some("RS") => {
                let size = self.member(key, "n")?.len();
                self.raw(key, &pkcs1(hash, message, size)?)?
            }
            Some("PS") => {
                let salt = digest::digest(hash, message);
                self.raw(key, &self.pss(key, hash, message, salt.as_ref())?)?
            }
            Some("Ed") => self.ed25519()?.sign(message).as_ref().to_vec(),
            Some("ES") if key == "p384" => {
                let key = p384::ecdsa::SigningKey::from_slice(&self.member(key, "d")?)?;
                let signature: p384::ecdsa::Signature = key.sign(message);
                signature.to_bytes().to_vec()
            }
            Some("ES") => {
                let key = p256::ecdsa::SigningKey::from_slice(&self.member(key, "d")?)?;
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_bytes().to_vec()
            }
            _ => bail!("cannot sign with {alg}"),
        })
    }

    /// An ECDSA signature on P-256 in ASN.1, which JWS does not use.
    pub(crate) fn sign_der(&self, message: &[u8]) -> Result<Vec<u8>> {
        let key = p256::ecdsa::SigningKey::from_slice(&self.member("p256", "d")?)?;
        let signature: p256::ecdsa::Signature = key.sign(message);
        Ok(signature.to_der().as_bytes().to_vec())
    }

    /// The private RSA operation on a whole padded block.
    pub(crate) fn raw(&self, key: Name, block: &[u8]) -> Result<Vec<u8>> {
        let (n, d) = (self.number(key, "n")?, self.number(key, "d")?);
        let size = self.member(key, "n")?.len();
        Ok(padded(&BigUint::from_bytes_be(block).modpow(&d, &n), size))
    }

    /// EMSA-PSS with a given salt (RFC 8017, section 9.1.1).
    pub(crate) fn pss(
        &self,
        key: Name,
        hash: &'static digest::Algorithm,
        message: &[u8],
        salt: &[u8],
    ) -> Result<Vec<u8>> {
        let size = self.member(key, "n")?.len();
        let digest_of = |bytes: &[u8]| digest::digest(hash, bytes).as_ref().to_vec();
        let h = digest_of(&[&[0; 8], digest_of(message).as_slice(), salt].concat());
        let zeros = size.checked_sub(h.len() + salt.len() + 2).context("the key is too small")?;
        let db = [vec![0; zeros], vec![1], salt.to_vec()].concat();
        let mask = mgf1(hash, &h, db.len());
        let mut masked: Vec<u8> = db.iter().zip(mask).map(|(a, b)| a ^ b).collect();
        if let Some(first) = masked.first_mut() {
            *first &= 0x7f;
        }
        Ok([masked, h, vec![0xbc]].concat())
    }
}

/// `number` in exactly `size` bytes.
pub(crate) fn padded(number: &BigUint, size: usize) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    [vec![0; size.saturating_sub(bytes.len())], bytes].concat()
}

/// DER of `DigestInfo` up to the digest (RFC 8017, section 9.2).
pub(crate) fn digest_info(hash: &'static digest::Algorithm, message: &[u8]) -> Vec<u8> {
    let id = match hash.output_len() {
        48 => 2,
        64 => 3,
        _ => 1,
    };
    let length = hash.output_len() as u8;
    let prefix = [
        0x30,
        17 + length,
        0x30,
        13,
        6,
        9,
        0x60,
        0x86,
        0x48,
        1,
        0x65,
        3,
        4,
        2,
        id,
        5,
        0,
        4,
        length,
    ];
    [&prefix, digest::digest(hash, message).as_ref()].concat()
}

/// EMSA-PKCS1-v1_5 (RFC 8017, section 9.2).
pub(crate) fn pkcs1(
    hash: &'static digest::Algorithm,
    message: &[u8],
    size: usize,
) -> Result<Vec<u8>> {
    let info = digest_info(hash, message);
    let filler = size.checked_sub(info.len() + 3).context("the key is too small")?;
    Ok([vec![0, 1], vec![0xff; filler], vec![0], info].concat())
}

fn mgf1(hash: &'static digest::Algorithm, seed: &[u8], length: usize) -> Vec<u8> {
    (0u32..)
        .flat_map(|counter| {
            digest::digest(hash, &[seed, &counter.to_be_bytes()].concat()).as_ref().to_vec()
        })
        .take(length)
        .collect()
}
