//! What the command says of a rotation that it leaves before the end: which secrets work, where the
//! next one is, and how to go on.

use std::path::{Path, PathBuf};

use stytch_m2m::{Error, ErrorKind};

use crate::failure::{Failure, advise};
use crate::output::Output;
use crate::word::{call, quoted};

/// How far a rotation has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing has been asked for yet but the client.
    Looking,
    /// It may have started, and nobody has its next secret.
    Starting,
    /// Both secrets work.
    UnderWay,
    /// The next secret may have become the only one.
    Finishing,
    /// The end was not even asked for, and nobody knows how things stand.
    Untouched,
    /// The next secret may have been dropped.
    Cancelling,
    /// The next secret could not be stored, and was dropped.
    Cancelled,
    /// There is nothing to say.
    Over,
}

/// A rotation that goes on. Dropped before it is over, as on Ctrl-C, it says how to go on.
pub(super) struct Leaving {
    client_id: String,
    stage: Stage,
    /// Where the next secret is.
    file: Option<PathBuf>,
    /// What starts the whole again.
    again: String,
    output: Output,
}

impl Leaving {
    pub(super) fn new(client_id: &str, stage: Stage, output: Output) -> Self {
        let (client_id, again) = (client_id.to_owned(), String::new());
        Self { client_id, stage, file: None, again, output }
    }

    /// What is typed to start the whole again.
    pub(super) fn begun_by(&mut self, command: String) {
        self.again = command;
    }

    pub(super) fn reached(&mut self, stage: Stage) {
        self.stage = stage;
    }

    /// The next secret is in this file from now on.
    pub(super) fn written(&mut self, file: &Path) {
        self.file = Some(file.to_owned());
    }

    /// The library's error, which speaks of the library's calls, in terms of the command.
    pub(super) fn failed(&mut self, error: Error) -> Failure {
        let failure = match (self.stage, error.kind(), &error.details().recovery) {
            // The library says so of a client that is inactive.
            (Stage::Finishing, ErrorKind::Conflict, Some(recovery))
                if recovery.contains("activate the client") =>
            {
                advise(error, &self.activation())
            }
            (Stage::Finishing | Stage::Cancelling, ErrorKind::Conflict, Some(_)) => {
                advise(error, &self.comparison())
            }
            (Stage::Cancelling, _, Some(_)) => advise(error, &self.advice()),
            (Stage::Starting | Stage::Finishing, ErrorKind::OutcomeUnknown, _) => {
                advise(error, &self.advice())
            }
            (Stage::Finishing, _, Some(recovery)) => {
                // What the library did not see cannot be said here: it may have ended before.
                let is_known = !recovery.starts_with("nothing was changed");
                self.stage = if is_known { Stage::UnderWay } else { Stage::Untouched };
                advise(error, &self.advice())
            }
            _ => {
                if let Some(file) = &self.file {
                    self.output.note(&format!("the next secret is in {}", file.display()));
                }
                Failure::Api(error)
            }
        };
        self.stage = Stage::Over;
        failure
    }

    pub(super) fn advice(&self) -> String {
        let id = &quoted(&self.client_id);
        let cancel = call("secrets rotate cancel", &self.client_id, "");
        let (next, from) = match &self.file {
            Some(file) => (
                format!("; the next one is in {}", file.display()),
                format!("--secret-from {}", quoted(&file.display().to_string())),
            ),
            None => Default::default(),
        };
        let finish = call("secrets rotate finish", &self.client_id, &from);
        let start = call("secrets rotate start", &self.client_id, "--recover");
        match self.stage {
            Stage::Starting => format!(
                "A rotation of {id} may have started, and its next secret is lost. The current \
                 secret works. Start again with: {start}; or cancel with: {cancel}"
            ),
            Stage::UnderWay => format!(
                "The rotation of {id} is still under way and both secrets work{next}. Finish it \
                 with: {finish}; or, if nothing uses the next secret yet, cancel with: {cancel}"
            ),
            Stage::Untouched => {
                format!("Nothing was changed{next}. Finish the rotation with: {finish}")
            }
            Stage::Finishing => format!(
                "The rotation of {id} may have ended. The next secret works; the current one works \
                 until the rotation has ended{next}. Make sure with: {finish}"
            ),
            Stage::Cancelling => format!(
                "The rotation of {id} may still be under way. Cancel it again with: {cancel}"
            ),
            Stage::Looking => format!("Nothing was changed. Start again with: {}", self.again),
            Stage::Cancelled => format!(
                "The rotation of {id} was cancelled: the current secret works, and the next one, \
                 which was not stored, does not. Start again with: {}",
                self.again
            ),
            Stage::Over => String::new(),
        }
    }

    fn activation(&self) -> String {
        let from = self.file.as_ref().map(|file| quoted(&file.display().to_string()));
        let from = from.map(|file| format!("--secret-from {file}")).unwrap_or_default();
        format!(
            "Nothing was changed. Activate it with: {}; and finish with: {}; or finish without a \
             test: {}",
            call("clients activate", &self.client_id, ""),
            call("secrets rotate finish", &self.client_id, &from),
            call("secrets rotate finish", &self.client_id, "--unproven"),
        )
    }

    fn comparison(&self) -> String {
        let place =
            self.file.as_ref().map(|file| format!(" That secret is in {}.", file.display()));
        format!(
            "Keep the secrets that you have.{} Compare with: {}; \
             client_secret_last_four shows the secret that works, next_client_secret_last_four the \
             one to finish with",
            place.unwrap_or_default(),
            call("clients get", &self.client_id, "")
        )
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        if self.stage != Stage::Over {
            self.output.advise(&self.advice());
        }
    }
}
