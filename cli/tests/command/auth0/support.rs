//! A tenant and a project to move between.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::{Value, json};
use stytch_m2m_emulator::{Emulator, Seed};
use tempfile::TempDir;

pub(crate) const PLAN: &str = "plan.yaml";
pub(crate) const API: &str = "https://billing.example.com/";

/// An emulator of both sides, and a folder for the plan.
pub(crate) struct Migration {
    pub(crate) emulator: Emulator,
    pub(crate) dir: TempDir,
}

impl Migration {
    /// From a tenant, as the emulator's seed has it.
    pub(crate) fn from(tenant: Value) -> Self {
        let seed = Seed::parse(&json!({ "auth0": tenant }).to_string()).unwrap();
        let emulator = Emulator::builder().seed(seed).start().unwrap();
        Self { emulator, dir: TempDir::new().unwrap() }
    }

    /// From a tenant of `count` clients, `client-0` and so on, of one API.
    pub(crate) fn of(count: usize) -> Self {
        let id = |n: usize| format!("client-{n}");
        let clients = (0..count).map(|n| client(&id(n)));
        let grants = (0..count).map(|n| grant(&id(n), API, &["read:invoices"]));
        Self::from(json!({
            "clients": clients.collect::<Vec<_>>(),
            "client_grants": grants.collect::<Vec<_>>(),
            "resource_servers": [api(API, &["read:invoices", "write:invoices"])],
        }))
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        Command::from_std(self.std_command(arguments))
    }

    pub(crate) fn std_command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("stytch-m2m"));
        command.arg("auth0").args(arguments).current_dir(self.dir.path()).envs(self.environment());
        command
    }

    /// What it takes to read the tenant and to write to the project.
    pub(crate) fn environment(&self) -> [(&'static str, String); 6] {
        let tenant = self.emulator.auth0();
        [
            ("STYTCH_PROJECT_ID", self.emulator.project_id().to_owned()),
            ("STYTCH_SECRET", self.emulator.secret().to_owned()),
            ("STYTCH_BASE_URL", self.emulator.base_url().to_owned()),
            ("AUTH0_DOMAIN", tenant.issuer),
            ("AUTH0_CLIENT_ID", tenant.client_id),
            ("AUTH0_CLIENT_SECRET", tenant.client_secret),
        ]
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs to the end, which must be `code`, and returns what it wrote in JSON.
    pub(crate) fn json(&self, arguments: &[&str], code: i32) -> Value {
        let output = self.run(&[arguments, &["--output", "json"]].concat());
        assert_eq!(output.status.code(), Some(code), "{}", text_of(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub(crate) fn plan(&self) -> Value {
        self.json(&["plan", "--out", PLAN], 0)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The plan as a value.
    pub(crate) fn planned(&self) -> Value {
        yaml_serde::from_str(&self.read(PLAN)).unwrap()
    }

    /// One client of the plan.
    pub(crate) fn planned_client(&self, client_id: &str) -> Value {
        let plan = self.planned();
        let mut clients = plan["clients"].as_array().unwrap().iter();
        clients.find(|one| one["client_id"] == client_id).unwrap().clone()
    }

    pub(crate) fn write_plan(&self, plan: &Value) {
        std::fs::write(self.path(PLAN), plan.to_string()).unwrap();
    }

    /// The ids at Stytch, sorted.
    pub(crate) fn ids_at_stytch(&self) -> Vec<String> {
        let listed = self.stytch(&["clients", "list"]);
        let listed = listed.as_array().unwrap().iter();
        let mut ids: Vec<_> =
            listed.map(|one| one["client_id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    }

    /// What another command writes in JSON.
    pub(crate) fn stytch(&self, arguments: &[&str]) -> Value {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("stytch-m2m"));
        command.args(arguments).args(["--output", "json"]).envs(self.environment());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", text_of(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// A client of the tenant, with a secret that must not leak.
pub(crate) fn client(client_id: &str) -> Value {
    json!({
        "client_id": client_id,
        "client_secret": secret_of(client_id),
        "name": format!("Name of {client_id}"),
        "client_metadata": { "team": "money" },
    })
}

pub(crate) fn secret_of(client_id: &str) -> String {
    format!("canary-secret-of-{client_id}")
}

pub(crate) fn grant(client_id: &str, audience: &str, scopes: &[&str]) -> Value {
    json!({ "id": format!("cgr-{client_id}-{audience}"), "client_id": client_id,
            "audience": audience, "scope": scopes })
}

pub(crate) fn api(identifier: &str, scopes: &[&str]) -> Value {
    let scopes: Vec<_> = scopes.iter().map(|scope| json!({ "value": scope })).collect();
    json!({ "identifier": identifier, "scopes": scopes, "token_lifetime": 7200 })
}

/// Everything that a run wrote.
pub(crate) fn text_of(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(both).unwrap()
}

/// Every file in `dir`, together.
pub(crate) fn all_files(dir: &Path) -> String {
    let entries = std::fs::read_dir(dir).unwrap();
    entries.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
}

/// A figure for who reads the log: unlike what is printed, it is seen of tests that pass, too.
pub(crate) fn note(figures: std::fmt::Arguments<'_>) {
    std::io::stderr().write_all(format!("{figures}\n").as_bytes()).unwrap();
}
