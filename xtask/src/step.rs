//! Running other programs.

use std::env;
use std::env::consts::EXE_SUFFIX;
use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

use crate::console::{Console, Progress};
use crate::process::Process;

/// One command: a line says what it does and how long that took, its output goes to the log, its
/// failure is told in one line.
pub(crate) struct Step {
    console: Console,
    root: PathBuf,
    dir: PathBuf,
    does: Option<String>,
    downloads: Option<String>,
    shown: Vec<String>,
    command: Command,
}

impl Step {
    /// Runs `program` in the folder `root`, without what cargo tells this program about itself.
    pub(crate) fn new(console: Console, root: &Path, program: &OsStr) -> Self {
        let mut command = Command::new(as_on_this_system(program));
        command.current_dir(root).stdin(Stdio::null());
        for (name, value) in env::vars_os() {
            let Some(name) = name.to_str() else { continue };
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                command.env_remove(name);
            } else if name == "LD_LIBRARY_PATH" {
                // Cargo puts its debug output there, which would hide the library under test.
                command.env(name, without(root, &value));
            }
        }
        let shown = vec![quoted(program)];
        let (root, dir) = (root.to_owned(), PathBuf::new());
        Self { console, root, dir, does: None, downloads: None, shown, command }
    }

    /// Shows `program` in place of the command so far.
    pub(crate) fn shown_as(mut self, program: &str) -> Self {
        self.shown = vec![program.to_owned()];
        self
    }

    /// Says what it does, in place of its command.
    pub(crate) fn named(mut self, does: impl Into<String>) -> Self {
        self.does = Some(does.into());
        self
    }

    /// Says before it runs that it downloads about so much, and where to.
    pub(crate) fn downloads(mut self, size: &str, to: &Path) -> Self {
        let to = to.strip_prefix(&self.root).unwrap_or(to);
        self.downloads = Some(format!("  downloads about {size} into {}", to.display()));
        self
    }

    /// Runs in `dir`, which is relative to the root.
    pub(crate) fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.dir = dir.as_ref().to_owned();
        self.command.current_dir(self.root.join(dir));
        self
    }

    /// Adds an argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.shown.push(quoted(arg.as_ref()));
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    pub(crate) fn args(self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        args.into_iter().fold(self, Step::arg)
    }

    /// Removes every variable from the environment.
    pub(crate) fn clear_env(mut self) -> Self {
        self.command.env_clear();
        self
    }

    /// Sets a variable. Variables may be secret: they are never shown.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets variables.
    pub(crate) fn envs(self, variables: &[(&'static str, String)]) -> Self {
        variables.iter().fold(self, |step, (name, value)| step.env(name, value))
    }

    /// Runs it.
    pub(crate) fn run(self) -> Result<()> {
        self.lines(|_| false)
    }

    /// Runs it, and shows the lines of its outputs for which `show` says so.
    pub(crate) fn lines(mut self, mut show: impl FnMut(&str) -> bool) -> Result<()> {
        let mut progress = self.begin();
        let result = self.watch(|line| progress.line(line, show(line)));
        progress.finish(result.is_ok());
        result
    }

    /// Runs it for what it has to say, which is shown as it comes.
    pub(crate) fn tell(mut self) -> Result<()> {
        let mut progress = self.begin();
        let result = self.watch(|line| progress.line(line, true));
        match &result {
            Ok(()) => progress.vanish(),
            Err(_) => progress.finish(false),
        }
        result
    }

    fn begin(&self) -> Progress {
        if let Some(downloads) = &self.downloads {
            self.console.say(downloads);
        }
        let line = self.line();
        self.console.begin(self.does.as_deref().unwrap_or(&line), &line)
    }

    /// Runs it, and hands each line of its outputs to `each`.
    fn watch(&mut self, mut each: impl FnMut(&str)) -> Result<()> {
        let (reader, writer) = io::pipe()?;
        self.command.stdout(writer.try_clone()?).stderr(writer);
        let mut process = Process::start(&mut self.command).with_context(|| self.cannot_start())?;
        // The lines end when nobody can write any more: this process neither.
        self.command.stdout(Stdio::null()).stderr(Stdio::null());
        for line in BufReader::new(reader).split(b'\n') {
            let line = line?;
            each(String::from_utf8_lossy(&line).trim_end_matches('\r'));
        }
        let status = process.wait()?;
        self.check(status)
    }

    /// Runs it silently, and returns whether it succeeded.
    pub(crate) fn succeeds(mut self) -> bool {
        let quiet = self.command.stdout(Stdio::null()).stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    }

    /// Runs it silently, and returns what it wrote to either output.
    pub(crate) fn output(mut self) -> Result<String> {
        let mut said = String::new();
        self.watch(|line| {
            said.push_str(line);
            said.push('\n');
        })?;
        Ok(said)
    }

    fn check(&self, status: ExitStatus) -> Result<()> {
        if !status.success() {
            bail!("`{}` failed ({status})", self.line());
        }
        Ok(())
    }

    fn cannot_start(&self) -> String {
        format!("cannot start `{}`", self.line())
    }

    fn line(&self) -> String {
        let line = self.shown.join(" ");
        if self.dir.as_os_str().is_empty() {
            return line;
        }
        format!("(cd {} && {line})", self.dir.display())
    }
}

/// Whether `program` is on the search path.
pub(crate) fn is_installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let program = as_on_this_system(program.as_ref());
    let names = [program.clone(), with_suffix(&program)];
    env::split_paths(&path).any(|dir| names.iter().any(|name| dir.join(name).is_file()))
}

/// On Windows these programs are scripts, or have another name.
fn as_on_this_system(program: &OsStr) -> OsString {
    match program.to_str() {
        Some("npm") if cfg!(windows) => "npm.cmd".into(),
        Some("mvn") if cfg!(windows) => "mvn.cmd".into(),
        Some("python3") if cfg!(windows) => "python".into(),
        _ => program.to_owned(),
    }
}

fn with_suffix(program: &OsStr) -> OsString {
    let mut program = program.to_owned();
    program.push(EXE_SUFFIX);
    program
}

/// The first two numbers after `label` in what a program says of its version.
pub(crate) fn version(said: &str, label: &str) -> Option<(u32, u32)> {
    let (_, rest) = said.split_once(label)?;
    let mut numbers = rest.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    let major = numbers.next()?.ok()?;
    let minor = numbers.next().and_then(Result::ok).unwrap_or(0);
    Some((major, minor))
}

/// The search path `paths` without the folders below `root`.
fn without(root: &Path, paths: &OsStr) -> OsString {
    let kept = env::split_paths(paths).filter(|path| !path.starts_with(root));
    env::join_paths(kept).unwrap_or_default()
}

/// `word` as a shell would have to be given it.
fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(program: &str) -> Step {
        Step::new(Console::verbose(), Path::new("/"), program.as_ref())
    }

    #[test]
    fn the_shown_line_can_be_pasted_and_has_no_variable() {
        let step = step("sh").dir("tmp").args(["-c", "it's"]).env("STYTCH_SECRET", "canary");
        assert_eq!(step.line(), r"(cd tmp && sh -c 'it'\''s')");
    }

    #[test]
    fn a_failure_is_one_line() {
        let failed = step("sh").args(["-c", "exit 3"]).run().unwrap_err();
        assert_eq!(format!("{failed:#}"), "`sh -c 'exit 3'` failed (exit status: 3)");
        let missing = step("no-such-program").run().unwrap_err();
        assert!(format!("{missing:#}").starts_with("cannot start `no-such-program`: "));
    }

    #[test]
    fn cargos_own_variables_stay_here() {
        let seen = step("env").output().unwrap();
        assert!(!seen.contains("CARGO_MANIFEST_DIR"), "{seen}");
    }

    #[test]
    fn the_library_path_loses_the_checkout_only() {
        let kept = without(Path::new("/repo"), OsStr::new("/repo/target/debug:/opt/lib:/repo"));
        assert_eq!(kept, "/opt/lib");
    }

    #[test]
    fn versions_are_found_after_their_label() {
        assert_eq!(version("v20.20.2\n", "v"), Some((20, 20)));
        assert_eq!(version("openjdk version \"17\" 2025", "version \""), Some((17, 0)));
        let apple = "swift-driver version: 1.115 Apple Swift version 6.0.3 (swiftlang-6)";
        assert_eq!(version(apple, "Swift version "), Some((6, 0)));
        assert_eq!(version("command not found", "v"), None);
    }
}
