//! Tables that fit the terminal, and in which no value can pass for another row or field.

use comfy_table::{ColumnConstraint, ContentArrangement, Width, presets};
use textwrap::core::display_width;
use textwrap::{Options, WordSplitter};

use crate::terminal;

/// Blanks between two columns.
const GAP: usize = 2;
/// A column is not made narrower than this to fit the terminal.
const NARROWEST_COLUMN: usize = 10;
/// Further lines of a value start so.
const INDENT: &str = "    ";

/// Rows under headings. The first column names the row, and is never broken into lines.
pub(crate) struct Table {
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<const N: usize>(headings: [&str; N]) -> Self {
        Self { headings: headings.map(str::to_owned).to_vec(), rows: Vec::new() }
    }

    pub(crate) fn add_row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.to_vec());
    }

    /// As wide as the terminal allows, or as the values are where there is no terminal.
    pub(crate) fn text(&self) -> String {
        self.fitted(terminal::width())
    }

    fn fitted(&self, width: Option<usize>) -> String {
        let Some(width) = width else { return self.columns(None) };
        let (name, others) = match self.column_widths().split_first() {
            Some((first, rest)) => (*first, rest.to_vec()),
            None => return String::new(),
        };
        let gaps = GAP * others.len();
        let natural: usize = others.iter().sum();
        let least: usize = others.iter().map(|wide| (*wide).min(NARROWEST_COLUMN)).sum();
        if name + natural + gaps <= width {
            self.columns(None)
        } else if name + least + gaps <= width {
            self.columns(Some(width))
        } else {
            self.records(width)
        }
    }

    fn column_widths(&self) -> Vec<usize> {
        let lines = || std::iter::once(&self.headings).chain(&self.rows);
        let width = |column| {
            let cells = lines().filter_map(|line| line.get(column));
            cells.map(|cell: &String| display_width(cell)).max().unwrap_or_default()
        };
        (0..self.headings.len()).map(width).collect()
    }

    /// One line a row, or several where a cell is wrapped.
    fn columns(&self, width: Option<usize>) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).set_header(self.headings.iter());
        for row in &self.rows {
            table.add_row(row.iter());
        }
        if let Some(width) = width {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            // The last column's gap is not printed.
            table.set_width(u16::try_from(width + GAP).unwrap_or(u16::MAX));
        }
        let widths = self.column_widths();
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, GAP as u16));
            let natural = widths.get(index).copied().unwrap_or_default();
            if width.is_some() {
                column.set_constraint(match index {
                    0 => ColumnConstraint::ContentWidth,
                    _ => {
                        let least = natural.min(NARROWEST_COLUMN) + GAP;
                        ColumnConstraint::LowerBoundary(Width::Fixed(least as u16))
                    }
                });
            }
        }
        let lines: Vec<_> = table.lines().map(|line| line.trim_end().to_owned()).collect();
        lines.join("\n")
    }

    /// One paragraph a row, one field a line, for terminals that are too narrow for columns.
    fn records(&self, width: usize) -> String {
        let record = |row: &Vec<String>| {
            let fields = self.headings.iter().zip(row).filter(|(_, value)| !value.is_empty());
            let lines = fields.map(|(heading, value)| field(heading, value, Some(width)));
            lines.collect::<Vec<_>>().join("\n")
        };
        self.rows.iter().map(record).collect::<Vec<_>>().join("\n\n")
    }
}

/// `name: value`, whose further lines are indented so that none of them looks like a field.
pub(crate) fn field(name: &str, value: &str, width: Option<usize>) -> String {
    let line = if name.is_empty() { value.to_owned() } else { format!("{name}: {value}") };
    match width {
        None => line,
        Some(width) => {
            let options = Options::new(width)
                .subsequent_indent(INDENT)
                .word_splitter(WordSplitter::NoHyphenation);
            textwrap::fill(&line, options)
        }
    }
}

#[cfg(test)]
mod tests;
