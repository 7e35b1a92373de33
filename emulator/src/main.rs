//! The emulator as a command: prints its settings as environment variables, serves until stopped.
#![forbid(unsafe_code)]

use std::{
    io::{self, Write as _},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    process::ExitCode,
    thread,
};

use clap::Parser;
use stytch_m2m_emulator::{Emulator, StartError};
use tokio::sync::oneshot;

/// Stytch's M2M API on loopback, for tests.
#[derive(Parser)]
#[command(name = "stytch-m2m-emulator", version)]
struct Options {
    /// Loopback address to listen on.
    #[arg(long, env = "STYTCH_EMULATOR_ADDRESS", default_value_t = Ipv4Addr::LOCALHOST.into())]
    address: IpAddr,
    /// Port to listen on; 0 is any free one.
    #[arg(long, env = "STYTCH_EMULATOR_PORT", default_value_t = 0)]
    port: u16,
    /// Test project id [default: random]
    #[arg(long, env = "STYTCH_PROJECT_ID")]
    project_id: Option<String>,
    /// Project secret [default: random]
    #[arg(long, env = "STYTCH_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// Stop at the end of standard input, for test runners.
    #[arg(long)]
    exit_with_stdin: bool,
}

fn main() -> ExitCode {
    match run(Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "stytch-m2m-emulator: {error}");
            let failed_to_serve = matches!(error, StartError::Io { .. } | StartError::Cryptography);
            ExitCode::from(if failed_to_serve { 1 } else { 2 })
        }
    }
}

fn run(options: Options) -> Result<(), StartError> {
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
    let emulator = builder.start()?;
    announce(&emulator).map_err(io_error)?;
    runtime.block_on(stopped);
    emulator.stop();
    Ok(())
}

/// Settings on standard output, for programs; the rest on standard error, for people.
fn announce(emulator: &Emulator) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "STYTCH_PROJECT_ID={}", emulator.project_id())?;
    writeln!(stdout, "STYTCH_SECRET={}", emulator.secret())?;
    writeln!(stdout, "STYTCH_BASE_URL={}", emulator.base_url())?;
    stdout.flush()?;
    // Nobody may be reading it.
    let _ = writeln!(
        io::stderr(),
        "Stytch M2M emulator on {url}; counts at {url}/_emulator/counts; Ctrl-C stops it.",
        url = emulator.base_url(),
    );
    Ok(())
}

/// Ends at SIGINT, at SIGTERM and, where asked for, at the end of standard input.
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
