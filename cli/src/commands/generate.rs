//! `stytch-m2m completions` and `stytch-m2m man`

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_complete::Shell;

use crate::environment::ENVIRONMENT;
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

pub(crate) fn completions(
    options: &Completions,
    mut command: Command,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command, "stytch-m2m", &mut script);
    let script = String::from_utf8_lossy(&script);
    // In bash's script clap_complete writes a hyphen of the name in two ways, and so finds nothing
    // below the first level.
    output.line(script.replace("stytch__subcmd__m2m", "stytch__m2m").trim_end())
}

pub(crate) fn man(options: &Man, command: Command, output: &mut Output) -> Result<(), Failure> {
    let failed = |source| Failure::io("cannot write the man pages", source);
    std::fs::create_dir_all(&options.dir).map_err(failed)?;
    let mut command = command.disable_help_subcommand(true);
    command.build();
    write_page(command, true, &options.dir).map_err(failed)?;
    output.note(&format!("the man pages are in {}", options.dir.display()));
    Ok(())
}

/// A command's page, and those of its subcommands.
fn write_page(command: Command, is_root: bool, dir: &Path) -> io::Result<()> {
    for subcommand in command.get_subcommands().filter(|one| !one.is_hide_set()) {
        write_page(subcommand.clone(), false, dir)?;
    }
    let page = clap_mangen::Man::new(command);
    let mut text = Vec::new();
    page.render(&mut text)?;
    // The root's has them at its end already, as its help has.
    if !is_root {
        writeln!(text, ".SH ENVIRONMENT\n.nf")?;
        for line in ENVIRONMENT.lines() {
            writeln!(text, "{}", line.replace('-', "\\-"))?;
        }
        writeln!(text, ".fi")?;
    }
    std::fs::write(dir.join(page.get_filename()), text)
}
