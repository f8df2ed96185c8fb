//! A CA that lives in files.

use super::error::AuthorityError;
use super::files::{self, Existing, FileName, Pair};
use super::register::{Register, Revoked};
use super::request::{Leaf, Plan, Role};
use super::{Authority, CA, Issued, KeyKind, Lifetime, Names, Revocations, Subject, Warning};
use crate::clock::{Clock, Timestamp};
use crate::x509::Inspected;
use crate::x509::key::read_private;
use crate::x509::pem::{self, Origin};
use der::Decode;
use rustls_pki_types::CertificateDer;
use std::path::{Path, PathBuf};
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectAltName;

/// A CA's directory: `ca.crt`, `ca.key` (mode 0600), and, once something was revoked, `revoked` and
/// `crl.pem`.
///
/// `ca.crt` of a root holds the root. `ca.crt` of an intermediate holds the intermediate, then those
/// above it, the root last. What an intermediate issues carries the intermediate in its own `NAME.crt`,
/// so nodes trust the *root's* `ca.crt` and present `NAME.crt`, and need nothing else.
#[derive(Clone, Debug)]
pub struct Directory {
    path: PathBuf,
    authority: Authority,
}

/// A pair of files that was just written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Written {
    /// The certificate's file.
    pub certificate: PathBuf,
    /// The key's file.
    pub key: PathBuf,
    /// What the certificate says.
    pub facts: Inspected,
    /// What may surprise about it.
    pub warnings: Vec<Warning>,
}

/// What a renewed certificate does not take over from the old one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Renewal {
    /// Another lifetime.
    pub lifetime: Option<Lifetime>,
    /// Another kind of key.
    pub key: Option<KeyKind>,
}

/// A certificate that is now revoked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Revocation {
    /// The entry; an older one if it was revoked before.
    pub entry: Revoked,
    /// Whether it was revoked before.
    pub already: bool,
    /// The list that says so.
    pub list: PublishedList,
}

/// A revocation list that was just written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PublishedList {
    /// Its file.
    pub path: PathBuf,
    /// Its number.
    pub number: u64,
    /// How many certificates it names.
    pub revoked: usize,
    /// When the next one is due.
    pub next_update: Timestamp,
}

impl Directory {
    /// Makes a CA in `path`: a root, or one below `parent`. To replace a CA is to begin anew: what the
    /// old one revoked is none of the new one's business, and stays in `revoked.old` beside the old pair.
    ///
    /// # Errors
    /// [`AuthorityError::Exists`] before anything is written, or what the parent or the system refuses.
    pub fn create(
        path: &Path,
        plan: &Plan,
        parent: Option<&Self>,
        existing: Existing,
        clock: &dyn Clock,
    ) -> Result<(Self, Written), AuthorityError> {
        let pair = Pair::named(path, CA);
        if existing == Existing::Keep {
            pair.refuse_existing()?;
        }
        let made = match parent {
            Some(parent) => parent.authority.intermediate(plan, clock)?,
            None => Authority::root(plan, clock)?,
        };
        files::make_directory(path)?;
        pair.write(&made.authority.ca_pem(), &made.authority.key().pem(), existing)?;
        let directory = Self { path: path.to_owned(), authority: made.authority };
        files::retire(&Register::file(path))?;
        files::remove(&directory.list_file())?;
        let facts = directory.authority.facts().clone();
        Ok((directory, Written { certificate: pair.certificate, key: pair.key, facts, warnings: made.warnings }))
    }

    /// Opens the CA in `path`.
    ///
    /// # Errors
    /// [`AuthorityError`] if its files cannot be read, do not match, or are no CA's.
    pub fn open(path: &Path) -> Result<Self, AuthorityError> {
        let pair = Pair::named(path, CA);
        pair.expect_ca()?;
        let (certificate, key) = (pem::read_file(&pair.certificate)?, read_private(&pair.key)?);
        let origins = (Origin::file(&pair.certificate), Origin::file(&pair.key));
        let authority = Authority::from_pem((&origins.0, certificate.expose()), (&origins.1, key.expose()))?;
        Ok(Self { path: path.to_owned(), authority })
    }

    /// The CA itself.
    pub const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Where it lives.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Issues a leaf into the files `NAME.crt` and `NAME.key` of another directory, or of this one.
    ///
    /// # Errors
    /// [`AuthorityError::Exists`] before anything is written; otherwise as [`Authority::issue`].
    pub fn issue(
        &self,
        out: &Path,
        name: &FileName,
        leaf: &Leaf,
        existing: Existing,
        clock: &dyn Clock,
    ) -> Result<Written, AuthorityError> {
        let pair = Pair::named(out, name.as_str());
        if existing == Existing::Keep {
            pair.refuse_existing()?;
        }
        let issued = self.authority.issue(leaf, clock)?;
        files::make_directory(out)?;
        self.write(pair, issued, existing)
    }

    /// Issues the certificate in `file` again, for a new key: same subject, same names, same role, same
    /// length unless `renewal` says otherwise. Both files are replaced, and the old pair stays as
    /// `….crt.old` and `….key.old`.
    ///
    /// # Errors
    /// [`AuthorityError::NotIssuedHere`] if another CA issued it; otherwise as [`Authority::issue`].
    pub fn renew(&self, file: &Path, renewal: Renewal, clock: &dyn Clock) -> Result<Written, AuthorityError> {
        let old = Presented::read(file)?;
        if old.facts.is_ca() {
            return Err(AuthorityError::RenewCa { origin: Origin::file(file) });
        }
        self.refuse_foreign(file, &old)?;
        let pair = Pair::of(file)?;
        let issued = self.authority.issue(&old.again(renewal)?, clock)?;
        self.write(pair, issued, Existing::Replace)
    }

    /// Takes the certificate in `file` back, and publishes a new revocation list for thirty days.
    ///
    /// # Errors
    /// [`AuthorityError::NotIssuedHere`] if another CA issued it, or it is this CA's own.
    pub fn revoke(&self, file: &Path, clock: &dyn Clock) -> Result<Revocation, AuthorityError> {
        let taken = Presented::read(file)?;
        self.refuse_foreign(file, &taken)?;
        let _lock = self.lock()?;
        let mut register = Register::open(&self.path)?;
        let before = register.find(&taken.facts.serial).cloned();
        let already = before.is_some();
        let entry = before.unwrap_or_else(|| Revoked { serial: taken.facts.serial, since: clock.now(), subject: taken.facts.subject });
        if !already {
            register.add(entry.clone());
        }
        let list = self.publish(&mut register, Lifetime::CRL, clock)?;
        Ok(Revocation { entry, already, list })
    }

    /// Writes `crl.pem`, current from now on for this long.
    ///
    /// # Errors
    /// [`AuthorityError`] if the register is damaged or a file cannot be written.
    pub fn publish_list(&self, lifetime: Lifetime, clock: &dyn Clock) -> Result<PublishedList, AuthorityError> {
        let _lock = self.lock()?;
        self.publish(&mut Register::open(&self.path)?, lifetime, clock)
    }

    /// The register goes first: a crash may lose a list, which can be made again, but no revocation and
    /// no number.
    fn publish(&self, register: &mut Register, lifetime: Lifetime, clock: &dyn Clock) -> Result<PublishedList, AuthorityError> {
        let now = clock.now();
        let number = register.next_number();
        register.save()?;
        let entries: Vec<_> = register.entries().iter().map(|entry| (entry.serial.clone(), entry.since)).collect();
        let (revoked, next_update) = (entries.len(), lifetime.after(now));
        let list = self.authority.revocation_list(&Revocations { number, this_update: now, next_update, entries })?;
        let path = self.list_file();
        files::replace(&path, list.as_bytes())?;
        Ok(PublishedList { path, number, revoked, next_update })
    }

    fn refuse_foreign(&self, file: &Path, certificate: &Presented) -> Result<(), AuthorityError> {
        let ours = self.authority.facts();
        if self.authority.has_issued(&certificate.der) && certificate.facts.serial != ours.serial {
            return Ok(());
        }
        let issuer = certificate.facts.issuer.clone();
        Err(AuthorityError::NotIssuedHere { origin: Origin::file(file), issuer, ours: ours.subject.clone() })
    }

    /// Two that replace one pair at the same time could leave the key of one with the certificate of the
    /// other; a pair that is not there yet is guarded by itself.
    fn write(&self, pair: Pair, issued: Issued, existing: Existing) -> Result<Written, AuthorityError> {
        let _lock = (existing == Existing::Replace).then(|| self.lock()).transpose()?;
        pair.write(&issued.certified.chain_pem, &issued.key_pem, existing)?;
        let (facts, warnings) = (issued.certified.facts, issued.certified.warnings);
        Ok(Written { certificate: pair.certificate, key: pair.key, facts, warnings })
    }

    fn lock(&self) -> Result<std::fs::File, AuthorityError> {
        files::lock(&Pair::named(&self.path, CA).certificate)
    }

    fn list_file(&self) -> PathBuf {
        self.path.join("crl.pem")
    }
}

/// A leaf's file as it was issued before.
struct Presented {
    der: CertificateDer<'static>,
    facts: Inspected,
}

impl Presented {
    fn read(file: &Path) -> Result<Self, AuthorityError> {
        let origin = Origin::file(file);
        let mut chain = pem::certificates(&origin, pem::read_file(file)?.expose())?.into_iter();
        let der = chain.next().map(|(_, der)| der).unwrap_or_else(|| CertificateDer::from_slice(&[]));
        let facts = Inspected::from_der(&der).map_err(|source| AuthorityError::Certificate { origin, source })?;
        Ok(Self { der, facts })
    }

    /// The request that would make it again. Subject and names are taken over as they stand in the
    /// certificate, whoever wrote them.
    fn again(&self, renewal: Renewal) -> Result<Leaf, AuthorityError> {
        let parsed = Certificate::from_der(&self.der)?;
        let names = parsed.tbs_certificate().get_extension::<SubjectAltName>()?;
        Ok(Leaf {
            subject: Subject::from_name(parsed.tbs_certificate().subject().clone()),
            role: Role::of(&self.facts),
            names: Names::copied(names.map(|(_, names)| names.0).unwrap_or_default()),
            lifetime: renewal.lifetime.unwrap_or_else(|| Lifetime::of(&self.facts)),
            key: renewal.key.unwrap_or_else(|| KeyKind::in_place_of(&self.facts.key_algorithm)),
        })
    }
}
