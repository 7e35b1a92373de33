//! Rust beside its peers: `jsonwebtoken` over AWS-LC, and AWS-LC's signature check alone.

mod calls;
mod peers;
mod verify;

use anyhow::Result;

fn main() -> Result<()> {
    verify::run()?;
    calls::run()
}
