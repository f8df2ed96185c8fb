//! Whom a certificate is for.

use crate::hint::Hint;
use der::asn1::{Any, Ia5StringRef, ObjectIdentifier, PrintableStringRef, Utf8StringRef};
use der::{Decode, Encode, Tag, Tagged};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};

/// A distinguished name that may stand on a certificate.
///
/// ```
/// use countersign::authority::Subject;
///
/// assert_eq!(Subject::common_name("db-1")?.to_string(), "CN=db-1");
/// assert_eq!(Subject::distinguished("CN=db-1, O=Example")?.to_string(), "CN=db-1, O=Example");
/// # Ok::<(), countersign::authority::SubjectRefused>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject(Name);

impl Subject {
    /// A subject that consists of one common name.
    ///
    /// # Errors
    /// [`SubjectRefused`] if it is empty, longer than 64 characters, or holds control characters.
    pub fn common_name(name: &str) -> Result<Self, SubjectRefused> {
        check(name, name)?;
        let value = Any::new(Tag::Utf8String, name.as_bytes()).map_err(refuse(name))?;
        let part = RelativeDistinguishedName::try_from(vec![AttributeTypeAndValue { oid: COMMON_NAME, value }]);
        let mut parts = RdnSequence::default();
        parts.push(part.map_err(refuse(name))?);
        Self::of(&parts, name)
    }

    /// A whole distinguished name such as `CN=db-1,O=Example`, kept in the order in which it is written
    /// (RFC 4514 would turn it round, and `inspect` would show another name than was typed).
    ///
    /// # Errors
    /// [`SubjectRefused`] if the text is not of this form.
    pub fn distinguished(text: &str) -> Result<Self, SubjectRefused> {
        let mut parts = RdnSequence::default();
        for part in unescaped_split(text) {
            let (_, value) = part.split_once('=').ok_or_else(|| SubjectRefused { text: text.to_owned(), fault: SubjectFault::Form })?;
            check(value, text)?;
            let part: RelativeDistinguishedName = part.parse().map_err(refuse(text))?;
            part.iter().try_for_each(|attribute| well_formed(&attribute.value)).map_err(refuse(text))?;
            parts.push(part);
        }
        Self::of(&parts, text)
    }

    pub(crate) const fn from_name(name: Name) -> Self {
        Self(name)
    }

    pub(crate) const fn name(&self) -> &Name {
        &self.0
    }

    fn of(parts: &RdnSequence, text: &str) -> Result<Self, SubjectRefused> {
        let der = parts.to_der().map_err(refuse(text))?;
        Name::from_der(&der).map(Self).map_err(refuse(text))
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&crate::x509::name::distinguished(&self.0))
    }
}

/// The text is no subject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} cannot be a subject: {fault}")]
pub struct SubjectRefused {
    /// The text as it was given.
    pub text: String,
    /// The rule that it breaks.
    pub fault: SubjectFault,
}

/// What is wrong with a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectFault {
    /// Nothing between the separators.
    #[error("a value is empty")]
    Empty,
    /// RFC 5280, appendix A: `ub-common-name INTEGER ::= 64`.
    #[error("a value is longer than 64 characters")]
    TooLong,
    /// Something that would break a line.
    #[error("a value holds control characters")]
    Control,
    /// Not `KIND=VALUE`, or a kind that nobody knows.
    #[error("it is not of the form CN=…,O=… with known kinds")]
    Form,
}

impl SubjectRefused {
    pub(super) fn hint(&self) -> Hint {
        Hint::fixed(match self.fault {
            SubjectFault::Empty => "give a name that a person will recognise, such as db-1",
            SubjectFault::TooLong => "shorten it; with --subject the certificate's name can differ from -n",
            SubjectFault::Control => "is there a line break in it? quote the value",
            SubjectFault::Form => "write it like CN=db-1,O=Example; a comma inside a value is written \\,",
        })
    }
}

fn check(value: &str, text: &str) -> Result<(), SubjectRefused> {
    let fault = match value.chars().count() {
        0 => SubjectFault::Empty,
        65.. => SubjectFault::TooLong,
        _ if value.chars().any(char::is_control) => SubjectFault::Control,
        _ => return Ok(()),
    };
    Err(SubjectRefused { text: text.to_owned(), fault })
}

fn refuse(text: &str) -> impl Fn(der::Error) -> SubjectRefused {
    move |_| SubjectRefused { text: text.to_owned(), fault: SubjectFault::Form }
}

/// The parser takes the bytes as they are; a country of two umlauts would be no `PrintableString`.
fn well_formed(value: &Any) -> der::Result<()> {
    match value.tag() {
        Tag::PrintableString => PrintableStringRef::try_from(value).map(drop),
        Tag::Ia5String => Ia5StringRef::try_from(value).map(drop),
        _ => Utf8StringRef::try_from(value).map(drop),
    }
}

/// The parts between commas that no backslash precedes, without the blanks around them.
fn unescaped_split(text: &str) -> Vec<&str> {
    let mut escaped = false;
    let parts = text.split(move |c| {
        let separates = c == ',' && !escaped;
        escaped = c == '\\' && !escaped;
        separates
    });
    parts.map(str::trim).collect()
}

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_comma_belongs_to_the_value() {
        assert_eq!(unescaped_split(r"CN=a\, b , O=c\\,C=DE"), [r"CN=a\, b", r"O=c\\", "C=DE"]);
    }

    #[test]
    fn a_subject_that_would_break_a_line_is_refused() {
        let faults = ["", "a\nb", &"x".repeat(65)].map(|text| Subject::common_name(text).map_err(|error| error.fault));
        assert_eq!(faults, [Err(SubjectFault::Empty), Err(SubjectFault::Control), Err(SubjectFault::TooLong)]);
        for text in ["db-1", "CN=a,C=üü", r"CN=\c3", "nonsense=a", "CN=a,"] {
            assert_eq!(Subject::distinguished(text).map_err(|error| error.fault), Err(SubjectFault::Form), "{text}");
        }
    }
}
