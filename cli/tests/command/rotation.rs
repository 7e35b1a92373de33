//! `secrets rotate run`, killed and interrupted at every request, against a server that fails in
//! every way: a file on the disk always holds a secret that works.

#[path = "../../../core/tests/support/rotation_server.rs"]
mod rotation_server;

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use rotation_server::{Fault, Hooks, PROJECT, Server, State, Step};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

const ID: &str = "billing";
const FIRST: &str = "first-secret-0000";
/// A run makes no more requests before its faults are over.
const REQUESTS: usize = 7;
/// Runs of chance beside the sweep.
const RUNS: usize = 30;

/// A machine with files, one of which holds the current secret.
struct Machine {
    dir: TempDir,
    server: Server,
    hooks: Arc<Watch>,
}

/// Looks at the disk whenever the server changes, and ends the command when the server says so.
struct Watch {
    next: PathBuf,
    pid: Mutex<Option<Pid>>,
    signal: Signal,
}

fn content(path: &PathBuf) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned()).filter(|secret| !secret.is_empty())
}

impl Hooks for Watch {
    fn is_safe(&self, now: &State) -> bool {
        now.accepts(FIRST) || content(&self.next).is_some_and(|one| now.accepts(&one))
    }

    fn kill(&self) {
        if let Some(pid) = *self.pid.lock().unwrap() {
            let _ = kill_process(pid, self.signal);
        }
    }
}

impl Machine {
    fn new(signal: Signal, plan: impl FnMut(Step, usize) -> Fault + Send + 'static) -> Self {
        let (dir, server) = (TempDir::new().unwrap(), Server::start());
        let next = dir.path().join("next");
        let hooks = Arc::new(Watch { next, pid: Mutex::new(None), signal });
        server.add(ID, FIRST, plan, Arc::clone(&hooks) as _);
        Self { dir, server, hooks }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("stytch-m2m"));
        command
            .args(["secrets", "rotate"])
            .args(arguments)
            .env("STYTCH_PROJECT_ID", PROJECT)
            .env("STYTCH_SECRET", "secret-test-model")
            .env("STYTCH_BASE_URL", &self.server.url)
            .env_remove("STYTCH_NEXT_CLIENT_SECRET")
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // Until the process is known, the server kills nothing.
        let mut pid = self.hooks.pid.lock().unwrap();
        let child = command.spawn().unwrap();
        *pid = Pid::from_raw(child.id().try_into().unwrap());
        drop(pid);
        child.wait_with_output().unwrap()
    }

    /// What an operator does who reads what the command says.
    fn rotate_until_it_ends(&self) {
        let mut told = Vec::new();
        let mut done = false;
        for attempt in 0..12 {
            let written = content(&self.hooks.next).is_some();
            if !written {
                let _ = std::fs::remove_file(&self.hooks.next);
            }
            let output = match (attempt, written) {
                (0, _) => self.run(&["run", ID, "--secret-file", "next"]),
                (_, false) => self.run(&["start", ID, "--recover", "--secret-file", "next"]),
                (_, true) => self.run(&["finish", ID, "--secret-from", "next"]),
            };
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            let written_by_now = content(&self.hooks.next).is_some();
            // Whoever is killed outright says nothing.
            if output.status.code() == Some(130) {
                assert!(stderr.contains("stytch-m2m secrets rotate"), "{stderr}");
                assert!(!written_by_now || stderr.contains("is in next"), "{stderr}");
            }
            assert!(!written || written_by_now, "the file is gone: {stderr}");
            done = output.status.success() && (attempt == 0 || written);
            told.push(stderr);
            if done {
                break;
            }
        }
        let violations = self.server.with(ID, |client| client.violations.clone());
        assert!(violations.is_empty(), "{violations:#?}, {told:#?}");
        let next = content(&self.hooks.next).unwrap_or_default();
        assert!(done, "{told:#?}");
        assert_eq!(self.server.state(ID), State { current: next, next: None }, "{told:#?}");
    }
}

fn faults() -> Vec<Fault> {
    vec![
        Fault::Kill { done: true },
        Fault::Kill { done: false },
        Fault::AnswerLost,
        Fault::After(503, false),
        Fault::Before(503, true),
        Fault::Before(401, false),
        Fault::Page,
        Fault::Lag(1),
    ]
}

#[test]
fn killed_and_interrupted_at_every_request_it_leaves_a_secret_that_works() {
    let kills = faults().into_iter().take(2).flat_map(|fault| {
        [Signal::KILL, Signal::INT]
            .into_iter()
            .flat_map(move |signal| (0..REQUESTS - 2).map(move |when| (signal, when, fault)))
    });
    for (signal, when, fault) in kills {
        let plan = move |_, request| if request == when { fault } else { Fault::Nothing };
        Machine::new(signal, plan).rotate_until_it_ends();
    }
}

#[test]
fn whatever_fails_beside_the_kills_there_is_a_file_with_a_secret_that_works() {
    let mut state = 0x5eed_cafe_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize
    };
    for run in 0..RUNS {
        let faults = faults();
        let chosen: Vec<_> = (0..REQUESTS)
            .map(|_| (random() % 2 == 0).then(|| faults[random() % faults.len()]))
            .collect();
        let plan = move |_, request: usize| {
            chosen.get(request).copied().flatten().unwrap_or(Fault::Nothing)
        };
        let signal = if run % 2 == 0 { Signal::KILL } else { Signal::INT };
        Machine::new(signal, plan).rotate_until_it_ends();
    }
}
