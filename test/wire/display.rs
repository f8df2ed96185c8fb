//! What the shell prints: text, escapes, floats. Right columns are `io:format("~0tp", [T])` of OTP 25.

use countersign::etf::{Float, Term, atom, binary, improper, integer, list, string};

#[track_caller]
fn prints(term: impl Into<Term>, printed: &str) {
    assert_eq!(term.into().to_string(), printed);
}

#[test]
fn atoms_are_quoted_when_they_must_be() {
    for (name, printed) in [
        ("foo@bar", "foo@bar"),
        ("a1_@", "a1_@"),
        ("_a", "'_a'"),
        ("a-b", "'a-b'"),
        ("andalso", "'andalso'"),
        ("cond", "'cond'"),
        ("maybe", "maybe"),
        ("ß", "ß"),
        ("÷", "'÷'"),
        ("a÷", "'a÷'"),
        ("Ä", "'Ä'"),
        ("äÄ", "äÄ"),
        ("\\", "'\\\\'"),
        ("\u{7f}", "'\\d'"),
        ("a\tb\u{b}\u{8}\u{c}\u{1b}\r \u{0}\u{80}\u{a0}", "'a\\tb\\v\\b\\f\\e\\r \\000\\200\u{a0}'"),
        ("\"", "'\"'"),
    ] {
        prints(atom(name), printed);
    }
}

#[test]
fn lists_of_printable_characters_are_strings() {
    prints(string("\u{8}\t\n\u{b}\u{c}\r\u{1b}"), "\"\\b\\t\\n\\v\\f\\r\\e\"");
    prints(string("\\'\""), "\"\\\\'\\\"\"");
    prints(string("\u{a0}ÿ"), "\"\u{a0}ÿ\"");
    for unprintable in [7, 14, 127, 128, 256] {
        prints(list([97, unprintable]), &format!("[97,{unprintable}]"));
    }
    prints(improper([97, 98], atom("c")), "[97,98|c]");
    prints(list([Term::from(97), string("b")]), "[97,\"b\"]");
    prints(list([string("abc"), string("def")]), "[\"abc\",\"def\"]");
}

#[test]
fn binaries_are_text_when_it_is_clear_which() {
    prints("a\nb\"\u{1b}", "<<\"a\\nb\\\"\\e\">>");
    prints(binary(&[200, 201][..]), "<<\"ÈÉ\">>");
    prints(binary(&[255][..]), "<<\"ÿ\">>");
    prints(binary(&[127][..]), "<<127>>");
    prints(binary(&[128][..]), "<<128>>");
    prints("aλ", "<<97,206,187>>");
}

#[test]
fn floats_have_as_few_digits_as_they_need() {
    for (value, printed) in [
        (1e23, "1.0e23"),
        (0.1, "0.1"),
        (1e5, "1.0e5"),
        (1e22, "1.0e22"),
        (123_456_789_012_345_680.0, "1.2345678901234568e17"),
        (1e-5, "1.0e-5"),
        (0.001, "0.001"),
        (4e-4, "0.0004"),
        (1.2e-4, "1.2e-4"),
        (0.012_345, "0.012345"),
        (123_456_789.0, "123456789.0"),
        (9_007_199_254_740_991.0, "9007199254740991.0"),
        (9_007_199_254_740_992.0, "9.007199254740992e15"),
        (1_441_068_485_313_721.2, "1441068485313721.2"),
        (1_441_068_485_313_721.8, "1441068485313721.8"),
        (2.5e-7, "2.5e-7"),
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (5e-324, "5.0e-324"),
        (f64::MAX, "1.7976931348623157e308"),
    ] {
        prints(Float::new(value).unwrap(), printed);
    }
}

#[test]
fn long_integers_print_in_hexadecimal_as_erlang_reads_it() {
    let mut magnitude = vec![0; 1024];
    magnitude[1023] = 1;
    let decimal = integer(true, &magnitude).to_string();
    assert!(
        decimal.starts_with("-42607349047633434744") && decimal.ends_with("76509787755764514816") && decimal.len() == 2465,
        "{decimal}"
    );
    magnitude.extend([0, 0x0a]);
    let hexadecimal = integer(false, &magnitude).to_string();
    assert!(hexadecimal.starts_with("16#A0001000") && hexadecimal.len() == 3 + 1 + 2 * 1025, "{hexadecimal}");
}
