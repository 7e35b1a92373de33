//! Help, completions and man pages.

use predicates::prelude::PredicateBooleanExt as _;
use predicates::prelude::predicate::str::contains;

use crate::support::{World, bare};

#[test]
fn every_command_explains_itself() {
    let mut open = vec![Vec::<String>::new()];
    let mut seen = 0;
    while let Some(path) = open.pop() {
        seen += 1;
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        let output = bare(&words).arg("--help").output().unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{path:?}");
        let commands = help.split("\nCommands:\n").nth(1).unwrap_or_default();
        let is_leaf = commands.is_empty();
        let simple = ["cancel", "activate", "deactivate"];
        let needs_example = is_leaf && !simple.contains(words.last().unwrap_or(&""));
        assert!(!needs_example || help.contains("Example"), "{path:?} has no example");
        for line in commands.lines().take_while(|line| !line.is_empty()) {
            let name = line.split_whitespace().next().unwrap();
            let about = line.trim_start().strip_prefix(name).unwrap();
            // Further lines of a long description start with blanks alone.
            if line.starts_with("  ") && !line.starts_with("   ") && name != "help" {
                assert!(!about.trim().is_empty(), "{path:?} {name} has no description");
                open.push([path.clone(), vec![name.to_owned()]].concat());
            }
        }
    }
    assert!(seen > 20, "{seen}");
    bare(&["--help"]).assert().stdout(contains("Exit codes:").and(contains("130  interrupted")));
    bare(&["--version"]).assert().stdout(contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_for_each_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        bare(&["completions", shell]).assert().success().stdout(contains("rotate"));
    }
    bare(&["completions", "cmd"]).assert().code(2);
}

#[test]
fn bash_takes_the_completions() {
    let script = bare(&["completions", "bash"]).output().unwrap().stdout;
    let ask = "\nCOMP_WORDS=(stytch-m2m cl); COMP_CWORD=1; _stytch__m2m stytch-m2m cl stytch-m2m; \
               echo \"${COMPREPLY[@]}\"";
    let script = [script, ask.as_bytes().to_vec()].concat();
    let mut bash = assert_cmd::Command::new("bash");
    bash.write_stdin(script).assert().success().stdout("clients\n");
}

#[test]
fn a_man_page_for_each_command() {
    let world = World::new();
    bare(&["man", "--dir"]).arg(world.path("man")).assert().success();
    for page in ["stytch-m2m.1", "stytch-m2m-clients-create.1", "stytch-m2m-secrets-rotate-run.1"] {
        let text = std::fs::read_to_string(world.path("man").join(page)).unwrap();
        assert!(text.contains(".TH") && text.contains("Example"), "{page}");
    }
}
