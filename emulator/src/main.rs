//! The emulator's command: prints its settings as environment variables and serves until stopped.
#![forbid(unsafe_code)]

use std::{
    io::{self, Write as _},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
    thread,
};

use clap::{Command, CommandFactory as _, FromArgMatches as _, Parser};
use stytch_m2m_emulator::{Emulator, Seed, StartError};
use tokio::sync::oneshot;

/// Stytch's M2M API on loopback, for tests.
#[derive(Parser)]
#[command(name = "stytch-m2m-emulator", version)]
struct Options {
    /// Loopback address to listen on.
    #[arg(long, env = "STYTCH_EMULATOR_ADDRESS", default_value_t = Ipv4Addr::LOCALHOST.into())]
    address: IpAddr,
    /// Port to listen on; 0 for any free port.
    #[arg(long, env = "STYTCH_EMULATOR_PORT", default_value_t = 0)]
    port: u16,
    /// Test project id [default: random]
    #[arg(long, env = "STYTCH_EMULATOR_PROJECT_ID")]
    project_id: Option<String>,
    /// Project secret [default: random]. It is printed: do not use a real project's.
    #[arg(long, env = "STYTCH_EMULATOR_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// YAML or JSON file with the clients, token settings and tenant at the start.
    #[arg(long, env = "STYTCH_EMULATOR_SEED")]
    seed: Option<PathBuf>,
    /// Stop when standard input is closed, for test runners.
    #[arg(long)]
    exit_with_stdin: bool,
}

/// Why the command failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("cannot read the seed {}: {source}", path.display())]
    SeedFile { path: PathBuf, source: io::Error },
}

impl Failure {
    /// 2 for invalid settings, as for other invalid arguments; 1 for other failures.
    fn exit_code(&self) -> u8 {
        match self {
            Self::Start(StartError::Io { .. } | StartError::Cryptography) => 1,
            Self::Start(_) | Self::SeedFile { .. } => 2,
        }
    }
}

fn main() -> ExitCode {
    let arguments = without_empty_variables(Options::command()).get_matches();
    let options = Options::from_arg_matches(&arguments).unwrap_or_else(|error| error.exit());
    match run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "stytch-m2m-emulator: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

/// An empty environment variable counts as unset.
fn without_empty_variables(command: Command) -> Command {
    command.mut_args(|argument| {
        let value = argument.get_env().and_then(std::env::var_os);
        match value.is_some_and(|value| value.is_empty()) {
            true => argument.env(None::<&'static str>),
            false => argument,
        }
    })
}

fn run(options: Options) -> Result<(), Failure> {
    let address = SocketAddr::new(options.address, options.port);
    let io_error = |source| StartError::Io { address, source };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(io_error)?;
    // From here on a signal ends the process in order, even before the settings are out.
    let stopped = {
        let _guard = runtime.enter();
        stop_request(options.exit_with_stdin).map_err(io_error)?
    };
    let mut builder = Emulator::builder().address(address);
    if let Some(project_id) = options.project_id {
        builder = builder.project_id(project_id);
    }
    if let Some(secret) = options.secret {
        builder = builder.secret(secret);
    }
    if let Some(path) = options.seed {
        let text =
            std::fs::read_to_string(&path).map_err(|source| Failure::SeedFile { path, source })?;
        builder = builder.seed(Seed::parse(&text).map_err(StartError::from)?);
    }
    let emulator = builder.start()?;
    print_settings(&emulator).map_err(io_error)?;
    runtime.block_on(stopped);
    emulator.stop();
    Ok(())
}

/// Prints the settings to standard output, for programs, and a line for people to standard error.
fn print_settings(emulator: &Emulator) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "STYTCH_PROJECT_ID={}", emulator.project_id())?;
    writeln!(stdout, "STYTCH_SECRET={}", emulator.secret())?;
    writeln!(stdout, "STYTCH_BASE_URL={}", emulator.base_url())?;
    stdout.flush()?;
    // Nobody may be reading standard error.
    let _ = writeln!(
        io::stderr(),
        "Stytch M2M emulator on {url}; its own API: {url}/_emulator/openapi.json; Ctrl-C stops it.",
        url = emulator.base_url(),
    );
    Ok(())
}

/// Completes at SIGINT, at SIGTERM and, if requested, when standard input is closed.
fn stop_request(exit_with_stdin: bool) -> io::Result<impl Future<Output = ()>> {
    let signal = terminated()?;
    let (sender, stdin_closed) = oneshot::channel();
    if exit_with_stdin {
        thread::spawn(move || {
            let _ = io::copy(&mut io::stdin(), &mut io::sink());
            let _ = sender.send(());
        });
    }
    Ok(async move {
        tokio::select! {
            () = signal => {}
            Ok(()) = stdin_closed => {}
        }
    })
}

#[cfg(unix)]
fn terminated() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(windows)]
fn terminated() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
