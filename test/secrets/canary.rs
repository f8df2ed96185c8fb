//! A secret that is like no other text, and the forms in which it could come out.

use countersign::x509::pem::{self, Origin};
use std::fmt::Write;

pub(crate) struct Canary {
    what: &'static str,
    forms: Vec<String>,
}

impl Canary {
    pub(crate) fn text(what: &'static str, text: &str) -> Self {
        Self { what, forms: [vec![text.to_owned()], in_digits(text.as_bytes())].concat() }
    }

    /// A key: the lines of its PEM, and its secret number.
    pub(crate) fn key(pem: &str) -> Self {
        let lines = pem.lines().filter(|line| !line.is_empty() && !line.starts_with("-----")).map(str::to_owned);
        let block = pem::blocks(&Origin::memory(), pem.as_bytes()).unwrap().remove(0);
        let der = block.der.expose();
        // OCTET STRING of 32 bytes, in what RFC 5915 calls an ECPrivateKey.
        let at = der.windows(2).position(|two| two == [0x04, 0x20]).unwrap() + 2;
        Self { what: "key", forms: lines.chain(in_digits(&der[at..at + 32])).collect() }
    }

    /// Fails if it stands anywhere in the text.
    #[track_caller]
    pub(crate) fn is_not_in(&self, place: &str, text: &str) {
        let found = self.forms.iter().find(|form| text.contains(form.as_str()));
        if let Some(form) = found {
            let line = text.lines().find(|line| line.contains(form.as_str())).unwrap_or(text);
            panic!("the {} came out of {place} as {form}:\n{line}", self.what);
        }
    }
}

/// As `{:?}` of bytes, as Erlang prints them, in hexadecimal, and in base64.
fn in_digits(bytes: &[u8]) -> Vec<String> {
    let separated = |separator: &str, digit: fn(&u8) -> String| bytes.iter().map(digit).collect::<Vec<_>>().join(separator);
    let lower: fn(&u8) -> String = |byte| format!("{byte:02x}");
    let upper: fn(&u8) -> String = |byte| format!("{byte:02X}");
    let decimal: fn(&u8) -> String = u8::to_string;
    vec![
        separated("", lower),
        separated("", upper),
        separated(":", lower),
        separated(":", upper),
        separated(", ", decimal),
        separated(",", decimal),
        base64(bytes),
    ]
}

/// Of whole groups of three: what follows them depends on what stands behind.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes.chunks_exact(3).fold(String::new(), |mut out, three| {
        let bits = three.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        let digits = [18, 12, 6, 0].map(|shift| char::from(DIGITS[bits >> shift & 63]));
        write!(out, "{}", String::from_iter(digits)).unwrap();
        out
    })
}

#[test]
fn a_canary_is_found_in_every_form() {
    let canary = Canary::text("cookie", "hunter2-is");
    for text in [
        "x hunter2-is y",
        "[104, 117, 110, 116, 101, 114, 50, 45, 105, 115]",
        "<<104,117,110,116,101,114,50,45,105,115>>",
        "68756E746572322d6973".to_lowercase().as_str(),
        "aHVudGVyMi1pcw==",
    ] {
        let found = std::panic::catch_unwind(|| canary.is_not_in("a test", text));
        assert!(found.is_err(), "{text}");
    }
    canary.is_not_in("a test", "hunter2 is");
}
