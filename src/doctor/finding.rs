//! What was found, as values.

use crate::clock::Timestamp;
use crate::failure::seen::is_said_in;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::x509::Inspected;
use crate::x509::pem::Origin;
use std::fmt;
use std::path::Path;

macro_rules! checks {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// What was looked at, in one stable word.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Check { $($(#[$doc])* $variant,)* }

        impl Check {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

checks! {
    /// The document as such.
    Configuration = "configuration";
    /// The certificate's file or text.
    Certificate = "certificate";
    /// The key's file or text, and who may read it.
    Key = "key";
    /// Whether the two belong together.
    Pair = "pair";
    /// A file of authorities.
    Ca = "ca";
    /// Whether the authorities vouch for the certificate.
    Chain = "chain";
    /// What the certificate may be used for.
    Usage = "usage";
    /// Whether it bears the node's name.
    Name = "name";
    /// How long it is valid.
    Dates = "dates";
    /// This machine's clock.
    Clock = "clock";
    /// Revocation lists.
    Crl = "crl";
    /// The cookie.
    Cookie = "cookie";
    /// A port to listen on.
    Port = "port";
    /// The port mapper.
    Epmd = "epmd";
    /// The node that runs.
    Running = "running";
    /// The certificate that it presents.
    RunningCertificate = "running_certificate";
    /// The authorities that it goes by.
    RunningCa = "running_ca";
    /// How long its certificates are good for.
    RunningDates = "running_dates";
    /// Whether it could take what lies in its files.
    RunningSources = "running_sources";
    /// The certificates on its links.
    RunningLinks = "running_links";
    /// What failed at it lately.
    RunningFailures = "running_failures";
    /// Where a peer is.
    Resolve = "resolve";
    /// The connection to it.
    Connect = "connect";
    /// What we offer it.
    Offer = "offer";
    /// What it presents and asks for.
    Presented = "presented";
    /// The handshake of TLS.
    Handshake = "handshake";
    /// The peer's name, held against its certificate and our lists.
    Identity = "identity";
    /// The handshake of the distribution.
    Distribution = "distribution";
}

impl Check {
    /// Whether it is one of the steps in which a peer is met.
    pub const fn is_of_a_peer(self) -> bool {
        use Check::{Connect, Distribution, Handshake, Identity, Offer, Presented, Resolve};
        matches!(self, Resolve | Connect | Offer | Presented | Handshake | Identity | Distribution)
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How it is with what was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Well.
    Good,
    /// Wrong.
    Bad,
    /// It does not apply, or nobody can tell.
    Absent,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// Which one: a key of the configuration, a file, an address.
    pub about: String,
    /// How it is.
    pub health: Health,
    /// That in a sentence.
    pub said: String,
    /// What is known of it.
    pub facts: Vec<(&'static str, Fact)>,
    /// The stable code of what is wrong.
    pub code: Option<Code>,
    /// What to do.
    pub hint: Option<Hint>,
    /// How other programs say what is wrong; see [`Code::also_seen_as`].
    pub also_seen_as: Vec<&'static str>,
}

/// Something known.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Fact {
    /// In words.
    Words(String),
    /// A chain of certificates, the leaf first.
    Chain(Vec<Link>),
}

/// A certificate of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Whose it is.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// Its first moment.
    pub not_before: Timestamp,
    /// Its last moment.
    pub not_after: Timestamp,
    /// SHA-256 of it.
    pub sha256: String,
    /// The names on it.
    pub names: String,
}

impl Link {
    pub(super) fn of(facts: &Inspected) -> Self {
        Self {
            subject: facts.subject.clone(),
            issuer: facts.issuer.clone(),
            not_before: facts.not_before,
            not_after: facts.not_after,
            sha256: facts.fingerprint.to_string(),
            names: facts.names(),
        }
    }
}

impl Finding {
    pub(super) fn good(check: Check, about: impl Into<String>, said: impl Into<String>) -> Self {
        Self {
            check,
            about: about.into(),
            health: Health::Good,
            said: said.into(),
            facts: Vec::new(),
            code: None,
            hint: None,
            also_seen_as: Vec::new(),
        }
    }

    pub(super) fn absent(check: Check, about: impl Into<String>, said: impl Into<String>) -> Self {
        Self { health: Health::Absent, ..Self::good(check, about, said) }
    }

    pub(super) fn bad(check: Check, about: impl Into<String>, failure: &dyn Failure) -> Self {
        Self::of_code(check, about, with_causes(failure), failure.code()).hinting(failure.hint())
    }

    /// Wrong for a reason that only this floor knows of.
    pub(super) fn of_code(check: Check, about: impl Into<String>, said: impl Into<String>, code: Code) -> Self {
        let hint = Some(Hint::fixed(code.cure()));
        let also_seen_as = code.also_seen_as().to_vec();
        Self { health: Health::Bad, code: Some(code), hint, also_seen_as, ..Self::good(check, about, said) }
    }

    pub(super) fn hinting(self, hint: Hint) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// The same, and a file is called so.
    pub(super) fn calling(self, path: &Path, shown: &str) -> Self {
        let real = Origin::file(path).to_string();
        let hint = self.hint.map(|hint| Hint::of(hint.as_str().replace(&real, shown)));
        Self { said: self.said.replace(&real, shown), hint, ..self }
    }

    pub(super) fn also_seen(mut self, phrases: &[&'static str]) -> Self {
        self.also_seen_as.extend(phrases);
        self
    }

    pub(super) fn with(mut self, key: &'static str, words: impl Into<String>) -> Self {
        self.facts.push((key, Fact::Words(words.into())));
        self
    }

    pub(super) fn with_chain<'a>(mut self, chain: impl IntoIterator<Item = &'a Inspected>) -> Self {
        let links: Vec<Link> = chain.into_iter().map(Link::of).collect();
        if !links.is_empty() {
            self.facts.push(("chain", Fact::Chain(links)));
        }
        self
    }

    /// `None` where it does not apply.
    pub const fn ok(&self) -> Option<bool> {
        match self.health {
            Health::Good => Some(true),
            Health::Bad => Some(false),
            Health::Absent => None,
        }
    }
}

/// All that was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    findings: Vec<Finding>,
}

impl Report {
    /// In the order in which it was looked at.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether nothing is wrong.
    pub fn is_well(&self) -> bool {
        self.findings.iter().all(|finding| finding.health != Health::Bad)
    }

    /// The codes of what is wrong.
    pub fn codes(&self) -> Vec<Code> {
        self.findings.iter().filter_map(|finding| finding.code).collect()
    }

    /// What is wrong and is said like this by another program.
    pub fn found_by<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a Finding> {
        self.findings.iter().filter(move |finding| finding.also_seen_as.iter().any(|phrase| is_said_in(phrase, text)))
    }

    /// One report behind the other.
    pub fn extend(&mut self, other: Self) {
        self.findings.extend(other.findings);
    }

    /// Only what is wrong.
    #[must_use]
    pub fn wrong(mut self) -> Self {
        self.findings.retain(|finding| finding.health == Health::Bad);
        self
    }

    pub(super) fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub(super) fn put_first(&mut self, findings: Vec<Finding>) {
        self.findings.splice(0..0, findings);
    }
}

/// A failure and what lies behind it, each said once.
fn with_causes(failure: &dyn Failure) -> String {
    let (mut said, mut cause) = (failure.to_string(), failure.source());
    while let Some(error) = cause {
        let sentence = error.to_string();
        // Some say at the end of their own what their cause says, perhaps with other words for where.
        let news = sentence.split_once(": ").map_or(sentence.as_str(), |(_, news)| news);
        if !said.ends_with(&sentence) && !said.ends_with(news) {
            said = format!("{said}: {sentence}");
        }
        cause = error.source();
    }
    said
}
