//! What comes as text from configuration and from servers' headers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stytch_m2m::internals;

fuzz_target!(|bytes: &[u8]| {
    let wait = internals::retry_after(bytes, 1_800_000_000.0);
    assert!(wait.is_none_or(|wait| wait.as_secs() <= 3600));
    let (control, age) = bytes.split_at(bytes.len() / 2);
    for (control, age) in [(bytes, &[][..]), (control, age)] {
        assert!((60.0..=3600.0).contains(&internals::soft_lifetime(control, age)));
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(url) = internals::base_url(text) {
        let loopback = url
            .host_str()
            .is_some_and(|host| host == "localhost" || host == "[::1]" || host.starts_with("127."));
        assert!(url.scheme() == "https" || url.scheme() == "http" && loopback);
        assert_eq!((url.username(), url.password(), url.path()), ("", None, "/"));
        assert_eq!((url.query(), url.fragment()), (None, None));
        assert_eq!(internals::base_url(url.as_str()).expect("its own spelling"), url);
    }
});
