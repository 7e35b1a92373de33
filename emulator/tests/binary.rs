//! The emulator as a command.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
    sync::mpsc,
    time::Duration,
};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stytch-m2m-emulator"));
    for name in ["STYTCH_PROJECT_ID", "STYTCH_SECRET", "STYTCH_BASE_URL"] {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Killed when dropped, so that no failing test leaves a server behind.
struct Running {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    settings: BTreeMap<String, String>,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let settings = (0..3)
            .map(|_| {
                let mut line = String::new();
                stdout.read_line(&mut line).unwrap();
                let (name, value) = line.trim_end().split_once('=').expect("NAME=value");
                (name.to_owned(), value.to_owned())
            })
            .collect();
        Self { child, stdout: Some(stdout), settings }
    }

    fn address(&self) -> &str {
        self.settings["STYTCH_BASE_URL"].strip_prefix("http://").unwrap()
    }

    /// Waits for the end; the settings must have been all that it said.
    fn ended(mut self) -> ExitStatus {
        let mut stdout = self.stdout.take().unwrap();
        let (sender, rest) = mpsc::channel();
        std::thread::spawn(move || {
            let mut rest = String::new();
            stdout.read_to_string(&mut rest).unwrap();
            sender.send(rest)
        });
        assert_eq!(rest.recv_timeout(Duration::from_secs(10)).expect("it did not stop"), "");
        self.child.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn refused(arguments: &[&str]) -> Output {
    let output = command(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    output
}

fn lines(stderr: &[u8]) -> Vec<&str> {
    std::str::from_utf8(stderr).unwrap().lines().collect()
}

#[test]
fn it_prints_its_settings_and_serves() {
    let running = Running::start(&mut command(&[]));
    assert_eq!(
        running.settings.keys().collect::<Vec<_>>(),
        ["STYTCH_BASE_URL", "STYTCH_PROJECT_ID", "STYTCH_SECRET"]
    );
    assert!(running.settings["STYTCH_PROJECT_ID"].starts_with("project-test-"));
    assert!(running.settings["STYTCH_SECRET"].starts_with("secret-test-"));
    TcpStream::connect(running.address()).unwrap();
}

#[test]
fn settings_come_from_arguments_or_the_environment() {
    let arguments = ["--project-id", "project-test-a", "--secret", "secret-a"];
    let mut by_environment = command(&[]);
    by_environment
        .env("STYTCH_EMULATOR_PROJECT_ID", "project-test-a")
        .env("STYTCH_EMULATOR_SECRET", "secret-a");
    for mut command in [command(&arguments), by_environment] {
        let running = Running::start(&mut command);
        assert_eq!(running.settings["STYTCH_PROJECT_ID"], "project-test-a");
        assert_eq!(running.settings["STYTCH_SECRET"], "secret-a");
    }
}

/// What is there for the service under test, or for the real API, is not the emulator's.
#[test]
fn a_secret_for_the_real_api_is_neither_taken_nor_printed() {
    let mut command = command(&[]);
    command.env("STYTCH_PROJECT_ID", "project-live-real").env("STYTCH_SECRET", "secret-live-real");
    let running = Running::start(&mut command);
    assert!(running.settings["STYTCH_SECRET"].starts_with("secret-test-"));
    assert!(running.settings["STYTCH_PROJECT_ID"].starts_with("project-test-"));
}

#[test]
fn an_environment_variable_that_is_empty_is_not_set() {
    let mut command = command(&[]);
    for name in ["PROJECT_ID", "SECRET", "SEED", "PORT", "ADDRESS"] {
        command.env(format!("STYTCH_EMULATOR_{name}"), "");
    }
    let running = Running::start(&mut command);
    assert!(running.settings["STYTCH_SECRET"].starts_with("secret-test-"));
}

#[test]
fn it_stops_when_its_standard_input_ends() {
    let mut running = Running::start(&mut command(&["--exit-with-stdin"]));
    let address = running.address().to_owned();
    drop(running.child.stdin.take());
    assert!(running.ended().success());
    TcpStream::connect(address).unwrap_err();
}

#[cfg(unix)]
#[test]
fn it_stops_cleanly_at_a_signal() {
    for signal in ["-INT", "-TERM"] {
        let running = Running::start(&mut command(&[]));
        let pid = running.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        assert!(running.ended().success(), "{signal}");
    }
}

#[test]
fn live_projects_and_open_addresses_get_one_clear_line() {
    let live = refused(&["--project-id", "project-live-1"]);
    assert_eq!(lines(&live.stderr).len(), 1);
    assert!(lines(&live.stderr)[0].contains("project-live-1"));
    let open = refused(&["--address", "0.0.0.0"]);
    assert_eq!(lines(&open.stderr).len(), 1);
    assert!(lines(&open.stderr)[0].contains("loopback"));
}

fn seed_file(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn it_starts_with_a_seed_file() {
    let yaml = "project_id: project-test-seed\nsecret: secret-seed\nclients:\n  - client_id: a\n";
    let running = Running::start(&mut command(&["--seed", &seed_file("seed.yaml", yaml)]));
    assert_eq!(running.settings["STYTCH_PROJECT_ID"], "project-test-seed");
    assert_eq!(running.settings["STYTCH_SECRET"], "secret-seed");
}

#[test]
fn a_wrong_seed_gets_one_clear_line_without_its_secrets() {
    let wrong = "clients:\n  - client_id: a\n    client_secret: canary\n";
    for (path, said) in [
        (seed_file("wrong.yaml", wrong), "clients[0] of the seed"),
        (seed_file("syntax.yaml", "clients: [canary"), "line "),
        ("nowhere.yaml".to_owned(), "cannot read the seed nowhere.yaml"),
    ] {
        let output = refused(&["--seed", &path]);
        let stderr = lines(&output.stderr);
        assert_eq!(stderr.len(), 1);
        assert!(stderr[0].contains(said) && !stderr[0].contains("canary"), "{}", stderr[0]);
    }
}

#[test]
fn help_shows_no_secret_of_the_environment() {
    let output =
        command(&["--help"]).env("STYTCH_EMULATOR_SECRET", "canary-secret").output().unwrap();
    assert!(output.status.success());
    assert!(!String::from_utf8(output.stdout).unwrap().contains("canary"));
}

/// The script of the documentation: a command that runs beside an emulator of its own.
#[test]
fn the_example_script_runs_a_command_with_the_settings_and_stops_the_emulator() {
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/emulator/with-emulator.sh");
    let programs = Path::new(env!("CARGO_BIN_EXE_stytch-m2m-emulator")).parent().unwrap();
    let path = std::env::join_paths(
        [programs.to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let run = |command: &str| {
        let mut script = Command::new(&script);
        script.args(["sh", "-c", command]).env("PATH", path.as_ref().unwrap()).output().unwrap()
    };
    let output = run(r#"echo "$STYTCH_BASE_URL"; echo "$STYTCH_PROJECT_ID $STYTCH_SECRET""#);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (url, rest) = said.split_once('\n').unwrap();
    assert!(rest.starts_with("project-test-"), "{said}");
    let address = url.strip_prefix("http://").unwrap();
    assert!(TcpStream::connect(address).is_err(), "it still listens");
    assert_eq!(run("exit 3").status.code(), Some(3), "the command's own status comes through");
}
