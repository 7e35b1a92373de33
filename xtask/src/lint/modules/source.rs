//! A crate's files: what each defines, and what each names.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, ItemMod, ItemUse, Meta, UseTree, Visibility};

use super::circles::Uses;

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

/// What the code of a module says.
#[derive(Default)]
struct Code {
    names: BTreeMap<String, Vec<Name>>,
    globs: Vec<Vec<String>>,
    mentions: Vec<Mention>,
}

impl Code {
    fn mention(&mut self, path: Vec<String>, is_export: bool) {
        self.mentions.push(Mention { path, is_export });
    }

    /// The paths in a macro's text, which can be anything.
    fn mention_all(&mut self, text: &str) {
        for path in paths(text) {
            self.mention(path, false);
        }
    }

    fn import(&mut self, mut path: Vec<String>, tree: &UseTree, is_export: bool) {
        let (last, name) = match tree {
            UseTree::Path(part) => {
                path.push(part.ident.to_string());
                return self.import(path, &part.tree, is_export);
            }
            UseTree::Group(group) => {
                return group
                    .items
                    .iter()
                    .for_each(|tree| self.import(path.clone(), tree, is_export));
            }
            UseTree::Glob(_) => {
                self.globs.push(path.clone());
                // To use all of a module is to use the module.
                path.push("*".to_owned());
                return self.mention(path, is_export);
            }
            UseTree::Name(name) => (&name.ident, &name.ident),
            UseTree::Rename(rename) => (&rename.ident, &rename.rename),
        };
        let mut name = name.to_string();
        match last == "self" {
            true if name == "self" => name = path.last().cloned().unwrap_or_default(),
            true => {}
            false => path.push(last.to_string()),
        }
        self.names.entry(name).or_default().push(Name::Import(path.clone()));
        self.mention(path, is_export);
    }
}

impl<'ast> Visit<'ast> for Code {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        match item {
            ImplItem::Fn(function) if is_test(&function.attrs) => {}
            item => visit::visit_impl_item(self, item),
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let is_own = match &item.vis {
            Visibility::Inherited => true,
            Visibility::Restricted(vis) => vis.path.is_ident("self"),
            _ => false,
        };
        if item.leading_colon.is_none() {
            self.import(Vec::new(), &item.tree, !is_own);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|segment| segment.ident.to_string());
        // A single name is the module's own, or imported.
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            self.mention(segments.collect(), false);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.mention_all(&call.tokens.to_string());
        visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.mention_all(&list.tokens.to_string());
        }
    }
}

/// The paths in a text of code: what has `::` between names.
fn paths(text: &str) -> Vec<Vec<String>> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let (mut paths, mut path, mut rest) = (Vec::new(), Vec::new(), text.trim_start());
    while let Some(next) = rest.chars().next() {
        let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(length.max(next.len_utf8()));
        rest = after.trim_start();
        if length == 0 {
            continue;
        }
        path.push(name.to_owned());
        match rest.strip_prefix("::") {
            Some(after) => rest = after.trim_start(),
            None => paths.push(std::mem::take(&mut path)),
        }
        if !rest.starts_with(is_name) && !path.is_empty() {
            paths.push(std::mem::take(&mut path));
        }
    }
    paths.retain(|path| path.len() > 1);
    paths
}

/// The name that an item defines.
fn defined(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether this is compiled for tests alone.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).any(|attribute| {
        let Meta::List(list) = &attribute.meta else { return false };
        let condition = list.tokens.to_string();
        let mut words = condition.split(|c: char| !c.is_alphanumeric());
        words.clone().any(|word| word == "test") && words.all(|word| word != "not" && word != "any")
    })
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
