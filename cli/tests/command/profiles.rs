//! Profiles: settings of several projects.

use predicates::prelude::PredicateBooleanExt as _;
use predicates::prelude::predicate::str::contains;

use crate::support::{ID, World, bare};

impl World {
    /// The command with this profiles file, and with another project in the environment.
    fn profiled(&self, profiles: &str, arguments: &[&str]) -> assert_cmd::Command {
        self.write("profiles.yaml", profiles);
        let mut command = bare(arguments);
        command.current_dir(self.dir.path()).env("STYTCH_CONFIG", "profiles.yaml");
        command.env("STYTCH_PROJECT_ID", "project-test-other");
        command.env("STYTCH_SECRET", "canary-of-another-project");
        command.env("STYTCH_BASE_URL", "http://127.0.0.1:1");
        command
    }

    fn profile(&self, secret: &str) -> String {
        format!(
            "profiles:\n  here:\n    project_id: {}\n    base_url: {}\n    secret: {secret}\n",
            self.emulator.project_id(),
            self.emulator.base_url()
        )
    }
}

const LIST: [&str; 4] = ["clients", "list", "--profile", "here"];

#[test]
fn a_profiles_secret_comes_from_a_file_a_command_or_a_variable() {
    let world = World::new();
    world.write("secret", world.emulator.secret());
    let mut sources = vec!["{ file: secret }", "{ variable: OTHER_SECRET }"];
    if cfg!(unix) {
        sources.push("{ command: cat secret }");
    }
    for source in sources {
        let mut command = world.profiled(&world.profile(source), &LIST);
        command.env("OTHER_SECRET", world.emulator.secret());
        command.assert().success().stdout(contains(ID));
    }
    let mut command = world.profiled(&world.profile("{ file: secret }"), &LIST[..2]);
    command.env("STYTCH_PROFILE", "here").assert().success().stdout(contains(ID));
}

#[test]
fn no_setting_of_one_project_meets_the_secret_of_another() {
    let world = World::new();
    let without = world.profile("{ variable: NOT_SET }");
    world.profiled(&without, &LIST).assert().code(2).stderr(contains("set NOT_SET"));
    let without = without.replace("    secret: { variable: NOT_SET }\n", "");
    let mut command = world.profiled(&without, &LIST);
    command.assert().code(2).stderr(contains("secret is missing").and(contains("profile")));
    assert_eq!(world.emulator.counts()["search"], 0);
    // An option counts more than the profile.
    let other = [&LIST[..], &["--base-url", "http://127.0.0.1:1"]].concat();
    world.write("secret", world.emulator.secret());
    world.profiled(&world.profile("{ file: secret }"), &other).assert().code(10);
}

#[test]
fn what_is_wrong_with_profiles_is_told_with_its_line() {
    let world = World::new();
    let known = world.profile("{ file: secret }");
    let mut unknown = world.profiled(&known, &["clients", "list", "--profile", "there"]);
    unknown.assert().code(2).stderr(contains("no profile there").and(contains("it has here")));
    let wrong = known.replace("base_url", "baseurl");
    world.profiled(&wrong, &LIST).assert().code(2).stderr(contains("line 4"));
    let mut secret = world.profiled(&known.replace("{ file: secret }", "canary"), &LIST);
    secret.assert().code(2).stderr(contains("secret"));
    let mut none = bare(&LIST);
    none.env("STYTCH_CONFIG", "/nowhere/profiles.yaml").assert().code(1);
}

#[test]
fn a_machine_without_a_keychain_says_what_to_do() {
    let world = World::new();
    let mut command = world.profiled(&world.profile("{ keychain: live }"), &LIST);
    // No program of the system's is found.
    command.env("PATH", world.dir.path());
    command
        .assert()
        .code(1)
        .stderr(contains("profile here").and(contains("keychain")))
        .stderr(contains("install it").and(contains("file, command or variable")));
}

#[test]
fn profiles_are_listed_without_secrets() {
    let world = World::new();
    let profiles = world.profile("{ variable: CANARY_VARIABLE }");
    let mut list = world.profiled(&profiles, &["profiles", "list"]);
    list.assert()
        .success()
        .stdout(contains("here").and(contains(world.emulator.project_id())))
        .stderr(contains("profiles.yaml"));
    let mut none = bare(&["profiles", "list"]);
    none.env("HOME", world.dir.path()).env_remove("XDG_CONFIG_HOME");
    none.assert().success().stdout(contains("no profiles"));
    let mut missing = bare(&["profiles", "list"]);
    missing.env("STYTCH_CONFIG", "/nowhere/profiles.yaml");
    missing.assert().code(1).stderr(contains("which STYTCH_CONFIG names"));
}

#[cfg(unix)]
#[test]
fn a_source_that_fails_names_the_profile_and_what_it_is() {
    let world = World::new();
    let fails = |source: &str, code: i32| {
        let output = world.profiled(&world.profile(source), &LIST).assert().code(code);
        let said = String::from_utf8(output.get_output().stderr.clone()).unwrap();
        assert!(said.contains("profile here: "), "{said}");
        said
    };
    assert!(fails("{ file: none.secret }", 1).contains("none.secret"));
    let said = fails("{ command: exit 3 }", 1);
    assert!(said.contains("exit status: 3") && !said.contains("Without it"), "{said}");
    assert!(fails("{ command: 'true' }", 1).contains("wrote nothing"));
    assert!(fails("{ variable: NOT_SET }", 2).contains("set NOT_SET"));
    // A keychain that has no such account.
    world.write("secret-tool", "#!/bin/sh\nexit 1\n");
    let tool = world.path("secret-tool");
    let mut mode = permissions(&tool);
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
    std::fs::set_permissions(&tool, mode).unwrap();
    let mut command = world.profiled(&world.profile("{ keychain: live }"), &LIST);
    let path = std::env::var("PATH").unwrap();
    command.env("PATH", format!("{}:{path}", world.dir.path().display()));
    if cfg!(target_os = "linux") {
        command.assert().code(1).stderr(contains("secret-tool store --label 'stytch-m2m live'"));
    }
}

#[cfg(unix)]
fn permissions(path: &std::path::Path) -> std::fs::Permissions {
    std::fs::metadata(path).unwrap().permissions()
}

#[test]
fn a_secret_written_into_the_profiles_is_refused_and_not_repeated() {
    let world = World::new();
    for wrong in ["canary-literal", "{ value: canary-literal }", "[canary-literal]"] {
        let output = world.profiled(&world.profile(wrong), &LIST).assert().code(2);
        output.stderr(contains("never written here").and(contains("canary-literal").not()));
        let output = world.profiled(&world.profile(wrong), &["profiles", "list"]).assert().code(2);
        output.stderr(contains("never written here").and(contains("canary-literal").not()));
    }
}
