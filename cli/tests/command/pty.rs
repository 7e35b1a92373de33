//! A terminal of the tests' own, for what only a terminal sees.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

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
    /// Starts it in `dir` with these variables, and with nothing of this machine's settings.
    pub(crate) fn start(
        dir: &Path,
        environment: impl IntoIterator<Item = (&'static str, String)>,
        arguments: &[&str],
    ) -> Self {
        Self::of_width(120, dir, environment, arguments)
    }

    /// The same on a terminal of so many columns.
    pub(crate) fn of_width(
        cols: u16,
        dir: &Path,
        environment: impl IntoIterator<Item = (&'static str, String)>,
        arguments: &[&str],
    ) -> Self {
        let size = PtySize { rows: 40, cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(assert_cmd::cargo::cargo_bin!("stytch-m2m"));
        command.args(arguments);
        command.cwd(dir);
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        // Tools that run tests set it, and then no colours are shown.
        command.env_remove("CI");
        let ours = |name: &str| name.starts_with("STYTCH_") || name.starts_with("AUTH0_");
        for (name, _) in std::env::vars().filter(|(name, _)| ours(name)) {
            command.env_remove(name);
        }
        for (name, value) in environment {
            command.env(name, value);
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
