//! The circles of a graph.

use std::collections::{BTreeMap, BTreeSet};

/// For each file, those that it uses, and what of each.
pub(super) type Uses = BTreeMap<String, BTreeMap<String, String>>;

/// The groups of files that use each other, directly or by way of others of the group. A file and
/// those in its own folder are no such group, unless those are one without it.
pub(super) fn circles(uses: &Uses) -> Vec<Vec<&str>> {
    within(uses, &uses.keys().map(String::as_str).collect(), &BTreeSet::new())
}

/// Those among `files`, when what `parents` use in their own folders does not count.
fn within<'u>(
    uses: &'u Uses,
    files: &BTreeSet<&'u str>,
    parents: &BTreeSet<&'u str>,
) -> Vec<Vec<&'u str>> {
    let reached: BTreeMap<_, _> =
        files.iter().map(|file| (*file, reached_from(uses, file, files, parents))).collect();
    let reaches = |file: &str, other: &str| reached.get(file).is_some_and(|of| of.contains(other));
    let mut left = files.clone();
    let mut circles = Vec::new();
    while let Some(file) = left.pop_first() {
        let mut group: BTreeSet<_> = files
            .iter()
            .copied()
            .filter(|other| reaches(file, other) && reaches(other, file))
            .collect();
        left.retain(|file| !group.contains(file));
        if group.len() < 2 {
            continue;
        }
        let parent = group
            .iter()
            .find(|parent| group.iter().all(|file| file == *parent || is_below(file, parent)));
        match parent {
            Some(parent) => {
                let parents = parents.iter().chain([parent]).copied().collect();
                circles.extend(within(uses, &group, &parents));
            }
            None => circles.push(std::mem::take(&mut group).into_iter().collect()),
        }
    }
    circles
}

/// The files that `file` uses, directly or by way of others.
fn reached_from<'u>(
    uses: &'u Uses,
    file: &'u str,
    files: &BTreeSet<&'u str>,
    parents: &BTreeSet<&'u str>,
) -> BTreeSet<&'u str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![file];
    while let Some(file) = open.pop() {
        for other in uses.get(file).into_iter().flat_map(|of| of.keys()) {
            let counts = !(parents.contains(file) && is_below(other, file));
            if counts && files.contains(other.as_str()) && reached.insert(other.as_str()) {
                open.push(other);
            }
        }
    }
    reached
}

/// Whether `file` is in the folder of `parent`, as `a/b.rs` and `a/b/c.rs` are in that of `a.rs`.
fn is_below(file: &str, parent: &str) -> bool {
    let folder = parent.strip_suffix(".rs").unwrap_or(parent);
    file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A graph of `"user: used used"`.
    fn graph(lines: &[&str]) -> Uses {
        let mut uses = Uses::new();
        for (file, used) in lines.iter().filter_map(|line| line.split_once(": ")) {
            let used = used.split(' ').map(|file| (file.to_owned(), String::new()));
            uses.insert(file.to_owned(), used.collect());
        }
        uses
    }

    #[test]
    fn files_that_use_each_other_by_way_of_a_third_are_a_circle() {
        let uses = graph(&["a.rs: b.rs", "b.rs: c.rs", "c.rs: a.rs d.rs", "d.rs: e.rs"]);
        assert_eq!(circles(&uses), [["a.rs", "b.rs", "c.rs"]]);
    }

    #[test]
    fn a_graph_without_a_circle_has_none() {
        let uses = graph(&["a.rs: b.rs c.rs", "b.rs: d.rs", "c.rs: d.rs"]);
        assert_eq!(circles(&uses), [[""; 0]; 0]);
    }

    #[test]
    fn a_parent_and_its_children_may_use_each_other() {
        let uses =
            graph(&["a.rs: a/b.rs a/c.rs", "a/b.rs: a.rs a/b/d.rs", "a/b/d.rs: a.rs a/b.rs"]);
        assert_eq!(circles(&uses), [[""; 0]; 0]);
    }

    #[test]
    fn children_may_not_use_each_other_and_not_by_way_of_a_file_elsewhere() {
        let uses = graph(&["a.rs: a/b.rs", "a/b.rs: a.rs a/c.rs", "a/c.rs: a/b.rs"]);
        assert_eq!(circles(&uses), [["a/b.rs", "a/c.rs"]]);
        let uses = graph(&["a.rs: a/b.rs", "a/b.rs: c.rs", "c.rs: a.rs"]);
        assert_eq!(circles(&uses), [["a.rs", "a/b.rs", "c.rs"]]);
    }
}
