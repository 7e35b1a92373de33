//! `stytch-m2m completions` and `stytch-m2m man`

use std::path::PathBuf;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Output;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  stytch-m2m completions bash > ~/.local/share/bash-completion/completions/stytch-m2m
  stytch-m2m completions zsh > ~/.zfunc/_stytch-m2m
  stytch-m2m completions fish > ~/.config/fish/completions/stytch-m2m.fish")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

#[derive(Args, Debug)]
pub(crate) struct Man {
    /// The folder to write them to
    #[arg(long)]
    dir: PathBuf,
}

pub(crate) fn completions(options: &Completions, output: &mut Output) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), "stytch-m2m", &mut script);
    output.line(String::from_utf8_lossy(&script).trim_end())
}

pub(crate) fn man(options: &Man, output: &mut Output) -> Result<(), Failure> {
    let failed = |source| Failure::io("cannot write the man pages", source);
    std::fs::create_dir_all(&options.dir).map_err(failed)?;
    clap_mangen::generate_to(Arguments::command(), &options.dir).map_err(failed)?;
    output.note(&format!("the man pages are in {}", options.dir.display()));
    Ok(())
}
