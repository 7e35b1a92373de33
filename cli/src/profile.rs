//! Profiles: the settings of several projects in one file, without their secrets.

pub(crate) mod secret_source;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Command;
use etcetera::BaseStrategy as _;
use serde::Deserialize;

use crate::failure::Failure;
use crate::output::plain;
use crate::parsed;
use secret_source::SecretSource;

/// Says where the file is, in place of the platform's folder for settings.
const VARIABLE: &str = "STYTCH_CONFIG";

/// The file: profiles by name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profiles {
    pub(crate) profiles: BTreeMap<String, Profile>,
}

/// A project, and the Auth0 tenant that moves to it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    #[serde(skip)]
    pub(crate) name: String,
    pub(crate) project_id: String,
    #[serde(default)]
    pub(crate) base_url: Option<String>,
    #[serde(default)]
    pub(crate) b2b: bool,
    #[serde(default)]
    pub(crate) ca_file: Option<PathBuf>,
    /// Where the project's secret is.
    #[serde(default)]
    pub(crate) secret: Option<SecretSource>,
    #[serde(default)]
    pub(crate) auth0: Option<Tenant>,
    #[serde(default)]
    pub(crate) workspace: Option<Workspace>,
}

/// An Auth0 tenant.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tenant {
    pub(crate) domain: String,
    #[serde(default)]
    pub(crate) client_id: Option<String>,
    /// Where the application's secret is.
    #[serde(default)]
    pub(crate) secret: Option<SecretSource>,
}

/// The workspace of the project, for its management API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Workspace {
    pub(crate) project_slug: String,
    pub(crate) environment_slug: String,
    #[serde(default)]
    pub(crate) key_id: Option<String>,
    /// Where the workspace key's secret is.
    #[serde(default)]
    pub(crate) secret: Option<SecretSource>,
    #[serde(default)]
    pub(crate) management_url: Option<String>,
}

/// Whether the variable says where the file is.
pub(crate) fn is_named() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|path| !path.is_empty())
}

/// The file's path, in the platform's folder for settings.
pub(crate) fn path() -> Result<PathBuf, Failure> {
    if let Some(path) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
        return Ok(path.into());
    }
    let strategy = etcetera::choose_base_strategy()
        .map_err(|_| Failure::usage(format!("there is no home directory: set {VARIABLE}")))?;
    Ok(strategy.config_dir().join("stytch-m2m").join("profiles.yaml"))
}

/// Reads the file.
pub(crate) fn read() -> Result<Profiles, Failure> {
    let path = path()?;
    let text = std::fs::read_to_string(&path).map_err(|source| {
        let by = if is_named() { format!(", which {VARIABLE} names") } else { String::new() };
        Failure::io(format!("cannot read the profiles in {}{by}", path.display()), source)
    })?;
    parsed::parse(&path, &text)
}

/// The profile of this name.
pub(crate) fn find(name: &str) -> Result<Profile, Failure> {
    let mut known = read()?.profiles;
    let found = known.remove(name).map(|profile| Profile { name: name.to_owned(), ..profile });
    found.ok_or_else(|| {
        let names = known.keys().cloned().collect::<Vec<_>>().join(", ");
        let known = match names.as_str() {
            "" => "it has none".to_owned(),
            names => format!("it has {names}"),
        };
        let file = path().map(|path| path.display().to_string()).unwrap_or_default();
        Failure::usage(plain(&format!("there is no profile {name} in {file}: {known}")))
    })
}

impl Profile {
    /// The command with this profile's settings in place of the environment's, so that no setting of
    /// one project meets the secret of another. Options count more than both.
    pub(crate) fn applied_to(&self, command: Command) -> Command {
        let text = |path: &PathBuf| path.to_string_lossy().into_owned();
        let mut settings = vec![
            ("project_id", Some(self.project_id.clone())),
            ("base_url", self.base_url.clone()),
            ("b2b", self.b2b.then(|| "true".to_owned())),
            ("ca_file", self.ca_file.as_ref().map(text)),
        ];
        if let Some(tenant) = &self.auth0 {
            settings.push(("domain", Some(tenant.domain.clone())));
            settings.push(("auth0_client_id", tenant.client_id.clone()));
        }
        let workspace = self.workspace.as_ref();
        settings.extend([
            ("project_slug", workspace.map(|one| one.project_slug.clone())),
            ("environment_slug", workspace.map(|one| one.environment_slug.clone())),
            ("workspace_key_id", workspace.and_then(|one| one.key_id.clone())),
            ("management_url", workspace.and_then(|one| one.management_url.clone())),
        ]);
        applied(command, &settings)
    }
}

fn applied(command: Command, settings: &[(&'static str, Option<String>)]) -> Command {
    let command = command.mut_args(|argument| {
        let id = argument.get_id().as_str();
        let Some((_, value)) = settings.iter().find(|(setting, _)| *setting == id) else {
            return argument;
        };
        let argument = argument.env(None::<&'static str>);
        match value {
            Some(value) => argument.default_value(value.clone()),
            None => argument,
        }
    });
    command.mut_subcommands(|command| applied(command, settings))
}
