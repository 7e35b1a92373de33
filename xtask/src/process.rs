//! Programs that this one starts. However it ends, they end with it.

use std::io;
use std::process::{Child, Command, ExitStatus};

pub(crate) use group::end_with_this;

/// A program that was started.
pub(crate) struct Process(Child);

impl Process {
    /// Starts it, with all that it will start in turn in a group of its own.
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        group::start(command).map(Self)
    }

    /// Its standard streams, as far as they are pipes.
    pub(crate) fn streams(&mut self) -> &mut Child {
        &mut self.0
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> io::Result<ExitStatus> {
        // A program that reads would wait for this one.
        drop(self.0.stdin.take());
        let status = self.0.wait();
        group::forget(&self.0);
        status
    }
}

/// It ends with this value, and what it has started too.
impl Drop for Process {
    fn drop(&mut self) {
        if !matches!(self.0.try_wait(), Ok(Some(_))) {
            group::end(&mut self.0);
            let _ = self.wait();
        }
    }
}

#[cfg(unix)]
mod group {
    use std::collections::BTreeSet;
    use std::io::{self, Write as _};
    use std::os::unix::process::CommandExt as _;
    use std::process::{self, Child, Command};
    use std::sync::{Mutex, MutexGuard, PoisonError};
    use std::thread;
    use std::time::{Duration, Instant};

    use rustix::process::{
        Pid, Signal, WaitOptions, kill_process_group, test_kill_process_group, waitpid,
    };
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    /// How long programs have to end in order.
    const PATIENCE: Duration = Duration::from_secs(3);

    /// The groups that run, by the ids of the programs that they began with.
    static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

    fn groups() -> MutexGuard<'static, BTreeSet<i32>> {
        GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn start(command: &mut Command) -> io::Result<Child> {
        let mut groups = groups();
        let child = command.process_group(0).spawn()?;
        groups.insert(id(&child));
        Ok(child)
    }

    pub(super) fn forget(child: &Child) {
        groups().remove(&id(child));
    }

    pub(super) fn end(child: &mut Child) {
        end_groups(&BTreeSet::from([id(child)]));
    }

    fn id(child: &Child) -> i32 {
        i32::try_from(child.id()).unwrap_or_default()
    }

    /// From now on, what interrupts this program ends all that it started, and then itself.
    pub(crate) fn end_with_this() -> io::Result<()> {
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        thread::spawn(move || {
            let Some(signal) = signals.forever().next() else { return };
            // Never given back: nothing is started from here on.
            let groups = groups();
            end_groups(&groups);
            let _ = writeln!(io::stderr(), "\ninterrupted: everything that was started has ended");
            process::exit(128 + signal);
        });
        Ok(())
    }

    fn end_groups(groups: &BTreeSet<i32>) {
        let send = |signal| {
            for pid in groups.iter().filter_map(|id| Pid::from_raw(*id)) {
                // It may have ended by itself.
                let _ = kill_process_group(pid, signal);
            }
        };
        send(Signal::TERM);
        let deadline = Instant::now() + PATIENCE;
        while groups.iter().any(|id| is_alive(*id)) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(20));
        }
        send(Signal::KILL);
    }

    fn is_alive(id: i32) -> bool {
        let Some(pid) = Pid::from_raw(id) else { return false };
        // One that has ended stays in its group until it is waited for.
        let _ = waitpid(Some(pid), WaitOptions::NOHANG);
        test_kill_process_group(pid).is_ok()
    }
}

/// A console's Ctrl-C reaches all programs in it.
#[cfg(not(unix))]
mod group {
    use std::io;
    use std::process::{Child, Command};

    pub(super) fn start(command: &mut Command) -> io::Result<Child> {
        command.spawn()
    }

    pub(super) fn forget(_: &Child) {}

    pub(super) fn end(child: &mut Child) {
        let _ = child.kill();
    }

    pub(crate) fn end_with_this() -> io::Result<()> {
        Ok(())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::thread;
    use std::time::{Duration, Instant};

    use rustix::process::{Pid, Signal, kill_process, test_kill_process};

    use super::*;

    /// A program that starts another, and writes the ids of both.
    fn program(file: &Path) -> Command {
        let mut program = Command::new("sh");
        let script = "sleep 1000 & echo $$ $! > \"$0.new\"; mv \"$0.new\" \"$0\"; wait";
        program.args(["-c", script]).arg(file);
        program
    }

    fn eventually<T>(mut find: impl FnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(found) = find() {
                return found;
            }
            assert!(Instant::now() < deadline, "it did not come about in time");
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn ids(file: &Path) -> Vec<Pid> {
        let text = eventually(|| fs::read_to_string(file).ok());
        let ids = text.split_whitespace().filter_map(|id| Pid::from_raw(id.parse().ok()?));
        ids.collect()
    }

    /// A process that nobody waited for yet has ended, too.
    fn runs(id: Pid) -> bool {
        let status = fs::read_to_string(format!("/proc/{}/stat", id.as_raw_nonzero()));
        match status {
            Ok(status) => !status.rsplit(") ").next().is_some_and(|rest| rest.starts_with('Z')),
            Err(_) => !Path::new("/proc/self").exists() && test_kill_process(id).is_ok(),
        }
    }

    #[test]
    fn a_program_ends_with_its_value_and_so_does_what_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ids");
        let process = Process::start(&mut program(&file)).unwrap();
        let ids = ids(&file);
        assert!(ids.len() == 2 && ids.iter().all(|id| runs(*id)));
        drop(process);
        eventually(|| ids.iter().all(|id| !runs(*id)).then_some(()));
    }

    #[test]
    fn an_interrupt_leaves_nothing_running() {
        for signal in [Signal::INT, Signal::TERM] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("ids");
            let mut interrupted = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "process::tests::interrupted", "--ignored"])
                .env("IDS", &file)
                .spawn()
                .unwrap();
            let ids = ids(&file);
            let own = Pid::from_raw(interrupted.id().try_into().unwrap()).unwrap();
            kill_process(own, signal).unwrap();
            let status = interrupted.wait().unwrap();
            assert_eq!(status.code(), Some(128 + signal.as_raw()));
            eventually(|| ids.iter().all(|id| !runs(*id)).then_some(()));
        }
    }

    #[test]
    #[ignore = "the test above runs it in a process of its own"]
    fn interrupted() {
        end_with_this().unwrap();
        let file = std::env::var_os("IDS").unwrap();
        Process::start(&mut program(Path::new(&file))).unwrap().wait().unwrap();
    }
}
