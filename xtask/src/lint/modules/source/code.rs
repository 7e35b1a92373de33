//! What the code of one module says: the names that it defines and imports, and the paths in it.

use std::collections::BTreeMap;

use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, ItemUse, Meta, UseTree, Visibility};

use super::{Mention, Name};

/// What the code of a module says.
#[derive(Default)]
pub(super) struct Code {
    pub(super) names: BTreeMap<String, Vec<Name>>,
    pub(super) globs: Vec<Vec<String>>,
    pub(super) mentions: Vec<Mention>,
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
pub(super) fn defined(item: &Item) -> Option<String> {
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

pub(super) fn attributes(item: &Item) -> &[Attribute] {
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
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).any(|attribute| {
        let Meta::List(list) = &attribute.meta else { return false };
        let condition = list.tokens.to_string();
        let mut words = condition.split(|c: char| !c.is_alphanumeric());
        words.clone().any(|word| word == "test") && words.all(|word| word != "not" && word != "any")
    })
}
