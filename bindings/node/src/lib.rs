//! The native module below the npm package `stytch-m2m`. What users see is `ts/`: it checks the
//! arguments, throws real error classes, and hides secrets.

#![expect(unreachable_pub, reason = "napi exports what is `pub`, wherever it is")]

mod bearer;
mod call;
mod client;
mod error;
mod organization;
mod records;
mod source;
mod text;
mod verifier;
