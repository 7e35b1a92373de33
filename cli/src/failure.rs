//! Why the command failed, and with which exit code it says so.

use std::io;
use std::sync::OnceLock;

use serde_json::{Value, json};
use stytch_m2m::internals;
use stytch_m2m::{Error, ErrorKind};

/// What `--help` says about exit codes. [`exit_code_of`] holds to it.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  this machine failed: a file, the terminal, a program that stores or supplies a secret
    2  invalid_config: wrong arguments or settings; clients apply ends with 1 for these, and with
       2 only if --dry-run finds a difference
    3  authentication
    4  permission_denied
    5  not_found
    6  conflict
    7  invalid_request
    8  rate_limited
    9  service
   10  network, timeout, unexpected_response: no usable answer
   11  outcome_unknown: it may have been done; the message says how to find out
   12  invalid_token
   13  insufficient_scope
   14  keys_unavailable
   20  carried out in part: what is left to do is listed
  130  interrupted";

/// Why the command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The API or the library said so.
    Api(Error),
    /// The same of one of the two sides of a migration.
    Side(Side, Error),
    /// Wrong arguments.
    Usage(String),
    /// A clash that a person must resolve.
    Conflict(String),
    /// A file does not hold what it should.
    File(String),
    /// `--dry-run` found something to do.
    Difference,
    /// This machine failed.
    Io { what: String, source: io::Error },
    /// The same, in words.
    Local(String),
    /// Something is left to do, and was listed.
    Unfinished(String),
    /// Nobody reads the result any more, which is no failure.
    Unheard,
    /// Ctrl-C, or SIGTERM.
    Interrupted,
}

/// A side of a migration.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Stytch,
    Auth0,
}

impl Side {
    /// What its calls fail with.
    pub(crate) fn failed(self) -> impl Fn(Error) -> Failure {
        move |error| Failure::Side(self, error)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Stytch => "Stytch",
            Self::Auth0 => "Auth0",
        }
    }
}

/// How to go on with what was left half done when the command ended.
static LEFT: OnceLock<String> = OnceLock::new();

/// Notes how to go on with what is left half done; the failure says it.
pub(crate) fn leave(advice: &str) {
    let _ = LEFT.set(advice.to_owned());
}

impl Failure {
    fn error(&self) -> Option<&Error> {
        match self {
            Self::Api(error) | Self::Side(_, error) => Some(error),
            _ => None,
        }
    }

    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::Usage(what.into())
    }

    pub(crate) fn io(what: impl Into<String>, source: io::Error) -> Self {
        Self::Io { what: what.into(), source }
    }

    /// The exit code. `clients apply` keeps 2 for a difference, as its scripts expect.
    pub(crate) fn exit_code(&self, is_apply: bool) -> u8 {
        match self {
            Self::Difference => 2,
            _ if is_apply && self.family() == 2 => 1,
            _ => self.family(),
        }
    }

    fn family(&self) -> u8 {
        match self {
            Self::Api(error) | Self::Side(_, error) => exit_code_of(error.kind()),
            Self::Unheard => 0,
            Self::Io { .. } | Self::Local(_) | Self::File(_) => 1,
            Self::Usage(_) | Self::Difference => 2,
            Self::Conflict(_) => 6,
            Self::Unfinished(_) => 20,
            Self::Interrupted => 130,
        }
    }

    /// With this before the message.
    pub(crate) fn of(self, whose: &str) -> Self {
        self.told(|message| format!("{whose}: {message}"))
    }

    /// With this after the message.
    pub(crate) fn and(self, more: &str) -> Self {
        self.told(|message| format!("{}. {more}", message.trim_end_matches('.')))
    }

    fn told(self, tell: impl FnOnce(&str) -> String) -> Self {
        match self {
            Self::Usage(what) => Self::Usage(tell(&what)),
            Self::Conflict(what) => Self::Conflict(tell(&what)),
            Self::File(what) => Self::File(tell(&what)),
            Self::Unfinished(what) => Self::Unfinished(tell(&what)),
            Self::Io { what, source } => Self::Local(tell(&format!("{what}: {source}"))),
            Self::Local(what) => Self::Local(tell(&what)),
            Self::Api(error) => Self::Api(retold(error, tell)),
            Self::Side(side, error) => Self::Side(side, retold(error, tell)),
            silent @ (Self::Difference | Self::Unheard | Self::Interrupted) => silent,
        }
    }

    /// Whether there is nothing to say: the reader closed the pipe, or has the result.
    pub(crate) fn is_silent(&self) -> bool {
        matches!(self, Self::Unheard | Self::Difference)
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Api(error) | Self::Side(_, error) => error.code(),
            Self::Io { .. } | Self::Local(_) | Self::Unheard => "io",
            Self::File(_) => "invalid_file",
            Self::Difference => "difference",
            Self::Usage(_) => ErrorKind::InvalidConfig.code(),
            Self::Conflict(_) => ErrorKind::Conflict.code(),
            Self::Unfinished(_) => "unfinished",
            Self::Interrupted => ErrorKind::Cancelled.code(),
        }
    }

    /// For people.
    pub(crate) fn message(&self) -> String {
        match self {
            // Before anything is sent there are no sides.
            Self::Side(side, error) if error.kind() != ErrorKind::InvalidConfig => {
                format!("{}: {}", side.name(), Self::Api(error.clone()).message())
            }
            Self::Api(error) | Self::Side(_, error) => {
                let wait = error.details().retry_after.filter(|wait| !wait.is_zero());
                let wait = wait.map(|wait| format!("; try again in {} s", wait.as_secs().max(1)));
                format!("{}{}", internals::visible(&option_of(error)), wait.unwrap_or_default())
            }
            Self::Usage(what)
            | Self::File(what)
            | Self::Local(what)
            | Self::Conflict(what)
            | Self::Unfinished(what) => what.clone(),
            Self::Difference => "there is a difference".to_owned(),
            Self::Io { what, source } => format!("{what}: {source}"),
            Self::Unheard => "nobody reads the result".to_owned(),
            Self::Interrupted => "interrupted".to_owned(),
        }
    }

    /// For programs.
    pub(crate) fn to_json(&self) -> Value {
        let mut error = json!({ "code": self.code(), "message": self.message() });
        if let (Self::Side(side, _), Some(error)) = (self, error.as_object_mut()) {
            error.insert("side".into(), side.name().to_lowercase().into());
        }
        if let (Some(cause), Some(error)) = (self.error(), error.as_object_mut()) {
            let d = cause.details();
            let known = [
                ("field", json!(d.field)),
                ("status_code", json!(d.status_code)),
                ("request_id", json!(d.request_id)),
                ("error_type", json!(d.error_type)),
                ("error_url", json!(d.error_url)),
                ("retry_after_seconds", json!(d.retry_after.map(|wait| wait.as_secs_f64()))),
                ("reason", json!(d.reason.map(|reason| reason.code()))),
                ("claim", json!(d.claim)),
                ("missing_scopes", json!(Some(&d.missing_scopes).filter(|list| !list.is_empty()))),
                ("recovery", json!(d.recovery)),
            ];
            let known = known.into_iter().filter(|(_, value)| !value.is_null());
            error.extend(known.map(|(name, value)| (name.to_owned(), value)));
        }
        if let (Some(advice), Some(error)) = (LEFT.get(), error.as_object_mut()) {
            error.entry("recovery").or_insert_with(|| advice.as_str().into());
        }
        json!({ "error": error })
    }
}

/// The message, with the option's name for a setting's.
fn option_of(error: &Error) -> String {
    let message = error.to_string();
    let option = error.details().field.as_deref().and_then(|field| {
        let (_, option) = OPTIONS.into_iter().find(|(setting, _)| *setting == field)?;
        Some((format!("{field} "), format!("{option} ")))
    });
    match option {
        Some((field, option)) => message.replacen(&field, &option, 1),
        None => message,
    }
}

/// The library's settings and arguments that are an option of the command.
const OPTIONS: [(&str, &str); 31] = [
    ("project_id", "--project-id"),
    ("base_url", "--base-url"),
    ("domain", "--domain"),
    ("extra_ca_pem", "--ca-file"),
    ("total_timeout", "--timeout"),
    ("client_name", "--name"),
    ("client_description", "--description"),
    ("scopes", "--scope"),
    ("required_scopes", "--scope"),
    ("trusted_metadata", "--metadata"),
    ("organization_id", "--organization"),
    ("extra", "--extra"),
    ("clock_tolerance", "--clock-tolerance"),
    ("max_token_age", "--max-age"),
    ("client_auth", "--client-auth"),
    ("client_secret", "--secret-from"),
    ("private_key", "--private-key-from"),
    ("key_id", "--key-id"),
    ("signing_algorithm", "--signing-algorithm"),
    ("assertion_audience", "--assertion-audience"),
    ("client_assertion", "--client-assertion-from"),
    ("assertion", "--assertion-from"),
    ("client_certificate_pem", "--client-certificate-from"),
    ("resource", "--resource"),
    ("issuer", "--issuer"),
    ("token_url", "--token-url"),
    ("project_slug", "--project-slug"),
    ("environment_slug", "--environment-slug"),
    ("workspace_key_id", "--workspace-key-id"),
    ("workspace_key_secret", "--workspace-key-secret-from"),
    ("management_url", "--management-url"),
];

fn exit_code_of(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::InvalidConfig => 2,
        ErrorKind::Authentication => 3,
        ErrorKind::PermissionDenied => 4,
        ErrorKind::NotFound => 5,
        ErrorKind::Conflict => 6,
        ErrorKind::InvalidRequest => 7,
        ErrorKind::RateLimited => 8,
        ErrorKind::Service => 9,
        ErrorKind::Network | ErrorKind::Timeout | ErrorKind::UnexpectedResponse => 10,
        ErrorKind::OutcomeUnknown => 11,
        ErrorKind::InvalidToken => 12,
        ErrorKind::InsufficientScope => 13,
        ErrorKind::KeysUnavailable => 14,
        ErrorKind::Cancelled => 130,
    }
}

/// The error with this advice in place of the library's.
pub(crate) fn advise(error: Error, advice: &str) -> Failure {
    let mut details = without_recovery(error).into_details();
    details.message = format!("{}. {advice}", details.message.trim_end_matches('.'));
    details.recovery = Some(advice.to_owned());
    Failure::Api(internals::error(details))
}

/// The error without the library's advice, which speaks of its calls.
pub(crate) fn without_recovery(error: Error) -> Error {
    let mut details = error.into_details();
    if let Some(recovery) = details.recovery.take() {
        let end = format!(". {recovery}");
        if let Some(message) = details.message.strip_suffix(&end) {
            details.message = message.to_owned();
        }
    }
    internals::error(details)
}

fn retold(error: Error, tell: impl FnOnce(&str) -> String) -> Error {
    let mut details = error.into_details();
    details.message = tell(&details.message);
    internals::error(details)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Api(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_the_exit_code_that_the_help_names() {
        let line_of = |code: u8| {
            let start = format!("{code:>5}  ");
            EXIT_CODES.lines().find(|line| line.starts_with(&start)).unwrap_or_default()
        };
        for kind in ErrorKind::ALL {
            let line = line_of(exit_code_of(kind));
            let word = match kind {
                ErrorKind::Cancelled => "interrupted",
                kind => kind.code(),
            };
            assert!(line.contains(word), "{word}: {line:?}");
        }
    }
}
