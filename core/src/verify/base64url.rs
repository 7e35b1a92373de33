//! Strict base64url without padding: only the canonical encoding is accepted (RFC 7515, section 2).
//!
//! Uses vector instructions if the processor has them: decoding is the largest part of a
//! verification after the signature check.

use std::sync::LazyLock;

use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};

#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
type Base64Url = base64::engine::Simd;
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
type Base64Url = base64::engine::GeneralPurpose;

const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_encode_padding(false)
    .with_decode_padding_mode(DecodePaddingMode::RequireNone)
    .with_decode_allow_trailing_bits(false);

pub(crate) static BASE64URL: LazyLock<Base64Url> = LazyLock::new(engine);

#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
fn engine() -> Base64Url {
    Base64Url::url_safe(CONFIG)
}

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
fn engine() -> Base64Url {
    Base64Url::new(&base64::alphabet::URL_SAFE, CONFIG)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::alphabet::URL_SAFE;
    use base64::engine::GeneralPurpose;

    use super::*;

    /// Every byte at every place of a text that is longer than any vector.
    #[test]
    fn it_takes_exactly_what_the_plain_decoder_takes() {
        let plain = GeneralPurpose::new(&URL_SAFE, CONFIG);
        for length in [1, 31, 32, 33, 130, 131, 132] {
            let text: Vec<u8> = URL_SAFE.as_str().bytes().cycle().take(length).collect();
            for place in 0..length {
                for byte in 0..=u8::MAX {
                    let mut text = text.clone();
                    text[place] = byte;
                    assert_eq!(BASE64URL.decode(&text).ok(), plain.decode(&text).ok());
                }
            }
        }
    }
}
