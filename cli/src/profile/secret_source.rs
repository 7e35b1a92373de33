//! Where a profile's secret is.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde::de::IgnoredAny;
use stytch_m2m::Secret;

use crate::failure::Failure;
use crate::secret;
use crate::waiting::Waiting;

/// What the system's keychain calls this command's secrets.
const SERVICE: &str = "stytch-m2m";

/// One place.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Given")]
pub(crate) enum SecretSource {
    /// A file.
    File(PathBuf),
    /// What this command writes to standard output.
    Command(String),
    /// A variable of the environment.
    Variable(String),
    /// The system's keychain, under this account of the service `stytch-m2m`.
    Keychain(String),
}

/// The same as the file has it. Anything else may be the secret itself, which no error may repeat.
#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    Places(Places),
    Other(IgnoredAny),
}

/// One of these.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Places {
    file: Option<PathBuf>,
    command: Option<String>,
    variable: Option<String>,
    keychain: Option<String>,
}

impl TryFrom<Given> for SecretSource {
    type Error = &'static str;

    fn try_from(given: Given) -> Result<Self, Self::Error> {
        const WRONG: &str = "a secret is named by its place, and never written here: give one of \
                             file, command, variable or keychain, as in `secret: { file: PATH }`";
        let Given::Places(places) = given else { return Err(WRONG) };
        match places {
            Places { file: Some(path), command: None, variable: None, keychain: None } => {
                Ok(Self::File(path))
            }
            Places { file: None, command: Some(command), variable: None, keychain: None } => {
                Ok(Self::Command(command))
            }
            Places { file: None, command: None, variable: Some(name), keychain: None } => {
                Ok(Self::Variable(name))
            }
            Places { file: None, command: None, variable: None, keychain: Some(account) } => {
                Ok(Self::Keychain(account))
            }
            _ => Err(WRONG),
        }
    }
}

/// The secret from `path`, else from where the profile says, else from who sits at the terminal:
/// never from the environment, which may be another project's.
pub(crate) fn of_profile(
    path: Option<&Path>,
    source: Option<&SecretSource>,
    option: &str,
    prompt: &str,
) -> Result<Secret, Failure> {
    match (path, source) {
        (Some(path), _) => secret::read(path),
        (None, Some(source)) => source.read(prompt),
        (None, None) if io::stdin().is_terminal() => secret::ask(prompt),
        (None, None) => {
            let what = prompt.to_lowercase();
            Err(Failure::usage(format!("{what} is missing: give a file with {option}")))
        }
    }
}

impl SecretSource {
    /// The secret. `what` names it in errors.
    pub(crate) fn read(&self, what: &str) -> Result<Secret, Failure> {
        match self {
            Self::File(path) => secret::read(path),
            Self::Command(command) => {
                let shell = if cfg!(windows) { ["cmd", "/C"] } else { ["sh", "-c"] };
                let [program, option] = shell;
                let mut run = Command::new(program);
                run.args([option, command]);
                output_of(run, what, "the profile's secret command")
            }
            Self::Variable(name) => match std::env::var(name) {
                Ok(value) if !value.is_empty() => Ok(value.into()),
                _ => Err(Failure::usage(format!("{what} is missing: set {name}"))),
            },
            Self::Keychain(account) => keychain(account, what),
        }
    }
}

/// Asks the system's own program: a library for it would bring a second async runtime on Linux.
fn keychain(account: &str, what: &str) -> Result<Secret, Failure> {
    let mut run;
    let source;
    if cfg!(target_os = "macos") {
        run = Command::new("security");
        run.args(["find-generic-password", "-s", SERVICE, "-a", account, "-w"]);
        source = "the keychain (security)";
    } else if cfg!(windows) {
        return Err(Failure::usage(format!(
            "{what}: on Windows there is no program that reads the keychain; use `command` in the \
             profile, with your password manager's"
        )));
    } else {
        run = Command::new("secret-tool");
        run.args(["lookup", "service", SERVICE, "account", account]);
        source = "the keychain (secret-tool)";
    }
    output_of(run, what, source)
}

fn output_of(mut run: Command, what: &str, source: &str) -> Result<Secret, Failure> {
    let failed = |why: String| {
        Failure::usage(format!(
            "{what} cannot be read: {source} {why}. Without it, use file, command or variable in \
             the profile, or give --project-secret-from"
        ))
    };
    let _waiting = Waiting::start();
    run.stdin(Stdio::inherit()).stderr(Stdio::inherit());
    let output = run.output().map_err(|error| failed(format!("cannot be run: {error}")))?;
    if !output.status.success() {
        return Err(failed(format!("ended with {}", output.status)));
    }
    let secret = String::from_utf8_lossy(&output.stdout);
    match secret.trim_end_matches(['\r', '\n']) {
        "" => Err(failed("gave nothing".to_owned())),
        secret => Ok(secret.into()),
    }
}
