//! Flags that several commands share.

use crate::authority::{AuthorityError, Existing, KeyKind, Lifetime, Subject};
use crate::cli::console::Console;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::path::Path;

/// How long it shall be valid.
#[derive(Clone, Copy, Debug, Args)]
#[group(multiple = false)]
pub(super) struct LifetimeFlags {
    /// How many days it shall be valid
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: Option<u32>,
    /// How many hours it shall be valid
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=876_000))]
    hours: Option<u32>,
}

impl LifetimeFlags {
    pub(super) fn lifetime(self) -> Option<Lifetime> {
        self.days.map(Lifetime::days).or(self.hours.map(Lifetime::hours))
    }
}

/// What it shall be called on the certificate.
#[derive(Clone, Debug, Args)]
pub(super) struct SubjectFlags {
    /// The whole distinguished name in place of CN=NAME, such as "CN=db-1,O=Example"
    #[arg(long, value_name = "DN")]
    subject: Option<String>,
}

impl SubjectFlags {
    pub(super) fn subject(&self, common_name: &str) -> Result<Subject, AuthorityError> {
        Ok(match &self.subject {
            Some(subject) => Subject::distinguished(subject)?,
            None => Subject::common_name(common_name)?,
        })
    }
}

/// A certificate usually lies beside the CA that made it.
pub(super) fn ca_of<'a>(given: Option<&'a Path>, certificate: &'a Path) -> &'a Path {
    let beside = certificate.parent().filter(|parent| !parent.as_os_str().is_empty());
    given.or(beside).unwrap_or(Path::new("."))
}

/// Takes the words of [`KeyKind`], and lists them in the help.
pub(super) fn key_kind() -> impl TypedValueParser<Value = KeyKind> {
    PossibleValuesParser::new(KeyKind::ALL.iter().map(|kind| kind.as_str())).try_map(|word| word.parse())
}

/// Makes a key and what it is for. Two primes of an RSA key are looked for as long as it takes, seconds perhaps.
pub(super) fn while_making<T>(console: &mut Console<'_>, key: KeyKind, make: impl FnOnce() -> T) -> T {
    console.while_saying(&format!("making a key ({key})"), make)
}

pub(super) const fn existing(force: bool) -> Existing {
    if force { Existing::Replace } else { Existing::Keep }
}

/// The directory of the development certificates.
pub(super) const DEFAULT_DIRECTORY: &str = "certs";
