//! Key sets. A taken one has a usable key, and prepares as many whatever follows them in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stytch_m2m::{Algorithm, internals};

fuzz_target!(|text: &[u8]| {
    let all = internals::key_set(text, &Algorithm::ALL);
    assert!(all != Ok(0));
    let rs256 = internals::key_set(text, &[Algorithm::Rs256]);
    assert!(rs256.unwrap_or(0) <= all.unwrap_or(0));
    if all.is_ok() {
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        let set: serde_json::Value = serde_json::from_slice(text).expect("JSON");
        let keys = set["keys"].as_array().expect("an array");
        assert!(all.unwrap_or(0) <= keys.len() && keys.len() <= 1000);
    }
});
