//! Compact serialization and header. What is taken apart has one spelling; what a header decides
//! is what a lenient reader sees in it.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};
use stytch_m2m::internals;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(kid) = internals::header(bytes) {
        let header: Map<String, Value> = serde_json::from_slice(bytes).expect("a JSON object");
        assert_eq!(header.get("kid").map(|kid| kid.as_str().expect("a string")), kid.as_deref());
        assert!(["crit", "b64", "zip"].iter().all(|name| !header.contains_key(*name)));
    }
    let Ok(token) = std::str::from_utf8(bytes) else { return };
    if let Ok(parts) = internals::compact(token) {
        assert_eq!(parts.each_ref().map(|part| URL_SAFE_NO_PAD.encode(part)).join("."), token);
        let _ = internals::header(&parts[0]);
    }
});
