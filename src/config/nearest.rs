//! What was perhaps meant by a word that nobody knows.

/// The known word that is most like this one, if any is like it.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = spelt(word);
    let length = word.chars().count();
    let likeness = |known: &'a str| (distance(&word, &spelt(known)), known);
    let is_a_word = length <= LONGEST && word.contains(char::is_alphabetic);
    let near = known.into_iter().filter(|_| is_a_word).map(likeness).min_by_key(|(distance, _)| *distance);
    near.filter(|(distance, _)| *distance <= 1 + length / 4).map(|(_, known)| known)
}

/// In the way of this house: `minVersion` and `min-version` are `min_version`.
fn spelt(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

/// How many letters have to be put in, left out or changed to get from one to the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().enumerate() {
        let (mut left, mut diagonal) = (index + 1, index);
        let mut row = vec![left];
        for (same, up) in other.iter().map(|other| *other == letter).zip(above.iter().skip(1)) {
            left = (diagonal + usize::from(!same)).min(left + 1).min(up + 1);
            diagonal = *up;
            row.push(left);
        }
        above = row;
    }
    above.last().copied().unwrap_or(0)
}

/// No key is longer, and nobody shall be kept busy by one that is.
const LONGEST: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_was_meant_is_found_and_no_other_is_made_up() {
        let known = ["name", "cookie", "min_version", "max_seconds", "port", "port_range"];
        let found = |word| nearest(word, known);
        assert_eq!(
            [found("nane"), found("nmae"), found("cokie"), found("prot")],
            [Some("name"), Some("name"), Some("cookie"), Some("port")]
        );
        assert_eq!([found("minVersion"), found("port-range"), found("Port")], [Some("min_version"), Some("port_range"), Some("port")]);
        assert_eq!([found("zz"), found("secret"), found(""), found(&"port".repeat(20))], [None; 4]);
        assert_eq!([nearest("port", []), nearest("1.1", ["1.2", "1.3"])], [None; 2]);
    }

    #[test]
    fn the_distance_of_two_words_counts_their_letters() {
        assert_eq!([distance("", "abc"), distance("abc", ""), distance("kitten", "sitting")], [3, 3, 3]);
    }
}
