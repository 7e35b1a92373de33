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
#[command(after_help = "\
Example:
  stytch-m2m man --dir ~/.local/share/man/man1")]
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
    // Examples and tables keep their lines, which the generator would fill.
    let examples = command.get_after_help().map(ToString::to_string);
    // A name in the header that leaves room for itself twice on a narrow terminal.
    let page = clap_mangen::Man::new(command.after_help(None::<&str>))
        .title("stytch-m2m")
        // An empty one would be left out, and what follows be taken for it.
        .date(" ")
        .source(concat!("stytch-m2m ", env!("CARGO_PKG_VERSION")))
        .manual("M2M");
    let mut text = Vec::new();
    page.render(&mut text)?;
    if let Some(examples) = examples {
        write_as_it_is("EXAMPLES AND NOTES", &examples, &mut text)?;
    }
    // The root's help has them already.
    if !is_root {
        write_as_it_is("ENVIRONMENT", ENVIRONMENT.trim_start_matches('\n'), &mut text)?;
    }
    std::fs::write(dir.join(page.get_filename()), text)
}

/// A section whose lines are not filled.
fn write_as_it_is(heading: &str, lines: &str, page: &mut Vec<u8>) -> io::Result<()> {
    writeln!(page, ".SH \"{heading}\"\n.nf")?;
    for line in lines.lines() {
        let line = line.replace('\\', "\\e").replace('-', "\\-");
        // At the start of a line these two begin a request.
        let guard = if line.starts_with(['.', '\'']) { "\\&" } else { "" };
        writeln!(page, "{guard}{line}")?;
    }
    writeln!(page, ".fi")
}
