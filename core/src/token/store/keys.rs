//! The keys of a shared store: they encrypt tokens and derive names.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::token::GrantKey;

/// The first byte of every encrypted value: the version of the format.
const VERSION: u8 = 1;
const ID: usize = 4;
const NONCE: usize = 12;
const SALT: &[u8] = b"stytch-m2m shared tokens v1";

/// Standard base64, with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Keys that decrypt; the first also encrypts. To replace a key while processes run: first append
/// the new key, then move it to the front, then remove the old one.
pub(super) struct KeyRing(Vec<Key>);

struct Key {
    id: [u8; ID],
    seal: RandomizedNonceKey,
    name: hmac::Key,
}

impl KeyRing {
    /// Parses `token_store_key`: 32 bytes in base64, or several keys separated by commas.
    pub(super) fn parse(text: &Secret) -> Result<Self> {
        let keys = text.expose().split(',').map(|key| Key::parse(key.trim()));
        keys.collect::<Option<Vec<_>>>().map(Self).ok_or_else(|| {
            Error::invalid_config(
                "token_store_key",
                "token_store_key must be 32 random bytes in base64, such as the output of `openssl \
                 rand -base64 32`; separate several keys by commas, the encrypting key first",
            )
        })
    }

    /// The names of a grant's token in the store: it is stored under the first, and may still be
    /// found under the others. A name does not reveal the client.
    pub(super) fn names(&self, grant: &GrantKey) -> Vec<String> {
        let name = |key: &Key| {
            let tag = hmac::sign(&key.name, grant);
            format!("m2m:v1:{}", URL_SAFE_NO_PAD.encode(tag))
        };
        self.0.iter().map(name).collect()
    }

    /// Encrypts `text` so that it can only be decrypted for `name` and `purpose`.
    pub(super) fn seal(&self, name: &str, purpose: &str, text: &[u8]) -> Option<Vec<u8>> {
        let key = self.0.first()?;
        let mut sealed = Zeroizing::new(Vec::with_capacity(text.len() + AES_256_GCM.tag_len()));
        sealed.extend_from_slice(text);
        let nonce =
            key.seal.seal_in_place_append_tag(bound_to(name, purpose), &mut *sealed).ok()?;
        Some([&[VERSION], &key.id[..], nonce.as_ref(), &sealed].concat())
    }

    /// Decrypts a value, if one of the keys can.
    pub(super) fn open(
        &self,
        name: &str,
        purpose: &str,
        sealed: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let (version, sealed) = sealed.split_first()?;
        let (id, sealed) = sealed.split_first_chunk::<ID>()?;
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
        if *version != VERSION {
            return None;
        }
        self.0.iter().filter(|key| key.id == *id).find_map(|key| {
            let mut text = Zeroizing::new(sealed.to_vec());
            let nonce = Nonce::assume_unique_for_key(*nonce);
            let length = key.seal.open_in_place(nonce, bound_to(name, purpose), &mut text);
            let length = length.ok()?.len();
            text.truncate(length);
            Some(text)
        })
    }
}

fn bound_to(name: &str, purpose: &str) -> Aad<Vec<u8>> {
    Aad::from([name.as_bytes(), &[0, VERSION, 0], purpose.as_bytes()].concat())
}

impl Key {
    fn parse(text: &str) -> Option<Self> {
        let secret = Zeroizing::new(BASE64.decode(text).ok()?);
        if secret.len() != 32 {
            return None;
        }
        let mut id = [0; ID];
        let (mut seal, mut name) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]));
        derive(&secret, "id", &mut id)?;
        derive(&secret, "seal", &mut *seal)?;
        derive(&secret, "name", &mut *name)?;
        Some(Self {
            id,
            seal: RandomizedNonceKey::new(&AES_256_GCM, &*seal).ok()?,
            name: hmac::Key::new(hmac::HMAC_SHA256, &*name),
        })
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// Derives a key for each purpose (RFC 5869).
fn derive(secret: &[u8], purpose: &str, key: &mut [u8]) -> Option<()> {
    let length = Length(key.len());
    let derived = Salt::new(HKDF_SHA256, SALT).extract(secret);
    derived.expand(&[purpose.as_bytes()], length).ok()?.fill(key).ok()
}
