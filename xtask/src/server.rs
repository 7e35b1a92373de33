//! The server that tests and demos talk to.

use std::env;

use anyhow::{Context, Result};
use stytch_m2m_emulator::Emulator;

const SETTINGS: [&str; 3] = ["STYTCH_PROJECT_ID", "STYTCH_SECRET", "STYTCH_BASE_URL"];

/// What the demo's custom-claims template adds to tokens.
const CUSTOM_CLAIMS: &str = r#"{"environment":"demo"}"#;

/// A server, and the settings with which a program reaches it.
pub(crate) struct Server {
    settings: Vec<(&'static str, String)>,
    /// Stops with this value.
    emulator: Option<Emulator>,
}

impl Server {
    /// A fresh emulator.
    pub(crate) fn emulator() -> Result<Self> {
        let emulator = Emulator::start().context("cannot start the emulator")?;
        let values = [emulator.project_id(), emulator.secret(), emulator.base_url()];
        let settings = SETTINGS.into_iter().zip(values.map(str::to_owned)).collect();
        Ok(Self { settings, emulator: Some(emulator) })
    }

    /// The server that the environment names, or a fresh emulator if it does not name one fully,
    /// whose tokens then carry a custom claim.
    pub(crate) fn of_environment() -> Result<Self> {
        if let Some(settings) = settings(|name| env::var(name).ok()) {
            return Ok(Self { settings, emulator: None });
        }
        let server = Self::emulator()?;
        if let Some(emulator) = &server.emulator {
            let mut tokens = emulator.token_settings();
            tokens.custom_claims_template = Some(CUSTOM_CLAIMS.to_owned());
            emulator.set_token_settings(tokens)?;
        }
        Ok(server)
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
