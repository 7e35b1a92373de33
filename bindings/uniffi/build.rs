//! Android's devices with pages of 16 KB load no library that is aligned to 4 KB.

#![allow(missing_docs, reason = "a build script has no API")]

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("android") {
        println!("cargo::rustc-link-arg-cdylib=-Wl,-z,max-page-size=16384");
    }
}
