//! What the tests start from.

use std::path::PathBuf;
use std::process::Output;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use serde_json::Value;
use stytch_m2m_emulator::{ClientSeed, Emulator, Seed};
use tempfile::TempDir;

/// An emulator with one client, and a folder to write to.
pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) dir: TempDir,
}

pub(crate) const ID: &str = "billing";
pub(crate) const SECRET: &str = "canary-of-billing-1";

impl World {
    pub(crate) fn new() -> Self {
        let mut seed = Seed::default();
        seed.clients = vec![ClientSeed::new(ID, SECRET, ["read:invoices", "write:invoices"])];
        Self {
            emulator: Emulator::builder().seed(seed).start().unwrap(),
            dir: TempDir::new().unwrap(),
        }
    }

    /// The command, with the project's credentials in its environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare(arguments);
        command.envs(self.environment()).current_dir(self.dir.path());
        command
    }

    pub(crate) fn environment(&self) -> [(&'static str, String); 3] {
        [
            ("STYTCH_PROJECT_ID", self.emulator.project_id().to_owned()),
            ("STYTCH_SECRET", self.emulator.secret().to_owned()),
            ("STYTCH_BASE_URL", self.emulator.base_url().to_owned()),
        ]
    }

    /// What the command writes in JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let all = [arguments, &["--output", "json"]].concat();
        json(&self.command(&all).assert().success().get_output().stdout)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap().trim_end().to_owned()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Waits for what another process brings about.
    pub(crate) fn until(&self, mut happened: impl FnMut() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !happened() {
            assert!(Instant::now() < deadline, "it did not happen");
            std::thread::yield_now();
        }
    }

    /// Whether these credentials fetch a token.
    pub(crate) fn works(&self, client_id: &str, secret: &str) -> bool {
        let arguments = ["token", "get", "--client-id", client_id, "--show-secret"];
        let mut command = self.command(&arguments);
        command.env("STYTCH_CLIENT_SECRET", secret);
        command.output().unwrap().status.success()
    }
}

/// The command, with nothing of this machine's settings.
pub(crate) fn bare(arguments: &[&str]) -> Command {
    let mut command = assert_cmd::cargo::cargo_bin_cmd!("stytch-m2m");
    let ours = |name: &str| name.starts_with("STYTCH_") || name.starts_with("AUTH0_");
    for (name, _) in std::env::vars().filter(|(name, _)| ours(name)) {
        command.env_remove(name);
    }
    command.args(arguments);
    command
}

pub(crate) fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(bytes)))
}

/// Everything that a run wrote.
pub(crate) fn all_of(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(both).unwrap()
}
