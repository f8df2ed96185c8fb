//! Text in roff, as far as a manual page needs it.

use std::fmt::Write as _;

/// A page that is being written.
pub(super) struct Page(String);

impl Page {
    pub(super) fn new(title: &str, section: &str, version: &str) -> Self {
        Self(format!(".TH {title} {section} \"\" \"countersign {version}\" \"User Commands\"\n"))
    }

    pub(super) fn finish(self) -> String {
        self.0
    }

    pub(super) fn section(&mut self, title: &str) {
        self.push(&format!(".SH \"{title}\""));
    }

    pub(super) fn subsection(&mut self, title: &str) {
        self.push(&format!(".SS \"{}\"", escaped(title)));
    }

    pub(super) fn paragraph(&mut self) {
        self.push(".PP");
    }

    pub(super) fn text(&mut self, text: &str) {
        text.lines().for_each(|line| self.push(&escaped(line)));
    }

    pub(super) fn bold_then(&mut self, bold: &str, rest: &str) {
        self.push(&format!("\\fB{}\\fR{}", escaped(bold), escaped(rest)));
    }

    /// What a word means.
    pub(super) fn term(&mut self, word: &str, meaning: &str) {
        self.push(&format!(".TP\n\\fB{}\\fR", escaped(word)));
        self.text(meaning);
    }

    /// The end of a help text: its lines are filled, and what is indented, such as an example, stays as it is.
    pub(super) fn help(&mut self, text: &str) {
        let (mut is_indented, mut before) = (false, "");
        for line in text.lines() {
            match (is_indented, line.starts_with("  ")) {
                (false, true) => self.push(".PP\n.EX"),
                (true, false) => self.push(".EE\n.PP"),
                (false, false) if has_room_for(before, line) => self.push(".br"),
                _ => {}
            }
            (is_indented, before) = (line.starts_with("  "), line);
            if line.is_empty() { self.paragraph() } else { self.text(line) }
        }
        if is_indented {
            self.push(".EE");
        }
    }

    fn push(&mut self, line: &str) {
        // Writing to memory does not fail.
        let _ = writeln!(self.0, "{line}");
    }
}

/// Whether the first word of a line would have fitted behind the line before: then it begins a new one on purpose.
fn has_room_for(before: &str, line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    !before.is_empty() && !word.is_empty() && before.chars().count() + word.chars().count() < WIDTH
}

/// Hyphens that can be copied as such, and nothing that is taken for a command.
fn escaped(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-");
    if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line }
}

/// Less than the lines of help texts have when they are as long as they may be.
const WIDTH: usize = 90;

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn text_is_never_a_command_of_roffs() {
        assert_eq!(escaped(".erlang.cookie"), "\\&.erlang.cookie");
        assert_eq!(escaped("'a' --ca \\n"), "\\&'a' \\-\\-ca \\en");
    }
}
