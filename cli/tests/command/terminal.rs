//! What only a terminal sees: prompts, colours, questions.

use crate::pty::Terminal;
use crate::support::{ID, SECRET, World};

impl World {
    fn terminal(&self, arguments: &[&str], without: &[&str]) -> Terminal {
        let environment = self.environment().into_iter();
        let environment = environment.filter(|(name, _)| !without.contains(name));
        Terminal::start(self.dir.path(), environment, arguments)
    }
}

#[test]
fn secrets_are_asked_for_and_not_echoed() {
    let world = World::new();
    let get = ["token", "get", "--client-id", ID, "--token-file", "token"];
    let mut terminal = world.terminal(&get, &[]);
    terminal.expect("The client's secret: ");
    terminal.enter(SECRET);
    let (seen, code) = terminal.finish();
    assert_eq!(code, 0, "{seen}");
    assert!(!seen.contains(SECRET), "{seen}");
    assert!(!world.read("token").is_empty());
}

#[test]
fn the_projects_secret_is_asked_for() {
    let world = World::new();
    let mut terminal = world.terminal(&["clients", "list"], &["STYTCH_SECRET"]);
    terminal.expect("The project's secret: ");
    terminal.enter(world.emulator.secret());
    let (seen, code) = terminal.finish();
    assert_eq!(code, 0, "{seen}");
    assert!(seen.contains(ID) && !seen.contains(world.emulator.secret()), "{seen}");
}

#[test]
fn ctrl_c_at_a_prompt_interrupts() {
    let world = World::new();
    let mut terminal = world.terminal(&["clients", "list"], &["STYTCH_SECRET"]);
    terminal.expect("The project's secret: ");
    terminal.enter("\u{3}");
    assert_eq!(terminal.finish().1, 130);
}

#[test]
fn deleting_asks_first() {
    let world = World::new();
    for (answer, code, left) in [("n", 130, 1), ("y", 0, 0)] {
        let mut terminal = world.terminal(&["clients", "delete", ID], &[]);
        terminal.expect("Delete billing permanently? [y/N]");
        terminal.enter(answer);
        assert_eq!(terminal.finish().1, code);
        assert_eq!(world.json(&["clients", "list"]).as_array().unwrap().len(), left);
    }
}

#[test]
fn a_terminal_sees_colours() {
    let world = World::new();
    let (seen, code) = world.terminal(&["clients", "get", "nobody"], &[]).finish();
    assert_eq!(code, 5);
    assert!(seen.contains("\u{1b}[") && seen.contains("error:"), "{seen:?}");
    let arguments = ["clients", "get", "nobody", "--color", "never"];
    let (seen, _) = world.terminal(&arguments, &[]).finish();
    assert!(!seen.contains('\u{1b}'), "{seen:?}");
}

#[test]
fn a_secret_that_is_typed_for_standard_input_is_not_echoed() {
    let world = World::new();
    let get = ["token", "get", "--client-id", ID, "--token-file", "token", "--secret-from", "-"];
    let mut terminal = world.terminal(&get, &[]);
    terminal.expect("Secret: ");
    terminal.enter(SECRET);
    let (seen, code) = terminal.finish();
    assert_eq!(code, 0, "{seen}");
    assert!(!seen.contains(SECRET), "{seen}");
}
