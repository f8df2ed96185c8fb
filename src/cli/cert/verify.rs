//! `cert verify`

use super::facts::{self, Found, Report};
use crate::authority::Role;
use crate::cli::console::{Console, Tone};
use crate::cli::{Exit, Trouble};
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::failure::Failure;
use crate::tls::{CaPool, ChainJudge, CrlPolicy, Refusal, Revocation, ServerName, Usage};
use clap::{Args, ValueEnum};
use rustls_pki_types::CertificateDer;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;

/// Judge a certificate as a node would
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 0: accepted. 1: refused, or no certificate at all; the code says why. 2: a file cannot be
read. Certificates behind the first one in FILE count as sent along, as in a handshake.

Examples:
  countersign cert verify certs/db-1.crt --ca certs/ca.crt --name db-1.internal
  countersign cert verify certs/operator.crt --ca certs/ca.crt --usage client --crl certs/crl.pem")]
pub(crate) struct Verify {
    /// The certificate, with its intermediates behind it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Whom to trust; may be given more than once
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    ca: Vec<PathBuf>,
    /// More intermediates that the peer might send
    #[arg(long, value_name = "FILE", num_args = 1..)]
    untrusted: Vec<PathBuf>,
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
    #[arg(long, value_name = "FILE", num_args = 1..)]
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

impl Verify {
    pub(crate) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let bench = Bench::read(&self)?;
        let found = match facts::read(&self.file) {
            Ok(found) => found,
            Err(trouble) if self.json && trouble.exit() == Exit::Unwell => return self.show_malformed(console, &trouble, bench.now),
            Err(trouble) => return Err(trouble),
        };
        let Some((leaf, behind)) = found.split_first() else { return Ok(Exit::Unwell) };
        let verdicts = self.verdicts(leaf, behind, &bench);
        if self.json {
            console.json(&self.report(leaf, &verdicts, bench.now))?;
        } else {
            verdicts.iter().try_for_each(|verdict| verdict.show(console, leaf))?;
        }
        let refused = verdicts.iter().any(|verdict| verdict.refusal.is_some());
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

    fn report(&self, leaf: &Found, verdicts: &[Verdict<'_>], now: Timestamp) -> VerifyReport {
        let first = verdicts.iter().find_map(|verdict| verdict.refusal.as_ref());
        VerifyReport {
            file: self.file.display().to_string(),
            at: now.to_string(),
            accepted: first.is_none(),
            refusal: first.map(|refusal| RefusalReport::of(refusal)),
            verdicts: verdicts.iter().map(Verdict::report).collect(),
            certificate: Some(Report::of(&leaf.facts, now)),
        }
    }

    fn show_malformed(&self, console: &mut Console<'_>, trouble: &Trouble, now: Timestamp) -> Result<Exit, Trouble> {
        let (file, at) = (self.file.display().to_string(), now.to_string());
        let refusal = Some(RefusalReport::of(trouble));
        console.json(&VerifyReport { file, at, accepted: false, refusal, verdicts: Vec::new(), certificate: None })?;
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
        let pools = flags.ca.iter().map(CaPool::from_file).collect::<Result<Vec<_>, _>>()?;
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
    fn show(&self, console: &mut Console<'_>, leaf: &Found) -> std::io::Result<()> {
        let name = self.name.map_or(String::new(), |name| format!(" for {}", name.to_str()));
        let role = format!("as {}{name}", self.usage);
        let Some(refusal) = &self.refusal else {
            let word = console.painted(Tone::Good, "accepted");
            return console.line(format_args!("{word} {role}: {}", leaf.facts.subject));
        };
        let word = console.painted(Tone::Bad, "refused");
        console.line(format_args!("{word} {role}: {}", leaf.facts.subject))?;
        let fields = [("code", refusal.code().to_string()), ("reason", refusal.to_string()), ("hint", refusal.hint().to_string())];
        console.fields(&fields)
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

#[derive(Debug, Serialize)]
struct VerifyReport {
    file: String,
    at: String,
    accepted: bool,
    refusal: Option<RefusalReport>,
    verdicts: Vec<VerdictReport>,
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

fn server_name(text: &str) -> Result<ServerName<'static>, rustls_pki_types::InvalidDnsNameError> {
    ServerName::try_from(text).map(|name| name.to_owned())
}
