//! The server that tests and demos talk to.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::compile;
use crate::process::Process;
use crate::workspace::Workspace;

const SETTINGS: [&str; 3] = ["STYTCH_PROJECT_ID", "STYTCH_SECRET", "STYTCH_BASE_URL"];

/// The same of the server that `tests/scenarios` is played against, which starts over each time.
const SCENARIOS: [&str; 3] = ["SCENARIOS_PROJECT_ID", "SCENARIOS_SECRET", "SCENARIOS_BASE_URL"];

/// A client that has moved from Auth0, for `examples/*/migration`.
const MIGRATION_SEED: &str = "examples/emulator/migration.yaml";

/// What the demo starts with: its tokens carry a custom claim.
const DEMO_SEED: &str = "examples/emulator/demo.yaml";

/// A server, and the settings with which a program reaches it.
#[derive(Default)]
pub(crate) struct Server {
    settings: Vec<(&'static str, String)>,
    migration: Vec<(&'static str, String)>,
    /// They stop with this value.
    emulators: Vec<Process>,
}

impl Server {
    /// A fresh emulator. Its program must have been compiled.
    pub(crate) fn emulator(workspace: &Workspace) -> Result<Self> {
        let mut server = Self::default();
        let settings = server.start(workspace, None)?;
        server.settings.extend(SETTINGS.into_iter().zip(settings));
        Ok(server)
    }

    /// What tests need: a fresh emulator, another for the scenarios, and one to migrate on.
    pub(crate) fn of_tests(workspace: &Workspace) -> Result<Self> {
        let mut server = Self::emulator(workspace)?;
        let settings = server.start(workspace, None)?;
        server.settings.extend(SCENARIOS.into_iter().zip(settings));

        let [project_id, _, base_url] = server.start(workspace, Some(MIGRATION_SEED))?;
        let own = |text: &str| text.to_owned();
        server.migration = vec![
            ("STYTCH_PROJECT_ID", project_id),
            ("STYTCH_BASE_URL", base_url.clone()),
            ("AUTH0_URL", base_url),
            ("AUTH0_AUDIENCE", own("https://api.example.com/")),
            ("M2M_CLIENT_ID", own("billing")),
            ("M2M_CLIENT_SECRET", own("billing-secret-1")),
        ];
        Ok(server)
    }

    /// The server that the environment names, or a fresh emulator if it does not name one fully,
    /// whose tokens then carry a custom claim.
    pub(crate) fn of_environment(workspace: &Workspace) -> Result<Self> {
        let mut server = Self::default();
        if let Some(settings) = settings(|name| env::var(name).ok()) {
            server.settings = settings;
            return Ok(server);
        }
        let settings = server.start(workspace, Some(DEMO_SEED))?;
        server.settings.extend(SETTINGS.into_iter().zip(settings));
        Ok(server)
    }

    /// Starts an emulator, and returns its settings.
    fn start(&mut self, workspace: &Workspace, seed: Option<&str>) -> Result<[String; 3]> {
        let seed = seed.map(|seed| workspace.path(seed));
        let mut command = command(compile::program(workspace, compile::EMULATOR), seed);
        let mut process = Process::start(&mut command).context("cannot start the emulator")?;
        let output = process.streams().stdout.take().context("the emulator has no output")?;
        let lines = BufReader::new(output).lines().take(SETTINGS.len());
        let lines = lines.collect::<Result<Vec<_>, _>>()?;
        let value = |name| {
            let line = lines.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            line.map(str::to_owned).with_context(|| format!("the emulator names no {name}"))
        };
        let [project_id, secret, base_url] = SETTINGS;
        let settings = [value(project_id)?, value(secret)?, value(base_url)?];
        ensure!(settings.iter().all(|value| !value.is_empty()), "the emulator names nothing");
        self.emulators.push(process);
        Ok(settings)
    }

    /// The variables to run `examples/*/migration` with.
    pub(crate) fn migration_env(&self) -> &[(&'static str, String)] {
        &self.migration
    }

    /// The variables to run a program with.
    pub(crate) fn env(&self) -> &[(&'static str, String)] {
        &self.settings
    }
}

/// The emulator's program, which takes no settings from this environment and outlives nobody.
fn command(program: PathBuf, seed: Option<PathBuf>) -> Command {
    let mut command = Command::new(program);
    command.arg("--exit-with-stdin");
    if let Some(seed) = seed {
        command.arg("--seed").arg(seed);
    }
    for (name, _) in
        env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("STYTCH_"))
    {
        command.env_remove(name);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

fn settings(get: impl Fn(&str) -> Option<String>) -> Option<Vec<(&'static str, String)>> {
    let value = |name| get(name).filter(|value| !value.is_empty());
    SETTINGS.into_iter().map(|name| Some((name, value(name)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_names_a_server_only_with_all_three_settings() {
        let all = settings(|name| Some(name.to_lowercase())).unwrap();
        assert_eq!(all.first().unwrap(), &("STYTCH_PROJECT_ID", "stytch_project_id".to_owned()));
        assert_eq!(all.len(), 3);
        for missing in SETTINGS {
            assert!(settings(|name| (name != missing).then(|| "x".to_owned())).is_none());
            assert!(settings(|name| Some(if name == missing { "" } else { "x" }.into())).is_none());
        }
    }
}
