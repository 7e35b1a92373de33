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
    let asked = [
        (&["cl"][..], "clients"),
        (&["clients", "exp"], "export"),
        (&["secrets", "rotate", "st"], "start"),
        (&["secrets", "rotate", "run", "--store"], "--store-command"),
        (&["clients", "list", "--status", "in"], "inactive"),
    ];
    for (words, completed) in asked {
        let (last, count) = (words.last().unwrap(), words.len());
        let line = words.join(" ");
        let ask = format!(
            "\nCOMP_WORDS=(stytch-m2m {line}); COMP_CWORD={count}; \
             _stytch__m2m stytch-m2m '{last}' \"${{COMP_WORDS[$COMP_CWORD-1]}}\"; \
             echo \"${{COMPREPLY[@]}}\""
        );
        let script = [script.clone(), ask.into_bytes()].concat();
        let mut bash = assert_cmd::Command::new("bash");
        bash.write_stdin(script).assert().success().stdout(format!("{completed}\n"));
    }
}

#[test]
fn a_man_page_for_each_command() {
    let world = World::new();
    bare(&["man", "--dir"]).arg(world.path("man")).assert().success();
    for page in ["stytch-m2m.1", "stytch-m2m-clients-create.1", "stytch-m2m-secrets-rotate-run.1"] {
        let text = std::fs::read_to_string(world.path("man").join(page)).unwrap();
        assert!(text.contains(".TH stytch-m2m 1 \" \" ") && text.contains("Example"), "{page}");
        for variable in ["STYTCH_PROJECT_ID", "STYTCH_SECRET", "HTTPS_PROXY"] {
            assert!(text.contains(variable), "{page} has no {variable}");
        }
    }
}

#[test]
fn zsh_and_fish_take_the_completions() {
    for (shell, check) in [("zsh", "-n"), ("fish", "--no-execute")] {
        let found = std::process::Command::new(shell).arg("--version").output();
        if found.is_err() {
            continue;
        }
        let script = bare(&["completions", shell]).output().unwrap().stdout;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), script).unwrap();
        assert_cmd::Command::new(shell).arg(check).arg(file.path()).assert().success();
    }
}

/// Help that nobody got is a failure, unless its reader has seen enough.
#[cfg(target_os = "linux")]
#[test]
fn help_that_cannot_be_written_is_a_failure() {
    for arguments in [&["--help"][..], &["clients", "list", "--help"], &["--version"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("stytch-m2m"));
        let output = command.args(arguments).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    }
}

#[test]
fn help_and_usage_show_nothing_of_the_environment() {
    let told = |arguments: &[&str]| {
        let mut command = bare(arguments);
        command.env("STYTCH_PROJECT_ID", "canary-project").env("STYTCH_CLIENT_ID", "canary-id");
        let output = command.env("AUTH0_DOMAIN", "canary.eu.auth0.com").output().unwrap();
        crate::support::all_of(&output)
    };
    for arguments in [&["--help"][..], &["token", "get", "--help"], &["auth0", "plan", "--help"]] {
        assert!(!told(arguments).contains("canary"), "{}", told(arguments));
    }
    let wrong = told(&["clients", "list", "--limt", "3"]);
    assert!(wrong.contains("Usage: ") && !wrong.contains("--project-id"), "{wrong}");
    let help = told(&["--help"]);
    assert!(help.contains("Environment:\n    STYTCH_PROJECT_ID"), "{help}");
    assert!(help.contains("  man "), "{help}");
}

/// Every user of the machine can read arguments, and the shell keeps what is typed.
#[test]
fn no_example_puts_a_secret_into_an_argument_or_the_shells_history() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut texts = vec![std::fs::read_to_string(root.join("README.md")).unwrap()];
    for folder in ["docs", "cli", "cli/src", "cli/src/commands", "examples/emulator"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path
                .extension()
                .is_some_and(|kind| ["md", "rs", "sh"].iter().any(|one| kind == *one))
            {
                texts.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    for line in texts.iter().flat_map(|text| text.lines()) {
        let line = line.trim().trim_start_matches("$ ");
        let is_typed = ["export ", "curl ", "stytch-m2m ", "STYTCH_", "AUTH0_"];
        let is_typed = is_typed.iter().any(|start| line.starts_with(start));
        let is_output = line == "STYTCH_SECRET=secret-test-...";
        let holds_one = ["SECRET=", "TOKEN=", "Authorization: Bearer $("];
        let holds_one = holds_one.iter().any(|one| line.contains(one));
        assert!(!is_typed || is_output || !holds_one, "{line}");
    }
}
