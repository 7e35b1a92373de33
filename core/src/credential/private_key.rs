//! A client's private key, in PEM or as a JWK, and its signatures.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKey;
use aws_lc_rs::rsa::KeyPairComponents;
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    self as lc, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, RsaEncoding,
};
use base64::Engine as _;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::verify::algorithm::{Algorithm, Family};
use crate::verify::base64url::BASE64URL;

/// A private key that is ready to sign.
pub(crate) struct PrivateKey {
    pair: KeyPair,
    family: Family,
    /// `kid` and `alg` of a JWK.
    pub(crate) key_id: Option<String>,
    pub(crate) algorithm: Option<Algorithm>,
}

enum KeyPair {
    Rsa(RsaKey),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// A private JWK (RFC 7517; RFC 7518, section 6; RFC 8037).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: Option<String>,
    kid: Option<String>,
    alg: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    d: Option<Secret>,
    p: Option<Secret>,
    q: Option<Secret>,
    dp: Option<Secret>,
    dq: Option<Secret>,
    qi: Option<Secret>,
}

/// Why a key is unusable.
type Unusable = &'static str;

impl PrivateKey {
    /// Parses a key, and checks that `algorithm` fits it.
    pub(crate) fn parse(field: &str, text: &Secret, algorithm: Option<Algorithm>) -> Result<Self> {
        let text = text.expose().trim();
        let parsed = if text.starts_with('{') { from_jwk(text) } else { from_pem(text) };
        let key = parsed
            .map_err(|what| Error::invalid_config(field, format!("{field} is unusable: {what}")))?;
        for (field, given) in [("signing_algorithm", algorithm), (field, key.algorithm)] {
            if given.is_some_and(|given| given.family() != key.family) {
                let (name, family) = (given.map_or("", Algorithm::name), key.family_name());
                let message = format!("{field}: {name} does not fit the private key ({family})");
                return Err(Error::invalid_config(field, message));
            }
        }
        Ok(key)
    }

    /// The algorithm to sign with, unless one is given.
    pub(crate) fn default_algorithm(&self) -> Algorithm {
        self.algorithm.unwrap_or(match self.family {
            Family::Rsa => Algorithm::Rs256,
            Family::P256 => Algorithm::Es256,
            Family::P384 => Algorithm::Es384,
            Family::Ed25519 => Algorithm::EdDsa,
        })
    }

    fn family_name(&self) -> &'static str {
        match self.family {
            Family::Rsa => "RSA",
            Family::P256 => "P-256",
            Family::P384 => "P-384",
            Family::Ed25519 => "Ed25519",
        }
    }

    /// The signature of `message`; `None` if the key cannot sign with `algorithm`.
    pub(crate) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match &self.pair {
            KeyPair::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(rsa_encoding(algorithm)?, &random, message, &mut signature).ok()?;
                Some(signature)
            }
            KeyPair::Ec(key) => Some(key.sign(&random, message).ok()?.as_ref().to_vec()),
            KeyPair::Ed(key) => Some(key.try_sign(message).ok()?.as_ref().to_vec()),
        }
    }
}

fn rsa_encoding(algorithm: Algorithm) -> Option<&'static dyn RsaEncoding> {
    Some(match algorithm {
        Algorithm::Rs256 => &lc::RSA_PKCS1_SHA256,
        Algorithm::Rs384 => &lc::RSA_PKCS1_SHA384,
        Algorithm::Rs512 => &lc::RSA_PKCS1_SHA512,
        Algorithm::Ps256 => &lc::RSA_PSS_SHA256,
        Algorithm::Ps384 => &lc::RSA_PSS_SHA384,
        Algorithm::Ps512 => &lc::RSA_PSS_SHA512,
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::EdDsa => return None,
    })
}

const CURVES: [(&EcdsaSigningAlgorithm, Family); 2] = [
    (&ECDSA_P256_SHA256_FIXED_SIGNING, Family::P256),
    (&ECDSA_P384_SHA384_FIXED_SIGNING, Family::P384),
];

fn from_pem(text: &str) -> Result<PrivateKey, Unusable> {
    if text.contains("ENCRYPTED") {
        return Err("it is encrypted; decrypt it, and protect the file instead");
    }
    let der = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| {
        "it must be a private key in PEM (PKCS#8, PKCS#1 or SEC 1), which starts with -----BEGIN, \
         or a JWK, which starts with {"
    })?;
    let pair = match &der {
        PrivateKeyDer::Pkcs1(der) => rsa(RsaKey::from_der(der.secret_pkcs1_der()).ok()),
        PrivateKeyDer::Sec1(der) => ec(der.secret_sec1_der()),
        PrivateKeyDer::Pkcs8(der) => {
            let der = der.secret_pkcs8_der();
            let ed = Ed25519KeyPair::from_pkcs8(der).ok();
            rsa(RsaKey::from_pkcs8(der).ok())
                .or_else(|| ec(der))
                .or_else(|| ed.map(|key| (KeyPair::Ed(key), Family::Ed25519)))
        }
        _ => None,
    };
    let unknown = "its type must be RSA with at least 2048 bits, P-256, P-384 or Ed25519";
    let (pair, family) = pair.ok_or(unknown)?;
    Ok(PrivateKey { pair, family, key_id: None, algorithm: None })
}

fn rsa(key: Option<RsaKey>) -> Option<(KeyPair, Family)> {
    key.map(|key| (KeyPair::Rsa(key), Family::Rsa))
}

fn ec(der: &[u8]) -> Option<(KeyPair, Family)> {
    CURVES.into_iter().find_map(|(curve, family)| {
        let key = EcdsaKeyPair::from_private_key_der(curve, der).ok()?;
        Some((KeyPair::Ec(key), family))
    })
}

fn from_jwk(text: &str) -> Result<PrivateKey, Unusable> {
    let jwk: Jwk = serde_json::from_str(text).map_err(|_| "it is not a JWK")?;
    if jwk.d.is_none() {
        return Err("it is a JWK without `d`: a public key cannot sign");
    }
    let algorithm = match &jwk.alg {
        None => None,
        Some(name) => Some(Algorithm::from_name(name).ok_or("its `alg` is unknown")?),
    };
    let (pair, family) = jwk.pair().ok_or(
        "its members must be those of a private JWK of type RSA (with p, q, dp, dq and qi, and at \
         least 2048 bits), EC with P-256 or P-384, or OKP with Ed25519",
    )?;
    Ok(PrivateKey { pair, family, key_id: jwk.kid, algorithm })
}

impl Jwk {
    fn pair(&self) -> Option<(KeyPair, Family)> {
        let public = |member: &Option<String>| BASE64URL.decode(member.as_deref()?).ok();
        let secret = |member: &Option<Secret>| {
            BASE64URL.decode(member.as_ref()?.expose()).ok().map(Zeroizing::new)
        };
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => {
                let key = RsaKey::from_components(&KeyPairComponents {
                    public_key: PublicKeyComponents { n: public(&self.n)?, e: public(&self.e)? },
                    d: &**secret(&self.d)?,
                    p: &**secret(&self.p)?,
                    q: &**secret(&self.q)?,
                    dP: &**secret(&self.dp)?,
                    dQ: &**secret(&self.dq)?,
                    qInv: &**secret(&self.qi)?,
                });
                rsa(key.ok())
            }
            ("EC", Some(curve)) => {
                let index = ["P-256", "P-384"].iter().position(|name| *name == curve)?;
                let (curve, family) = CURVES.get(index)?;
                // The uncompressed point (SEC 1, section 2.3.3).
                let point = [vec![4], public(&self.x)?, public(&self.y)?].concat();
                let d = secret(&self.d)?;
                let key = EcdsaKeyPair::from_private_key_and_public_key(curve, &d, &point).ok()?;
                Some((KeyPair::Ec(key), *family))
            }
            ("OKP", Some("Ed25519")) => {
                let (d, x) = (secret(&self.d)?, public(&self.x)?);
                let key = Ed25519KeyPair::from_seed_and_public_key(&d, &x).ok()?;
                Some((KeyPair::Ed(key), Family::Ed25519))
            }
            _ => None,
        }
    }
}
