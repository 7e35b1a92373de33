//! The server that tests and demos talk to.

use std::env;

use anyhow::{Context, Result};
use stytch_m2m_emulator::{Emulator, Seed};

const SETTINGS: [&str; 3] = ["STYTCH_PROJECT_ID", "STYTCH_SECRET", "STYTCH_BASE_URL"];

/// The same of the server that `tests/scenarios` is played against, which starts over each time.
const SCENARIOS: [&str; 3] = ["SCENARIOS_PROJECT_ID", "SCENARIOS_SECRET", "SCENARIOS_BASE_URL"];

/// A client that has moved from Auth0, for `examples/*/migration`.
const MIGRATION_SEED: &str = include_str!("../../examples/emulator/migration.yaml");

/// What the demo's custom-claims template adds to tokens.
const CUSTOM_CLAIMS: &str = r#"{"environment":"demo"}"#;

/// A server, and the settings with which a program reaches it.
pub(crate) struct Server {
    settings: Vec<(&'static str, String)>,
    migration: Vec<(&'static str, String)>,
    /// They stop with this value.
    emulators: Vec<Emulator>,
}

impl Server {
    /// A fresh emulator.
    pub(crate) fn emulator() -> Result<Self> {
        let mut server =
            Self { settings: Vec::new(), migration: Vec::new(), emulators: Vec::new() };
        server.add_emulator(SETTINGS)?;
        Ok(server)
    }

    /// What tests need: a fresh emulator, another for the scenarios, and one to migrate on.
    pub(crate) fn of_tests() -> Result<Self> {
        let mut server = Self::emulator()?;
        server.add_emulator(SCENARIOS)?;
        server.add_migration()?;
        Ok(server)
    }

    fn add_migration(&mut self) -> Result<()> {
        let emulator = Emulator::builder().seed(Seed::parse(MIGRATION_SEED)?).start()?;
        let own = |text: &str| text.to_owned();
        self.migration = vec![
            ("STYTCH_PROJECT_ID", own(emulator.project_id())),
            ("STYTCH_BASE_URL", own(emulator.base_url())),
            ("AUTH0_URL", own(emulator.base_url())),
            ("AUTH0_AUDIENCE", own("https://api.example.com/")),
            ("M2M_CLIENT_ID", own("billing")),
            ("M2M_CLIENT_SECRET", own("billing-secret-1")),
        ];
        self.emulators.push(emulator);
        Ok(())
    }

    fn add_emulator(&mut self, names: [&'static str; 3]) -> Result<()> {
        let emulator = Emulator::start().context("cannot start the emulator")?;
        let values = [emulator.project_id(), emulator.secret(), emulator.base_url()];
        self.settings.extend(names.into_iter().zip(values.map(str::to_owned)));
        self.emulators.push(emulator);
        Ok(())
    }

    /// The server that the environment names, or a fresh emulator if it does not name one fully,
    /// whose tokens then carry a custom claim.
    pub(crate) fn of_environment() -> Result<Self> {
        if let Some(settings) =
            settings(|name| env::var(name).ok().filter(|value| !value.is_empty()))
        {
            return Ok(Self { settings, migration: Vec::new(), emulators: Vec::new() });
        }
        let server = Self::emulator()?;
        for emulator in &server.emulators {
            let mut tokens = emulator.token_settings();
            tokens.custom_claims_template = Some(CUSTOM_CLAIMS.to_owned());
            emulator.set_token_settings(tokens)?;
        }
        Ok(server)
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

    #[test]
    fn each_emulator_is_a_fresh_one() {
        let (one, other) = (Server::emulator().unwrap(), Server::emulator().unwrap());
        assert_ne!(one.env(), other.env());
    }
}
