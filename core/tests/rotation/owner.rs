//! Who rotates a client's secret: holds secrets, stores the next one, dies and comes back, and does
//! what `recovery` says.

use std::collections::BTreeSet;
use std::sync::Mutex;

use stytch_m2m::{Client, ClientResponse, Error, ErrorKind, Secret};
use tokio::sync::Notify;

use crate::rotation_server::{Hooks, Server, State};

/// After this many steps there are no faults left, so that none of them can be the reason.
const STEPS: usize = 60;

pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn of(run: u64, stream: u64) -> Self {
        Self(run.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (stream << 56))
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// What becomes of the next secret in the store.
#[derive(Clone, Copy, Debug)]
enum Store {
    Works,
    FailsBefore,
    FailsAfter,
    DiesBefore,
    DiesAfter,
}

pub(crate) struct Owner {
    run: u64,
    /// Callers take the next secret alone as soon as it is stored, and nobody else rotates.
    strict: bool,
    random: Mutex<Random>,
    held: Mutex<BTreeSet<String>>,
    killed: Notify,
}

/// How a call ended.
enum Outcome {
    Done(Box<ClientResponse>),
    Failed(Error),
    StoreFailed,
    Died,
}

enum Stopped {
    Api(Error),
    Store,
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Api(error)
    }
}

impl Hooks for Owner {
    fn is_safe(&self, now: &State) -> bool {
        self.held.lock().unwrap().iter().any(|one| now.accepts(one))
    }

    fn kill(&self) {
        self.killed.notify_one();
    }

    fn other_holds(&self, secret: &str) {
        self.held.lock().unwrap().insert(secret.to_owned());
    }
}

impl Owner {
    pub(crate) fn new(run: u64) -> Self {
        let held = [format!("first-of-{run}-0000")].into();
        let random = Mutex::new(Random::of(run, 2));
        let strict = !run.is_multiple_of(3);
        Self { run, strict, random, held: Mutex::new(held), killed: Notify::new() }
    }

    pub(crate) fn first_secret(&self) -> String {
        self.held.lock().unwrap().first().unwrap().clone()
    }

    /// Whether somebody else may rotate too.
    pub(crate) fn shares(&self) -> bool {
        !self.strict
    }

    fn one_in(&self, n: usize) -> bool {
        self.random.lock().unwrap().one_in(n)
    }

    /// A whole rotation, until there is one secret, which works.
    pub(crate) async fn rotate(&self, id: &str, server: &Server, client: &Client) {
        let first = self.first_secret();
        let stored = Mutex::new(None::<Secret>);
        let (mut recover, mut conflicts) = (false, 0);
        let mut steps = Vec::new();
        for _ in 0..STEPS {
            let next = stored.lock().unwrap().clone();
            let outcome = match (&next, recover) {
                (Some(next), _) => {
                    self.alive(async { Ok(client.secrets().rotate_finish(id, next).await?) }).await
                }
                (None, false) => {
                    let store = |next| self.store(next, &stored, id, server);
                    self.alive(client.secrets().rotate_with(id, store)).await
                }
                (None, true) if self.one_in(4) => {
                    self.give_the_wrong_secret(id, &first, server, client).await;
                    continue;
                }
                (None, true) => self.start_over(id, &stored, server, client).await,
            };
            steps.push(describe(&outcome, next.is_some()));
            match outcome {
                Outcome::Done(done) => {
                    let next = stored.lock().unwrap().clone().unwrap();
                    let now = server.state(id);
                    let told = done.m2m_client.client_secret_last_four;
                    if self.strict {
                        assert_eq!(now.current, next.expose(), "run {}: {steps:?}", self.run);
                        assert_eq!(now.next, None, "run {}: {steps:?}", self.run);
                    }
                    assert!(next.expose().ends_with(&told), "run {}: {steps:?}", self.run);
                    return self.keep_only(next.expose(), id, server);
                }
                // The store's failure: whether a cancel followed, the next start tells.
                Outcome::StoreFailed => {
                    *stored.lock().unwrap() = None;
                    recover = true;
                }
                Outcome::Died => recover = true,
                Outcome::Failed(error) => {
                    recover = true;
                    if next.is_some() || stored.lock().unwrap().is_some() {
                        let is_told = error.details().recovery.is_some();
                        assert!(is_told, "run {}: {error:?} {steps:?}", self.run);
                        conflicts += u32::from(error.kind() == ErrorKind::Conflict);
                        if self.shares() && conflicts > 2 {
                            // Gone for good. The secrets that are held stay held.
                            (conflicts, *stored.lock().unwrap()) = (0, None);
                        } else if self.shares() && self.one_in(2) {
                            self.cancel(id, &stored, server, client).await;
                        }
                    }
                }
            }
        }
        let log = server.with(id, |client| client.log.clone());
        panic!("run {} does not end: {steps:?}\n{log:?}", self.run);
    }

    /// The process dies when the server says so, and whatever it did is dropped.
    async fn alive(&self, call: impl Future<Output = Result<ClientResponse, Stopped>>) -> Outcome {
        tokio::select! {
            biased;
            () = self.killed.notified() => Outcome::Died,
            outcome = call => match outcome {
                Ok(done) => Outcome::Done(Box::new(done)),
                Err(Stopped::Api(error)) => Outcome::Failed(error),
                Err(Stopped::Store) => Outcome::StoreFailed,
            },
        }
    }

    /// The rotation that is under way, if any, has a secret that nobody knows.
    async fn start_over(
        &self,
        id: &str,
        stored: &Mutex<Option<Secret>>,
        server: &Server,
        client: &Client,
    ) -> Outcome {
        self.alive(async {
            let started = client.secrets().recover_rotation(id).await?;
            let next = started.m2m_client.next_client_secret;
            if let Err(stopped) = self.store(next.clone(), stored, id, server).await {
                client.secrets().rotate_cancel(id).await?;
                return Err(stopped);
            }
            Ok(client.secrets().rotate_finish(id, &next).await?)
        })
        .await
    }

    async fn store(
        &self,
        next: Secret,
        stored: &Mutex<Option<Secret>>,
        id: &str,
        server: &Server,
    ) -> Result<(), Stopped> {
        let how = match self.random.lock().unwrap().below(12) {
            0 => Store::FailsBefore,
            // Callers that have the next secret alone are not safe from a store that denies it.
            1 if !self.strict => Store::FailsAfter,
            2 => Store::DiesBefore,
            3 => Store::DiesAfter,
            _ => Store::Works,
        };
        match how {
            Store::FailsBefore => return Err(Stopped::Store),
            Store::DiesBefore => {
                self.kill();
                return std::future::pending().await;
            }
            _ => {}
        }
        self.held.lock().unwrap().insert(next.expose().to_owned());
        *stored.lock().unwrap() = Some(next.clone());
        if self.strict {
            self.keep_only(next.expose(), id, server);
        }
        match how {
            Store::FailsAfter => Err(Stopped::Store),
            Store::DiesAfter => {
                self.kill();
                std::future::pending().await
            }
            _ => Ok(()),
        }
    }

    /// Drops all secrets but this one.
    fn keep_only(&self, secret: &str, id: &str, server: &Server) {
        self.held.lock().unwrap().retain(|one| one == secret);
        let now = server.state(id);
        assert!(now.accepts(secret), "run {}: dropped the wrong one, {now:?}", self.run);
    }

    /// The current secret, given as the next one, ends nothing.
    async fn give_the_wrong_secret(&self, id: &str, first: &str, server: &Server, client: &Client) {
        let before = server.state(id);
        let current = Secret::from(first);
        let outcome =
            self.alive(async { Ok(client.secrets().rotate_finish(id, &current).await?) }).await;
        let now = server.state(id);
        assert_eq!(now.current, before.current, "run {}", self.run);
        if let Outcome::Done(_) = outcome {
            assert_eq!(now.current, first, "run {}", self.run);
        }
    }

    /// Gives the rotation up, and keeps what the answer shows.
    async fn cancel(
        &self,
        id: &str,
        stored: &Mutex<Option<Secret>>,
        server: &Server,
        client: &Client,
    ) {
        let cancelled = self.alive(async { Ok(client.secrets().rotate_cancel(id).await?) }).await;
        let Outcome::Done(cancelled) = cancelled else { return };
        let four = cancelled.m2m_client.client_secret_last_four;
        let stays = self.held.lock().unwrap().iter().find(|one| one.ends_with(&four)).cloned();
        let Some(stays) = stays else { panic!("run {}: nobody holds {four}", self.run) };
        self.keep_only(&stays, id, server);
        *stored.lock().unwrap() = None;
    }
}

fn describe(outcome: &Outcome, finishing: bool) -> String {
    let call = if finishing { "finish" } else { "start" };
    let end = match outcome {
        Outcome::Done(_) => "done".to_owned(),
        Outcome::StoreFailed => "store failed".to_owned(),
        Outcome::Died => "died".to_owned(),
        Outcome::Failed(error) if error.kind() == ErrorKind::Conflict => error.to_string(),
        Outcome::Failed(error) => error.code().to_owned(),
    };
    format!("{call}: {end}")
}
