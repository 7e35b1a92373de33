//! Where a profile's secret is.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde::de::IgnoredAny;
use stytch_m2m::Secret;

use crate::failure::Failure;
use crate::output::plain;
use crate::secret;
use crate::waiting::Waiting;
use crate::word::quoted;

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
    profile: &str,
    option: &str,
    prompt: &str,
) -> Result<Secret, Failure> {
    let what = prompt.replacen("The", "the", 1);
    let found = match (path, source) {
        (Some(path), _) => return secret::read(path),
        (None, Some(source)) => source.read(&what, option),
        (None, None) if io::stdin().is_terminal() => return secret::ask(prompt),
        (None, None) => Err(Failure::usage(format!(
            "{what} is missing: name a source as `secret` there, or give a file with {option}"
        ))),
    };
    found.map_err(|failure| failure.of(&format!("profile {}", plain(profile))))
}

impl SecretSource {
    /// The secret. `what` names it in errors, and `option` gives it in place of the profile.
    fn read(&self, what: &str, option: &str) -> Result<Secret, Failure> {
        let failed = |why: String| Failure::Local(format!("{what} cannot be read: {why}"));
        match self {
            Self::File(path) => secret::read(path),
            Self::Command(command) => {
                let shell = if cfg!(windows) { ["cmd", "/C"] } else { ["sh", "-c"] };
                let [program, option] = shell;
                let mut run = Command::new(program);
                run.args([option, command]);
                output_of(run).map_err(|(_, why)| failed(format!("its command {why}")))
            }
            Self::Variable(name) => match std::env::var(name) {
                Ok(value) if !value.is_empty() => Ok(value.into()),
                _ => Err(Failure::usage(format!("{what} is missing: set {name}"))),
            },
            Self::Keychain(account) => {
                keychain(account, option).map_err(|why| failed(format!("the keychain: {why}")))
            }
        }
    }
}

/// Asks the system's own program: a library for it would bring a second async runtime on Linux.
fn keychain(account: &str, option: &str) -> Result<Secret, String> {
    let otherwise = format!("use file, command or variable in the profile, or give {option}");
    let account_word = quoted(account);
    let (program, arguments, store) = if cfg!(windows) {
        return Err(format!("Windows has no program that reads it; {otherwise}"));
    } else if cfg!(target_os = "macos") {
        let arguments = ["find-generic-password", "-s", SERVICE, "-a", account, "-w"].to_vec();
        ("security", arguments, format!("add-generic-password -s {SERVICE} -a {account_word} -w"))
    } else {
        let label = quoted(&format!("{SERVICE} {account}"));
        let store = format!("store --label {label} service {SERVICE} account {account_word}");
        ("secret-tool", ["lookup", "service", SERVICE, "account", account].to_vec(), store)
    };
    let mut run = Command::new(program);
    run.args(arguments);
    output_of(run).map_err(|(has_run, why)| match has_run {
        true => {
            format!("{program} {why}; store the secret with: {program} {store}; or {otherwise}")
        }
        false => format!("{program} {why}; install it, or {otherwise}"),
    })
}

/// What the program writes; or whether it has run, and what went wrong.
fn output_of(mut run: Command) -> Result<Secret, (bool, String)> {
    let _waiting = Waiting::start();
    run.stdin(Stdio::inherit()).stderr(Stdio::inherit());
    let output = run.output().map_err(|error| (false, format!("cannot be run: {error}")))?;
    if !output.status.success() {
        return Err((true, format!("ended with {}", output.status)));
    }
    let secret = String::from_utf8_lossy(&output.stdout);
    match secret.trim_end_matches(['\r', '\n']) {
        "" => Err((true, "wrote nothing".to_owned())),
        secret => Ok(secret.into()),
    }
}
