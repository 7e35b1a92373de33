//! A crate's files: what each defines, and what each names.

mod code;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use syn::visit::Visit as _;
use syn::{Item, ItemMod};

use super::circles::Uses;
use code::{Code, attributes, defined, is_test};

/// The modules of a crate; the first is its root.
pub(super) struct Crate {
    modules: Vec<Module>,
}

#[derive(Default)]
struct Module {
    /// As the circle shows it: relative to the root's folder.
    file: String,
    parent: Option<usize>,
    names: BTreeMap<String, Vec<Name>>,
    globs: Vec<Vec<String>>,
    mentions: Vec<Mention>,
}

/// What a name is in a module. It can be several things, as a module and a function.
enum Name {
    Module(usize),
    Item,
    Import(Vec<String>),
}

/// A path in the code.
struct Mention {
    path: Vec<String>,
    /// It only passes on what it names.
    is_export: bool,
}

/// What a path leads to: a module, or an item that a module defines.
#[derive(Clone, Copy)]
enum Target {
    Module(usize),
    Item(usize),
}

impl Crate {
    pub(super) fn read(root: &Path) -> Result<Self> {
        let folder = root.parent().context("a crate's root without a folder")?;
        let mut reader = Reader { folder: folder.to_owned(), modules: Vec::new() };
        reader.file(root, folder, None)?;
        Ok(Self { modules: reader.modules })
    }

    /// What each file uses of the others.
    pub(super) fn uses(&self) -> Uses {
        let mut uses = Uses::new();
        for (from, module) in self.modules.iter().enumerate() {
            let of = uses.entry(module.file.clone()).or_default();
            for Mention { path, is_export } in &module.mentions {
                let Some(Target::Item(to)) = self.resolve(from, path, &mut Vec::new()) else {
                    continue;
                };
                let Some(file) = self.modules.get(to).map(|module| &module.file) else { continue };
                if *file != module.file && !(*is_export && self.is_within(to, from)) {
                    of.entry(file.clone()).or_insert_with(|| path.join("::"));
                }
            }
        }
        uses
    }

    fn is_within(&self, module: usize, ancestor: usize) -> bool {
        let parent = self.modules.get(module).and_then(|module| module.parent);
        parent.is_some_and(|parent| parent == ancestor || self.is_within(parent, ancestor))
    }

    /// `None` for what is not this crate's. `seen` ends imports that name each other.
    fn resolve(
        &self,
        from: usize,
        path: &[String],
        seen: &mut Vec<(usize, String)>,
    ) -> Option<Target> {
        let (first, mut rest) = path.split_first()?;
        let mut here = match first.as_str() {
            "crate" => Target::Module(0),
            "self" => Target::Module(from),
            "super" => Target::Module(self.modules.get(from)?.parent?),
            name => self.lookup(from, name, !rest.is_empty(), seen)?,
        };
        // After an item come its variants and what is associated with it.
        while let (Target::Module(module), [name, others @ ..]) = (here, rest) {
            here = match name.as_str() {
                "super" => Target::Module(self.modules.get(module)?.parent?),
                // What is not found there is made there by a macro.
                name => self
                    .lookup(module, name, !others.is_empty(), seen)
                    .unwrap_or(Target::Item(module)),
            };
            rest = others;
        }
        Some(here)
    }

    /// What `name` is in a module; if it is a module as well, that if something `follows`.
    fn lookup(
        &self,
        module: usize,
        name: &str,
        follows: bool,
        seen: &mut Vec<(usize, String)>,
    ) -> Option<Target> {
        let place = (module, name.to_owned());
        if seen.contains(&place) {
            return None;
        }
        seen.push(place);
        let known = self.modules.get(module)?;
        let mut targets = Vec::new();
        for name in known.names.get(name).into_iter().flatten() {
            targets.extend(match name {
                Name::Module(child) => Some(Target::Module(*child)),
                Name::Item => Some(Target::Item(module)),
                Name::Import(path) => self.resolve(module, path, seen),
            });
        }
        for glob in known.globs.iter().filter(|_| targets.is_empty()) {
            if let Some(Target::Module(other)) = self.resolve(module, glob, seen) {
                targets.extend(self.lookup(other, name, follows, seen));
                break;
            }
        }
        seen.pop();
        let wanted = |target: &&Target| matches!(target, Target::Module(_)) == follows;
        targets.iter().find(wanted).or(targets.first()).copied()
    }
}

struct Reader {
    folder: PathBuf,
    modules: Vec<Module>,
}

impl Reader {
    /// Reads a file; the files of its modules are in `children`.
    fn file(&mut self, path: &Path, children: &Path, parent: Option<usize>) -> Result<usize> {
        let text = fs::read_to_string(path).with_context(|| format!("no {}", path.display()))?;
        let code = syn::parse_file(&text).with_context(|| format!("in {}", path.display()))?;
        let name = path.strip_prefix(&self.folder).unwrap_or(path).display().to_string();
        self.module(name, &code.items, children, parent)
    }

    fn module(
        &mut self,
        file: String,
        items: &[Item],
        children: &Path,
        parent: Option<usize>,
    ) -> Result<usize> {
        let index = self.modules.len();
        self.modules.push(Module { file: file.clone(), parent, ..Module::default() });
        let mut code = Code::default();
        for item in items.iter().filter(|item| !is_test(attributes(item))) {
            match item {
                Item::Mod(inner) => {
                    let name = inner.ident.to_string();
                    let child = self.child(&file, inner, &children.join(&name), index)?;
                    code.names.entry(name).or_default().push(Name::Module(child));
                }
                item => code.visit_item(item),
            }
            if let Some(name) = defined(item) {
                code.names.entry(name).or_default().push(Name::Item);
            }
        }
        if let Some(module) = self.modules.get_mut(index) {
            let Code { names, globs, mentions } = code;
            *module = Module { names, globs, mentions, file, parent };
        }
        Ok(index)
    }

    fn child(
        &mut self,
        file: &str,
        module: &ItemMod,
        folder: &Path,
        parent: usize,
    ) -> Result<usize> {
        match &module.content {
            Some((_, items)) => self.module(file.to_owned(), items, folder, Some(parent)),
            None => self.file(&folder.with_extension("rs"), folder, Some(parent)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each file of a crate uses, as `"user -> used"`.
    fn uses(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, code) in files {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, code).unwrap();
        }
        let uses = Crate::read(&folder.path().join("lib.rs")).unwrap().uses();
        let pairs = uses.iter().flat_map(|(user, of)| of.keys().map(move |used| (user, used)));
        pairs.map(|(user, used)| format!("{user} -> {used}")).collect()
    }

    #[test]
    fn an_item_is_of_the_file_that_defines_it_whoever_passes_it_on() {
        let files = [
            ("lib.rs", "mod a; mod b; pub use a::Item;"),
            ("a.rs", "mod c; pub use self::c::*;"),
            ("a/c.rs", "pub struct Item;"),
            ("b.rs", "use crate::Item; use crate::a::Item as Same; fn f(_: Item, _: Same) {}"),
        ];
        assert_eq!(uses(&files), ["b.rs -> a/c.rs"]);
    }

    #[test]
    fn every_way_to_name_an_item_is_a_use() {
        for code in [
            "use crate::a::f;",
            "use crate::a; fn g() { a::f() }",
            "fn g() { crate::a::f() }",
            "fn g() { super::a::f() }",
            "fn g() { use super::a; a::f() }",
            "use super::a::*;",
            "fn g() { println!(\"{}\", crate::a::f()) }",
            "#[serde(with = \"crate::a\", default = \"crate::a::f\")] struct S;",
            "fn g() -> crate::a::MadeByAMacro {}",
        ] {
            let files = [("lib.rs", "mod a; mod b;"), ("a.rs", "pub fn f() {}"), ("b.rs", code)];
            assert_eq!(uses(&files), ["b.rs -> a.rs"], "{code}");
        }
    }

    #[test]
    fn tests_modules_and_other_crates_are_no_use() {
        for code in [
            "#[cfg(test)] mod tests { use crate::a::f; }",
            "#[cfg(test)] use crate::a::f;",
            "use crate::a;",
            "use other::a::f; fn g() { other::a::f() }",
            "use ::a::f;",
        ] {
            let files = [("lib.rs", "mod a; mod b;"), ("a.rs", "pub fn f() {}"), ("b.rs", code)];
            assert_eq!(uses(&files), [""; 0], "{code}");
        }
    }
}
