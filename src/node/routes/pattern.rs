//! Which names a route is for.

use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node_name::{NodeName, NotANodeName};
use regex_lite::{Regex, RegexBuilder, escape};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A name, a name with `*` for any characters or none, or, if it begins with `^`, a regular expression, which matches
/// whatever begins so unless it ends with `$`. Matching takes time in proportion to pattern and name, never more.
///
/// ```
/// use countersign::node::NodePattern;
///
/// let databases: NodePattern = "db-*@internal".parse()?;
/// assert!(databases.matches(&"db-1@internal".parse()?));
/// assert!(!databases.matches(&"db-1@internal.example".parse()?));
/// assert!("^db-[0-9]+@".parse::<NodePattern>()?.matches(&"db-1@internal.example".parse()?));
/// assert!("db-1".parse::<NodePattern>().is_err(), "this is no name, and says of no other what it begins or ends with");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct NodePattern {
    text: Arc<str>,
    /// `None`: the very name.
    expression: Option<Regex>,
}

impl NodePattern {
    /// This name alone.
    pub fn exactly(name: &NodeName) -> Self {
        Self { text: name.as_str().into(), expression: None }
    }

    /// Every name.
    pub(in crate::node) fn everybody() -> Self {
        Self { text: "*".into(), expression: Regex::new("").ok() }
    }

    /// Whether it is for this name.
    pub fn matches(&self, name: &NodeName) -> bool {
        let is_it = || *self.text == *name.as_str();
        self.expression.as_ref().map_or_else(is_it, |expression| expression.is_match(name.as_str()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for NodePattern {
    type Err = NotANodePattern;

    fn from_str(text: &str) -> Result<Self, NotANodePattern> {
        if text.len() > LONGEST {
            return Err(NotANodePattern::TooLong { length: text.len(), most: LONGEST });
        }
        if text.starts_with('^') {
            return compiled(text, text);
        }
        if text.contains('*') {
            let between: Vec<String> = text.split('*').map(escape).collect();
            return compiled(text, &format!("^{}$", between.join(".*")));
        }
        NodeName::new(text).map(|name| Self::exactly(&name)).map_err(NotANodePattern::Name)
    }
}

fn compiled(text: &str, expression: &str) -> Result<NodePattern, NotANodePattern> {
    let compiled = RegexBuilder::new(expression).size_limit(LARGEST).build();
    Ok(NodePattern { text: text.into(), expression: Some(compiled.map_err(NotANodePattern::Expression)?) })
}

impl fmt::Display for NodePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// Why text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotANodePattern {
    /// Without a star it has to be a name.
    #[error("without a star it is to be a whole name: {0}")]
    Name(NotANodeName),
    /// No regular expression, or a huge one.
    #[error("not a regular expression: {0}")]
    Expression(regex_lite::Error),
    /// Longer than anybody writes.
    #[error("it has {length} bytes, and a pattern has at most {most}")]
    TooLong {
        /// How long it is.
        length: usize,
        /// How long it may be.
        most: usize,
    },
}

impl Failure for NotANodePattern {
    fn code(&self) -> Code {
        Code::InvalidTlsConfiguration
    }

    fn hint(&self) -> Hint {
        Hint::fixed(
            "write a name (db-1@internal), one with stars (db-*@internal), or a regular expression that begins with ^ (^db-[0-9]+@)",
        )
    }
}

const LONGEST: usize = 1024;
/// Of what an expression is compiled to: a short text can stand for a huge one.
const LARGEST: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        let pattern: NodePattern = pattern.parse().unwrap_or_else(|error| panic!("{pattern}: {error}"));
        pattern.matches(&NodeName::new(name).unwrap_or_else(|error| panic!("{name}: {error}")))
    }

    #[test]
    fn a_star_stands_for_anything_and_everything_else_for_itself() {
        for (pattern, name) in [("*", "a@b"), ("a@*", "a@b"), ("*@b.c", "a@b.c"), ("a*b@**c", "a-x*b@c"), ("(x)+@[b]*", "(x)+@[b]1")] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("a@*", "aa@b"), ("*@b.c", "a@bxc"), ("*@b", "a@b.c"), ("a*b@c", "a@c"), ("A@*", "a@b")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_name_is_that_name_alone() {
        assert!(matches("a.b@c", "a.b@c") && !matches("a.b@c", "axb@c") && !matches("a.b@c", "a.b@c.d"));
    }

    #[test]
    fn an_expression_may_leave_open_how_a_name_ends() {
        assert!(matches("^db-.*@", "db-1@x") && !matches("^db-.*@", "a-db-1@x"));
        assert!(matches("^(a|b)@x$", "b@x") && !matches("^(a|b)@x$", "b@x.y"));
    }

    #[test]
    fn what_is_no_pattern_is_refused_and_a_short_text_cannot_become_a_huge_one() {
        for text in ["", "a", "^(", "^a{1000}{1000}", "a b@c"] {
            assert!(text.parse::<NodePattern>().is_err(), "{text}");
        }
        assert!("*".repeat(LONGEST + 1).parse::<NodePattern>().is_err());
    }

    #[test]
    fn the_worst_pattern_for_matchers_that_try_again_is_none_for_this_one() {
        let name = format!("{}@b", "a".repeat(250));
        assert!(!matches(&format!("{}c", "a*".repeat(100)), &name));
        assert!(!matches("^(a*)*(a*)*(a*)*c", &name));
    }
}
