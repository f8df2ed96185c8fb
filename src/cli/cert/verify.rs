//! `cert verify`

use super::facts::{self, Found, Report};
use crate::authority::Role;
use crate::cli::console::{Console, Tone};
use crate::cli::{Exit, Trouble};
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::failure::Failure;
use crate::tls::{CaPool, CaPoolError, Certificate, CertificateError, ChainJudge, CrlPolicy, Refusal, Revocation, ServerName, Usage};
use crate::x509::key::KeyError;
use clap::{Args, ValueEnum};
use rustls_pki_types::CertificateDer;
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Judge a certificate as a node would
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 0: accepted. 1: refused, or no certificate at all; the code says why. 2: a file cannot be
read. Certificates behind the first one in FILE count as sent along, as in a handshake.
Of a directory after --ca its ca.crt counts, or else every certificate in it; the word system stands
for the operating system's store.

Examples:
  countersign cert verify certs/db-1.crt --ca certs --name db-1.internal --key certs/db-1.key
  countersign cert verify certs/operator.crt --ca certs/ca.crt --usage client --crl certs/crl.pem")]
pub(crate) struct Verify {
    /// The certificate, with its intermediates behind it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Whom to trust: a file, a directory, or system; may be given more than once
    #[arg(long, value_name = "CA", required = true)]
    ca: Vec<PathBuf>,
    /// More intermediates that the peer might send; may be given more than once
    #[arg(long, value_name = "FILE")]
    untrusted: Vec<PathBuf>,
    /// The private key: does it belong to the certificate, and would a node take it?
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The host or address that is dialled
    #[arg(long, value_name = "HOST", value_parser = server_name)]
    name: Option<ServerName<'static>>,
    /// In which role; without, in each that the certificate claims
    #[arg(long, value_name = "ROLE")]
    usage: Option<UsageFlag>,
    /// At which moment, such as 2027-01-01T00:00:00Z [default: now]
    #[arg(long, value_name = "RFC3339")]
    at: Option<Timestamp>,
    /// Revocation lists to ask; may be given more than once
    #[arg(long, value_name = "FILE")]
    crl: Vec<PathBuf>,
    /// What to do where no current list speaks
    #[arg(long, value_name = "POLICY", default_value = "deny_unknown", requires = "crl")]
    crl_policy: PolicyFlag,
    /// Print an object for programs
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum UsageFlag {
    Server,
    Client,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
enum PolicyFlag {
    DenyUnknown,
    AllowUnknown,
}

/// What one judge said about one role.
struct Verdict<'a> {
    usage: Usage,
    name: Option<&'a ServerName<'static>>,
    refusal: Option<Refusal>,
}

/// What a node said about certificate and key together.
struct PairVerdict<'a> {
    key: &'a Path,
    refusal: Option<CertificateError>,
}

impl Verify {
    pub(crate) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let bench = match Bench::read(&self) {
            Ok(bench) => bench,
            // Whatever is wrong here is wrong with the question, not with the certificate.
            Err(trouble) => {
                console.error(&trouble)?;
                return Ok(Exit::Usage);
            }
        };
        let found = match facts::read(&self.file) {
            Ok(found) => found,
            Err(trouble) if self.json && trouble.exit() == Exit::Unwell => return self.show_malformed(console, &trouble, bench.now),
            Err(trouble) => return Err(trouble),
        };
        let Some((leaf, behind)) = found.split_first() else { return Ok(Exit::Unwell) };
        let (verdicts, pair) = (self.verdicts(leaf, behind, &bench), self.pair()?);
        if self.json {
            console.json(&self.report(leaf, &verdicts, pair.as_ref(), bench.now))?;
        } else {
            verdicts.iter().try_for_each(|verdict| verdict.show(console, leaf))?;
            pair.iter().try_for_each(|pair| pair.show(console, leaf))?;
            if leaf.facts.is_ca() {
                console.note("this is a CA's certificate, and it was judged as if a node presented it")?;
            }
        }
        let refused = verdicts.iter().any(|verdict| verdict.refusal.is_some()) || pair.is_some_and(|pair| pair.refusal.is_some());
        Ok(if refused { Exit::Unwell } else { Exit::Done })
    }

    fn verdicts(&self, leaf: &Found, behind: &[Found], bench: &Bench) -> Vec<Verdict<'_>> {
        let sent: Vec<CertificateDer<'_>> = behind.iter().chain(&bench.untrusted).map(|found| found.der.clone()).collect();
        let judge = |usage: Usage| {
            let name = self.name.as_ref().filter(|_| usage == Usage::Server || self.usage.is_some());
            let judge = ChainJudge::new(Arc::clone(&bench.pool), usage).with_revocation(&bench.revocation);
            Verdict { usage, name, refusal: judge.judge(&leaf.der, &sent, name, bench.now).err() }
        };
        self.usages(leaf).iter().map(|&usage| judge(usage)).collect()
    }

    /// What a node would say to these two files at its start.
    fn pair(&self) -> Result<Option<PairVerdict<'_>>, Trouble> {
        let Some(key) = &self.key else { return Ok(None) };
        match Certificate::from_paths(&self.file, Some(key)) {
            Ok(_) => Ok(Some(PairVerdict { key, refusal: None })),
            Err(CertificateError::Key(KeyError::Pem(error))) if error.is_unreadable() => Err(Trouble::Pem(error)),
            Err(refusal) => Ok(Some(PairVerdict { key, refusal: Some(refusal) })),
        }
    }

    /// A name is asked of a server only.
    fn usages(&self, leaf: &Found) -> &'static [Usage] {
        match (self.usage, Role::of(&leaf.facts)) {
            (Some(UsageFlag::Server), _) | (None, Role::Server) => &[Usage::Server],
            (Some(UsageFlag::Client), _) => &[Usage::Client],
            (None, Role::Client) if self.name.is_none() => &[Usage::Client],
            (None, Role::Client) => &[Usage::Server],
            (None, Role::Agent) => &[Usage::Server, Usage::Client],
        }
    }

    fn report(&self, leaf: &Found, verdicts: &[Verdict<'_>], pair: Option<&PairVerdict<'_>>, now: Timestamp) -> VerifyReport {
        let verdicts: Vec<VerdictReport> = verdicts.iter().map(Verdict::report).collect();
        let key = pair.map(PairVerdict::report);
        let first = verdicts.iter().find_map(|verdict| verdict.refusal.clone());
        let refusal = first.or_else(|| key.as_ref().and_then(|key| key.refusal.clone()));
        VerifyReport {
            file: self.file.display().to_string(),
            at: now.to_string(),
            accepted: refusal.is_none(),
            refusal,
            verdicts,
            key,
            certificate: Some(Report::of(&leaf.facts, now)),
        }
    }

    fn show_malformed(&self, console: &mut Console<'_>, trouble: &Trouble, now: Timestamp) -> Result<Exit, Trouble> {
        let (file, at) = (self.file.display().to_string(), now.to_string());
        let refusal = Some(RefusalReport::of(trouble));
        console.json(&VerifyReport { file, at, accepted: false, refusal, verdicts: Vec::new(), key: None, certificate: None })?;
        Ok(Exit::Unwell)
    }
}

/// Everything that a judge needs besides the certificate.
struct Bench {
    pool: Arc<CaPool>,
    untrusted: Vec<Found>,
    revocation: Revocation,
    now: Timestamp,
}

impl Bench {
    fn read(flags: &Verify) -> Result<Self, Trouble> {
        let pools = flags.ca.iter().map(|whom| pool(whom)).collect::<Result<Vec<_>, _>>()?;
        let pool = pools.into_iter().reduce(|all, pool| all.merge(&pool)).ok_or(Trouble::NobodyTrusted)?;
        let untrusted = flags.untrusted.iter().map(|file| facts::read(file)).collect::<Result<Vec<_>, _>>()?;
        let revocation = Revocation::from_files(&flags.crl, flags.crl_policy.into())?;
        let now = flags.at.unwrap_or_else(|| SystemClock.now());
        Ok(Self { pool: Arc::new(pool), untrusted: untrusted.into_iter().flatten().collect(), revocation, now })
    }
}

impl From<PolicyFlag> for CrlPolicy {
    fn from(flag: PolicyFlag) -> Self {
        match flag {
            PolicyFlag::DenyUnknown => Self::DenyUnknown,
            PolicyFlag::AllowUnknown => Self::AllowUnknown,
        }
    }
}

impl Verdict<'_> {
    fn show(&self, console: &mut Console<'_>, leaf: &Found) -> io::Result<()> {
        let name = self.name.map_or(String::new(), |name| format!(" for {}", name.to_str()));
        let role = format!("as {}{name}", self.usage);
        show(console, &role, leaf, self.refusal.as_ref().map(|refusal| refusal as &dyn Failure))
    }

    fn report(&self) -> VerdictReport {
        VerdictReport {
            usage: self.usage.to_string(),
            name: self.name.map(|name| name.to_str().into_owned()),
            accepted: self.refusal.is_none(),
            refusal: self.refusal.as_ref().map(|refusal| RefusalReport::of(refusal)),
        }
    }
}

impl PairVerdict<'_> {
    fn show(&self, console: &mut Console<'_>, leaf: &Found) -> io::Result<()> {
        let role = format!("with the key {}", self.key.display());
        show(console, &role, leaf, self.refusal.as_ref().map(|refusal| refusal as &dyn Failure))
    }

    fn report(&self) -> KeyReport {
        KeyReport {
            file: self.key.display().to_string(),
            accepted: self.refusal.is_none(),
            refusal: self.refusal.as_ref().map(|refusal| RefusalReport::of(refusal)),
        }
    }
}

fn show(console: &mut Console<'_>, role: &str, leaf: &Found, refusal: Option<&dyn Failure>) -> io::Result<()> {
    let subject = &leaf.facts.subject;
    let Some(refusal) = refusal else {
        let word = console.painted(Tone::Good, "accepted");
        return console.line(format_args!("{word} {role}: {subject}"));
    };
    let word = console.painted(Tone::Bad, "refused");
    console.line(format_args!("{word} {role}: {subject}"))?;
    console.fields(&[("code", refusal.code().to_string()), ("reason", refusal.to_string()), ("hint", refusal.hint().to_string())])
}

#[derive(Debug, Serialize)]
struct VerifyReport {
    file: String,
    at: String,
    accepted: bool,
    refusal: Option<RefusalReport>,
    verdicts: Vec<VerdictReport>,
    key: Option<KeyReport>,
    certificate: Option<Report>,
}

#[derive(Debug, Serialize)]
struct VerdictReport {
    usage: String,
    name: Option<String>,
    accepted: bool,
    refusal: Option<RefusalReport>,
}

#[derive(Debug, Serialize)]
struct KeyReport {
    file: String,
    accepted: bool,
    refusal: Option<RefusalReport>,
}

#[derive(Clone, Debug, Serialize)]
struct RefusalReport {
    code: &'static str,
    reason: String,
    hint: String,
}

impl RefusalReport {
    fn of(failure: &dyn Failure) -> Self {
        Self { code: failure.code().as_str(), reason: failure.to_string(), hint: failure.hint().to_string() }
    }
}

/// In a CA's own directory leaves lie beside the CA, and are nobody to trust.
fn pool(whom: &Path) -> Result<CaPool, CaPoolError> {
    let own = whom.join("ca.crt");
    match () {
        () if whom == Path::new("system") => CaPool::system(),
        () if own.is_file() => CaPool::from_file(own),
        () if whom.is_dir() => CaPool::from_directory(whom),
        () => CaPool::from_file(whom),
    }
}

fn server_name(text: &str) -> Result<ServerName<'static>, rustls_pki_types::InvalidDnsNameError> {
    ServerName::try_from(text).map(|name| name.to_owned())
}
