//! The emulator that benchmarks talk to, in a process of its own, and the bare signature check.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::process::Process;
use crate::workspace::Workspace;

/// It stops with this value.
pub(super) struct BenchServer {
    process: Process,
    settings: Map<String, Value>,
}

impl BenchServer {
    /// Builds it, starts it, and waits until the tokens are written.
    pub(super) fn start(workspace: &Workspace) -> Result<Self> {
        let packages = ["--package", "stytch-m2m-bench", "--package", "stytch-m2m-bench-raw"];
        workspace.cargo().args(["build", "--release"]).args(packages).run()?;
        let folder = workspace.target("bench");
        fs::create_dir_all(&folder)?;
        let mut command = Command::new(workspace.target("release/stytch-m2m-bench-server"));
        command.arg(&folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process =
            Process::start(&mut command).context("cannot start the benchmarks' server")?;
        let mut line = String::new();
        let output = process.streams().stdout.take().context("the server has no output")?;
        BufReader::new(output).read_line(&mut line)?;
        let settings = serde_json::from_str(&line).context("the server did not start")?;
        let mut server = Self { process, settings };
        let raw = workspace.target("release/stytch-m2m-bench-raw").display().to_string();
        server.settings.insert("BENCH_RAW".to_owned(), Value::String(raw));
        Ok(server)
    }

    /// The variables to run a benchmark with: see `benches/README.md`.
    pub(super) fn env(&self) -> impl Iterator<Item = (&str, &str)> {
        self.settings.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
    }
}

impl Drop for BenchServer {
    fn drop(&mut self) {
        // It ends with its input.
        let _ = self.process.wait();
    }
}
