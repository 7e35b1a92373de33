//! A Redis for the tests of shared tokens.

use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::apt;
use crate::process::Process;
use crate::step::is_installed;
use crate::workspace::Workspace;

const REDIS: &str = "redis-server";

/// Installs the program where that is possible. Without it, tests say that they are skipped.
pub(crate) fn ensure(workspace: &Workspace) -> Result<()> {
    if apt::can_have(REDIS) { apt::ensure(workspace, REDIS, "1.4 MB") } else { Ok(()) }
}

/// A server on a free port of 127.0.0.1, which stops with this value.
pub(crate) struct Redis {
    _process: Process,
    url: String,
}

impl Redis {
    /// A fresh server; `None` where there is no such program.
    pub(crate) fn start() -> Result<Option<Self>> {
        if !is_installed(REDIS) {
            return Ok(None);
        }
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new(REDIS);
        command.args(["--bind", "127.0.0.1", "--port", &address.port().to_string(), "--save", ""]);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let process = Process::start(&mut command).context("cannot start redis-server")?;
        let redis = Self { _process: process, url: format!("redis://{address}/0") };
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(address).is_err() {
            if Instant::now() > deadline {
                bail!("redis-server does not answer");
            }
            thread::yield_now();
        }
        Ok(Some(redis))
    }

    /// The variable that tells tests where it is.
    pub(crate) fn env(&self) -> (&'static str, String) {
        ("STYTCH_M2M_TEST_REDIS", self.url.clone())
    }
}
