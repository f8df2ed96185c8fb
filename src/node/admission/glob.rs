//! Text with stars in it.

/// A text in which each `*` stands for one or more characters, but not for any of some that it stops at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob {
    /// What stands before, between and behind the stars.
    parts: Vec<String>,
    stops: &'static [char],
}

impl Glob {
    /// `None` if two stars stand side by side, which says nothing that one does not.
    pub(super) fn new(text: &str, stops: &'static [char]) -> Option<Self> {
        let parts = text.split('*').map(str::to_owned).collect();
        (!text.contains("**")).then_some(Self { parts, stops })
    }

    pub(super) fn has_stars(&self) -> bool {
        self.parts.len() > 1
    }

    /// Takes as long as the text is long, however many stars there are. Each part is looked for once, and the first
    /// place where it stands is the right one: any later place leaves a longer way for the star before it, which
    /// stops where this one would have, and no more room for those behind.
    pub(super) fn matches(&self, text: &str) -> bool {
        let [first, between @ .., last] = self.parts.as_slice() else { return self.parts.iter().any(|only| only == text) };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        for part in between {
            match self.after(rest, part) {
                Some(behind) => rest = behind,
                None => return false,
            }
        }
        rest.strip_suffix(last.as_str()).is_some_and(|starred| self.is_starred(starred))
    }

    /// What is left of the text behind a star and this part.
    fn after<'a>(&self, text: &'a str, part: &str) -> Option<&'a str> {
        let second = text.chars().next()?.len_utf8();
        let at = text.get(second..)?.find(part)?.saturating_add(second);
        let (starred, found) = text.split_at_checked(at)?;
        self.is_starred(starred).then(|| found.strip_prefix(part))?
    }

    fn is_starred(&self, text: &str) -> bool {
        !text.is_empty() && !text.contains(self.stops)
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;
    use proptest::prelude::*;

    /// As one would write it down, and as slow as that is.
    fn slowly(pattern: &[char], text: &[char], stops: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', pattern @ ..], [one, text @ ..]) if !stops.contains(one) => {
                slowly(pattern, text, stops)
                    || (1..=text.len()).any(|more| {
                        let (starred, rest) = text.split_at(more);
                        !starred.iter().any(|c| stops.contains(c)) && slowly(pattern, rest, stops)
                    })
            }
            ([wanted, pattern @ ..], [one, text @ ..]) if wanted == one && *wanted != '*' => slowly(pattern, text, stops),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn it_finds_what_trying_everything_finds(pattern in "[ab/é*]{0,8}", text in "[ab/é]{0,10}") {
            let Some(glob) = Glob::new(&pattern, &['/']) else { return Ok(()) };
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(glob.matches(&text), slowly(&chars(&pattern), &chars(&text), &['/']), "{} {}", pattern, text);
        }
    }

    #[test]
    fn a_thousand_stars_against_a_long_text_cost_no_more_than_the_text_is_long() {
        // By trying everything this would not end before the universe does.
        let glob = Glob::new(&"*a".repeat(1_000), &[]).unwrap();
        assert!(glob.matches(&"a".repeat(1_000_000)));
        assert!(!glob.matches(&format!("{}b", "a".repeat(1_000_000))));
    }
}
