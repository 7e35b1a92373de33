//! The native module below the npm package `stytch-m2m`. What users see is `ts/`: it checks the
//! arguments, throws real error classes, and hides secrets.

#![expect(unreachable_pub, reason = "napi exports what is `pub`, wherever it is")]

mod bearer;
mod client;
mod error;
mod handle;
mod log;
mod organization;
mod records;
mod resource;
mod runtime;
mod source;
mod text;
mod verifier;
