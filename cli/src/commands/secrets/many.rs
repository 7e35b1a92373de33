//! Rotating many clients' secrets, one after the other, so that it can be gone on with anywhere.

use std::time::Duration;

use serde_json::json;
use stytch_m2m::{Client, Error, ErrorKind, Secret, internals};

use super::inactive::check_is_active;
use super::journal::{Journal, Step};
use crate::failure::{Failure, without_recovery};
use crate::output::{Output, plain};
use crate::progress::{NOTED, Progress, ResumeHint};
use crate::secret_sink::{Place, SecretSink};
use crate::table::Table;
use crate::word::call;

/// Failures in a row after which it stops: it is not the clients then.
const MOST_FAILURES: usize = 3;
/// How often a limit of the server is waited out, for one request.
const PATIENCE: usize = 8;

/// The result for one client.
struct Record {
    client_id: String,
    /// Why its secret is the one that it was.
    problem: Option<String>,
}

pub(super) async fn run(
    ids: Vec<String>,
    client: &Client,
    sink: &SecretSink,
    journal: Journal,
    pause: Duration,
    output: &mut Output,
) -> Result<(), Failure> {
    if let Err(taken) = check_room(&ids, sink, &journal) {
        journal.remove_if_empty()?;
        return Err(taken);
    }
    let progress = Progress::of(output, "rotating", ids.len());
    let mut job = Job { client, sink, journal, progress };
    let mut hint = ResumeHint::new(*output, NOTED);
    let mut records = Vec::with_capacity(ids.len());
    let (mut failures, mut is_first, mut stopped) = (0, true, None);
    for client_id in &ids {
        let client_id = client_id.clone();
        if job.journal.step(&client_id) != Some(&Step::Rotated) {
            if !is_first {
                tokio::time::sleep(pause).await;
            }
            is_first = false;
            let problem = match job.rotate(&client_id).await {
                Ok(()) => None,
                Err(Stop::Here(failure)) => Some(failure.message()),
                Err(Stop::All(failure)) => {
                    let problem = failure.message();
                    stopped = Some(failure.of(&format!("stopped at {}", plain(&client_id))));
                    Some(problem)
                }
            };
            failures = if problem.is_some() { failures + 1 } else { 0 };
            records.push(Record { client_id, problem });
        } else {
            records.push(Record { client_id, problem: None });
        }
        if failures == MOST_FAILURES || stopped.is_some() {
            break;
        }
        job.progress.one_more();
    }
    let Job { journal, progress, .. } = job;
    drop(progress);
    let failed = records.iter().filter(|record| record.problem.is_some()).count();
    if failed == 0 {
        journal.remove()?;
    }
    let not_reached = ids.get(records.len()..).unwrap_or_default();
    tell(&records, not_reached, output)?;
    if let Some(failure) = stopped {
        return Err(failure);
    }
    hint.over();
    match failed {
        0 => Ok(()),
        _ if failures == MOST_FAILURES => Err(Failure::Unfinished(format!(
            "stopped, since {MOST_FAILURES} clients in a row could not be rotated; run the same \
             command again to go on"
        ))),
        n => Err(Failure::Unfinished(format!("secrets that were not rotated: {n}"))),
    }
}

/// Refuses files of an earlier rotation before anything is begun: they are not overwritten, so that
/// the command could be repeated for ever.
fn check_room(ids: &[String], sink: &SecretSink, journal: &Journal) -> Result<(), Failure> {
    let mut taken = Vec::new();
    for client_id in ids.iter().filter(|id| journal.step(id).is_none()) {
        if sink.left(client_id)?.is_some() {
            taken.push(sink.path(client_id).display().to_string());
        }
    }
    let Some(first) = taken.first() else { return Ok(()) };
    Err(Failure::usage(format!(
        "{first} has the secret of an earlier rotation (such files there: {}). Nothing was changed. \
         Move these files, or give another --secrets-dir",
        taken.len()
    )))
}

fn tell(records: &[Record], not_reached: &[String], output: &mut Output) -> Result<(), Failure> {
    let failed = records.iter().filter(|record| record.problem.is_some()).count();
    let rotated = records.len() - failed;
    let state = |record: &Record| if record.problem.is_none() { "rotated" } else { "failed" };
    output.result(
        || {
            let clients = records.iter().map(|record| {
                json!({
                    "client_id": record.client_id,
                    "state": state(record),
                    "reason": record.problem,
                })
            });
            let left = not_reached.iter();
            let left = left.map(|id| json!({ "client_id": id, "state": "not_reached" }));
            let clients: Vec<_> = clients.chain(left).collect();
            json!({
                "rotated": rotated,
                "failed": failed,
                "not_reached": not_reached.len(),
                "clients": clients,
            })
        },
        || {
            let all = records.len() + not_reached.len();
            let mut parts = vec![format!("rotated: {rotated} of {all}")];
            if !not_reached.is_empty() {
                parts.push(format!("not reached: {}", not_reached.len()));
            }
            if failed > 0 {
                let mut table = Table::new(["CLIENT ID", "WHY NOT"]);
                for record in records {
                    if let Some(problem) = &record.problem {
                        table.add_row([plain(&record.client_id), plain(problem)]);
                    }
                }
                parts.push(table.text());
            }
            parts.join("\n\n")
        },
    )
}

/// What ends a client's rotation early: it alone, or the whole.
enum Stop {
    Here(Failure),
    All(Failure),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        let all = [ErrorKind::Authentication, ErrorKind::PermissionDenied, ErrorKind::Network];
        let is_all = all.contains(&error.kind());
        let failure = Failure::Api(without_recovery(error));
        if is_all { Self::All(failure) } else { Self::Here(failure) }
    }
}

struct Job<'j> {
    client: &'j Client,
    sink: &'j SecretSink,
    journal: Journal,
    progress: Progress,
}

impl Job<'_> {
    async fn rotate(&mut self, client_id: &str) -> Result<(), Stop> {
        let now = patient(&mut self.progress, async || {
            Ok(self.client.clients().get(client_id).await?.m2m_client)
        })
        .await?;
        check_is_active(&now).map_err(Stop::Here)?;
        let next = now.next_client_secret_last_four.as_deref();
        let is_ours = match self.journal.step(client_id).cloned() {
            Some(Step::Stored { last_four } | Step::Storing { last_four })
                if next.is_none() && now.client_secret_last_four == last_four =>
            {
                return self.over(client_id);
            }
            Some(Step::Stored { last_four }) if next == Some(&*last_four) => {
                let left = self.sink.left(client_id).map_err(Stop::Here)?;
                return self.finish(client_id, left.as_ref()).await;
            }
            Some(Step::Stored { .. }) => {
                return Err(Stop::Here(Failure::Conflict(format!(
                    "somebody else has ended the rotation that this began; compare with: {}",
                    call("clients get", client_id, "")
                ))));
            }
            Some(Step::Storing { last_four }) if next == Some(&*last_four) => {
                if let Some(secret) = self.stored(client_id, &last_four)? {
                    return self.finish(client_id, Some(&secret)).await;
                }
                // Callers may use the secret already, if the store command has stored it.
                if self.sink.store_command.is_some() {
                    return Err(Stop::Here(in_doubt(client_id, &last_four)));
                }
                true
            }
            Some(Step::Started) => true,
            Some(Step::Storing { .. }) => next.is_none(),
            _ => false,
        };
        if next.is_some() && !is_ours {
            return Err(Stop::Here(Failure::Conflict(format!(
                "a rotation is under way that this did not begin; finish it with: {}; or drop it \
                 with: {}",
                call("secrets rotate finish", client_id, ""),
                call("secrets rotate cancel", client_id, "")
            ))));
        }
        let mut place = self.place(client_id, is_ours)?;
        self.note(client_id, Step::Started)?;
        let started = patient(&mut self.progress, async || {
            let secrets = self.client.secrets();
            match is_ours {
                true => secrets.recover_rotation(client_id).await,
                false => secrets.rotate_start(client_id).await,
            }
        })
        .await;
        let secret = match started {
            Ok(started) => started.m2m_client.next_client_secret,
            // Elsewhere it may be under way, and is begun anew by the next run.
            Err(error) if error.kind() != ErrorKind::OutcomeUnknown && !is_ours => {
                self.note(client_id, Step::Left)?;
                return Err(error.into());
            }
            Err(error) => return Err(error.into()),
        };
        let last_four = internals::last_four(&secret);
        self.note(client_id, Step::Storing { last_four: last_four.clone() })?;
        if let Err(failure) = place.store(&secret).await {
            let cancelled = self.client.secrets().rotate_cancel(client_id).await;
            if cancelled.is_ok() {
                place.discard();
            }
            // A secret that failed to be stored is nobody's: the next run may cancel it.
            self.note(client_id, if cancelled.is_ok() { Step::Left } else { Step::Started })?;
            let after = match cancelled {
                Ok(_) => "The rotation was cancelled, and the current secret works".to_owned(),
                Err(error) => format!(
                    "The rotation could not be cancelled ({}), and both secrets work; the next run \
                     cancels it",
                    without_recovery(error)
                ),
            };
            return Err(Stop::Here(failure.and(&after)));
        }
        self.note(client_id, Step::Stored { last_four })?;
        self.finish(client_id, Some(&secret)).await
    }

    /// Makes room for the secret. What an earlier run left there has never been anybody's secret.
    fn place(&self, client_id: &str, is_ours: bool) -> Result<Place, Stop> {
        if is_ours {
            self.sink.clear(client_id).map_err(Stop::Here)?;
        }
        self.sink.reserve(client_id).map_err(Stop::Here)
    }

    /// The secret in the client's file, if it ends in `last_four`.
    fn stored(&self, client_id: &str, last_four: &str) -> Result<Option<Secret>, Stop> {
        let left = self.sink.left(client_id).map_err(Stop::Here)?;
        Ok(left.filter(|secret| internals::last_four(secret) == last_four))
    }

    /// Ends the rotation: with a test fetch where the secret is at hand, and without one where an
    /// earlier run has stored it.
    async fn finish(&mut self, client_id: &str, secret: Option<&Secret>) -> Result<(), Stop> {
        patient(&mut self.progress, async || {
            let secrets = self.client.secrets();
            match secret {
                Some(secret) => secrets.rotate_finish(client_id, secret).await,
                None => secrets.rotate(client_id).await,
            }
        })
        .await?;
        self.over(client_id)
    }

    fn over(&mut self, client_id: &str) -> Result<(), Stop> {
        self.note(client_id, Step::Rotated)
    }

    fn note(&mut self, client_id: &str, step: Step) -> Result<(), Stop> {
        self.journal.note(client_id, step).map_err(Stop::All)
    }
}

fn in_doubt(client_id: &str, last_four: &str) -> Failure {
    Failure::Conflict(format!(
        "an earlier run ended while the store command had the next secret, which ends in \
         {last_four}; if the command stored it, finish with: {}; otherwise cancel with: {}; then run \
         the same command again",
        call("secrets rotate finish", client_id, ""),
        call("secrets rotate cancel", client_id, "")
    ))
}

/// Repeats what the server refuses since there was too much, after the time that it asks for.
async fn patient<T>(
    progress: &mut Progress,
    call: impl AsyncFn() -> Result<T, Error>,
) -> Result<T, Error> {
    for _ in 1..PATIENCE {
        match call().await {
            Err(error) if error.kind() == ErrorKind::RateLimited => {
                let wait = error.details().retry_after.unwrap_or(Duration::from_secs(1));
                progress.waits(&format!("Stytch asks for {} s", wait.as_secs().max(1)));
                tokio::time::sleep(wait).await;
                progress.goes_on();
            }
            done => return done,
        }
    }
    call().await
}
