//! What only a terminal sees: prompts, colours, questions.

use std::io::{Read as _, Write as _};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::support::{ID, SECRET, World};

const PATIENCE: Duration = Duration::from_secs(30);

/// The command on a terminal.
pub(crate) struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn std::io::Write + Send>,
    chunks: Receiver<Vec<u8>>,
    seen: String,
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    pub(crate) fn start(world: &World, arguments: &[&str], without: &[&str]) -> Self {
        let size = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(assert_cmd::cargo::cargo_bin!("stytch-m2m"));
        command.args(arguments);
        command.cwd(world.dir.path());
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        // Tools that run tests set it, and then no colours are shown.
        command.env_remove("CI");
        for (name, value) in world.environment() {
            command.env(name, value);
        }
        for name in without {
            command.env_remove(name);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, chunks) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // At the end of the process Linux answers with an error.
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self { child, writer, chunks, seen: String::new(), _master: pair.master }
    }

    /// Waits until the screen has shown `text`.
    pub(crate) fn expect(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.seen.contains(text) {
            let left = deadline.saturating_duration_since(Instant::now());
            let chunk = self.chunks.recv_timeout(left);
            let chunk = chunk.unwrap_or_else(|_| panic!("no {text:?} in {:?}", self.seen));
            self.seen.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    pub(crate) fn enter(&mut self, line: &str) {
        writeln!(self.writer, "{line}").unwrap();
        self.writer.flush().unwrap();
    }

    /// What the screen showed, and the exit code.
    pub(crate) fn finish(mut self) -> (String, u32) {
        let code = self.child.wait().unwrap().exit_code();
        while let Ok(chunk) = self.chunks.recv_timeout(Duration::from_millis(200)) {
            self.seen.push_str(&String::from_utf8_lossy(&chunk));
        }
        (self.seen, code)
    }
}

#[test]
fn secrets_are_asked_for_and_not_echoed() {
    let world = World::new();
    let get = ["token", "get", "--client-id", ID, "--token-file", "token"];
    let mut terminal = Terminal::start(&world, &get, &["STYTCH_CLIENT_SECRET"]);
    terminal.expect("The client's secret: ");
    terminal.enter(SECRET);
    let (seen, code) = terminal.finish();
    assert_eq!(code, 0, "{seen}");
    assert!(!seen.contains(SECRET), "{seen}");
    assert!(!world.read("token").is_empty());
}

#[test]
fn the_projects_secret_is_asked_for() {
    let world = World::new();
    let mut terminal = Terminal::start(&world, &["clients", "list"], &["STYTCH_SECRET"]);
    terminal.expect("The project's secret: ");
    terminal.enter(world.emulator.secret());
    let (seen, code) = terminal.finish();
    assert_eq!(code, 0, "{seen}");
    assert!(seen.contains(ID) && !seen.contains(world.emulator.secret()), "{seen}");
}

#[test]
fn deleting_asks_first() {
    let world = World::new();
    for (answer, code, left) in [("n", 130, 1), ("y", 0, 0)] {
        let mut terminal = Terminal::start(&world, &["clients", "delete", ID], &[]);
        terminal.expect("Delete billing for good? [y/N]");
        terminal.enter(answer);
        assert_eq!(terminal.finish().1, code);
        assert_eq!(world.json(&["clients", "list"]).as_array().unwrap().len(), left);
    }
}

#[test]
fn a_terminal_sees_colours() {
    let world = World::new();
    let (seen, code) = Terminal::start(&world, &["clients", "get", "nobody"], &[]).finish();
    assert_eq!(code, 5);
    assert!(seen.contains("\u{1b}[") && seen.contains("error:"), "{seen:?}");
    let arguments = ["clients", "get", "nobody", "--color", "never"];
    let (seen, _) = Terminal::start(&world, &arguments, &[]).finish();
    assert!(!seen.contains('\u{1b}'), "{seen:?}");
}
