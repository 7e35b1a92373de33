//! Rust beside its peers: `jsonwebtoken` over AWS-LC, and AWS-LC's signature check alone.

mod calls;
mod peers;
mod verify;

use anyhow::Result;
use stytch_m2m_bench::print_versions;

const CRATES: [&str; 4] = ["stytch-m2m", "jsonwebtoken", "aws-lc-rs", "reqwest"];

fn main() -> Result<()> {
    print_versions(&CRATES);
    verify::run()?;
    calls::run()
}
