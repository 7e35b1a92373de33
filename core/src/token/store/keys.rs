//! The keys of a shared store: what seals tokens, and what makes their names.

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

/// The first byte of every sealed value. Another layout gets another number.
const VERSION: u8 = 1;
const ID: usize = 4;
const NONCE: usize = 12;
const SALT: &[u8] = b"stytch-m2m shared tokens v1";

/// Standard base64, with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Keys that open; the first of them seals. So that keys can be changed while a fleet runs, a new
/// one is first added behind, then moved to the front, and then the old one is dropped.
pub(super) struct KeyRing(Vec<Key>);

struct Key {
    id: [u8; ID],
    seal: RandomizedNonceKey,
    name: hmac::Key,
}

impl KeyRing {
    /// Reads `token_store_key`: 32 bytes in base64, or several of them with commas in between.
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

    /// What the token of this grant is called in the store: the first name is what it is put under,
    /// the others are what it may still be found under. No name tells whose token it is.
    pub(super) fn names(&self, grant: &GrantKey) -> Vec<String> {
        let name = |key: &Key| {
            let tag = hmac::sign(&key.name, grant);
            format!("m2m:v1:{}", URL_SAFE_NO_PAD.encode(tag))
        };
        self.0.iter().map(name).collect()
    }

    /// Seals `text` so that it opens under `name` for `purpose` alone.
    pub(super) fn seal(&self, name: &str, purpose: &str, text: &[u8]) -> Option<Vec<u8>> {
        let key = self.0.first()?;
        let mut sealed = Zeroizing::new(Vec::with_capacity(text.len() + AES_256_GCM.tag_len()));
        sealed.extend_from_slice(text);
        let nonce =
            key.seal.seal_in_place_append_tag(bound_to(name, purpose), &mut *sealed).ok()?;
        Some([&[VERSION], &key.id[..], nonce.as_ref(), &sealed].concat())
    }

    /// What was sealed, if any of the keys opens it.
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

/// One key for each purpose (RFC 5869).
fn derive(secret: &[u8], purpose: &str, key: &mut [u8]) -> Option<()> {
    let length = Length(key.len());
    let derived = Salt::new(HKDF_SHA256, SALT).extract(secret);
    derived.expand(&[purpose.as_bytes()], length).ok()?.fill(key).ok()
}
