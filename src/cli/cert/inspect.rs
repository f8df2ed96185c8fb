//! `cert inspect`

use super::facts::{self, Report};
use super::key_state::KeyState;
use crate::cli::console::Console;
use crate::cli::{Exit, Trouble};
use crate::clock::{Clock, SystemClock, Timestamp, span};
use crate::x509::fingerprint::colon_hex;
use crate::x509::key::KeyError;
use crate::x509::pem::{self, Block, Label, Origin, PemError, Place};
use crate::x509::{Fingerprint, Inspected, KeyAlgorithm, PrivateKey, RevocationList};
use clap::Args;
use der::Decode;
use serde::Serialize;
use spki::SubjectPublicKeyInfoRef;
use std::path::{Path, PathBuf};

/// Show what a file holds: certificates, revocation lists, or the kind of a key
#[derive(Debug, Args)]
#[command(after_help = "\
Of a key only its kind and its public half are shown. Where a certificate's key lies beside it, the
answer says whether the two belong together.
Exit code 1 if the file holds none of them, or a damaged one.

Examples:
  countersign cert inspect certs/db-1.crt
  countersign cert inspect certs/crl.pem")]
pub(crate) struct Inspect {
    /// A PEM file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print an array of objects for programs
    #[arg(long)]
    json: bool,
}

/// What one block of the file is.
enum Item {
    Certificate(Box<Inspected>),
    List(RevocationList),
    Key(PublicHalf),
}

/// All that may be shown of a private key.
struct PublicHalf {
    algorithm: KeyAlgorithm,
    fingerprint: Fingerprint,
}

impl Inspect {
    pub(crate) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let (items, now) = (read(&self.file)?, SystemClock.now());
        if self.json {
            console.json(&items.iter().map(|(_, item)| item.report(now)).collect::<Vec<_>>())?;
            return Ok(Exit::Done);
        }
        let mut is_leaf = true;
        for (place, item) in &items {
            console.line(place)?;
            let mut fields = item.fields(now);
            // The key beside a file is the key of its first certificate.
            if let Item::Certificate(facts) = item
                && std::mem::take(&mut is_leaf)
            {
                fields.extend(key_beside(console, &self.file, facts));
            }
            console.fields(&fields)?;
        }
        Ok(Exit::Done)
    }
}

/// Every block that is one of ours, in the order of the file.
fn read(file: &Path) -> Result<Vec<(Place, Item)>, Trouble> {
    let (origin, bytes) = (Origin::file(file), pem::read_file(file)?);
    let blocks = pem::blocks(&origin, bytes.expose())?;
    let count = blocks.len();
    let has_lists = blocks.iter().any(|block| block.label == Label::Crl);
    let mut lists = if has_lists { RevocationList::from_pem(&origin, bytes.expose())? } else { Vec::new() }.into_iter();
    let mut items = Vec::new();
    for block in blocks {
        let place = block.place.clone();
        let item = match block.label {
            Label::Crl => lists.next().map(Item::List),
            Label::Other => None,
            Label::Certificate => Some(Item::Certificate(Box::new(facts::understand(block.place, block.der.expose())?))),
            Label::Pkcs8Key | Label::Sec1Key | Label::Pkcs1Key => Some(key(block)?),
        };
        items.extend(item.map(|item| (place, item)));
    }
    match count {
        0 => Err(PemError::Nothing { origin, wanted: "certificate, revocation list or key", blocks: 0 }.into()),
        _ if items.is_empty() => Err(Trouble::Foreign { origin }),
        _ => Ok(items),
    }
}

fn key(block: Block) -> Result<Item, Trouble> {
    let unknown = KeyError::Unsupported { place: block.place.clone() };
    let signing = PrivateKey::from_block(block)?.signing_key();
    let half = signing.public_key().and_then(|der| {
        let algorithm = KeyAlgorithm::of(SubjectPublicKeyInfoRef::from_der(&der).ok()?);
        Some(PublicHalf { algorithm, fingerprint: Fingerprint::of(&der) })
    });
    Ok(Item::Key(half.ok_or(unknown)?))
}

fn key_beside(console: &Console<'_>, file: &Path, facts: &Inspected) -> Option<(&'static str, String)> {
    let state = KeyState::of(file, facts);
    let (tone, word) = state.cell();
    let path = KeyState::file(file);
    (state != KeyState::Missing && path != file).then(|| ("key file", format!("{} ({})", path.display(), console.painted(tone, word))))
}

impl Item {
    fn fields(&self, now: Timestamp) -> Vec<(&'static str, String)> {
        match self {
            Self::Certificate(facts) => certificate_fields(facts, now),
            Self::List(list) => list_fields(list, now),
            Self::Key(half) => {
                vec![("kind", "private key".to_owned()), ("key", half.algorithm.to_string()), ("key sha256", half.fingerprint.to_string())]
            }
        }
    }

    fn report(&self, now: Timestamp) -> ItemReport {
        match self {
            Self::Certificate(facts) => ItemReport::Certificate(Box::new(Report::of(facts, now))),
            Self::List(list) => ItemReport::List(ListReport::of(list, now)),
            Self::Key(half) => {
                ItemReport::Key { kind: "private_key", key: half.algorithm.to_string(), key_sha256: half.fingerprint.to_string() }
            }
        }
    }
}

fn certificate_fields(facts: &Inspected, now: Timestamp) -> Vec<(&'static str, String)> {
    let path_len = facts.basic_constraints.and_then(|constraints| constraints.path_len);
    let below = match path_len {
        None => String::new(),
        Some(0) => ", no other CA below it".to_owned(),
        Some(length) => format!(", at most {length} CAs in a row below it"),
    };
    let usages = |usages: Option<String>| usages.unwrap_or_else(|| "any (the extension is absent)".to_owned());
    let mut fields = vec![
        ("subject", facts.subject.clone()),
        ("issuer", facts.issuer.clone()),
        ("kind", format!("{}{below}", facts::kind(facts))),
        ("names", if facts.sans.is_empty() { "none".to_owned() } else { facts.names() }),
        ("valid from", facts.not_before.to_string()),
        ("valid until", facts::until(facts, now)),
        ("serial", facts.serial_hex()),
        ("key", facts.key_algorithm.to_string()),
        ("signature", facts.signature_algorithm.clone()),
        ("key usage", usages(facts.key_usage.as_ref().map(|usages| usages.join(", ")))),
        ("used for", usages(facts.extended_key_usage.as_ref().map(|usages| usages.join(", ")))),
        ("sha256", facts.fingerprint.to_string()),
        ("key sha256", facts.key_fingerprint.to_string()),
    ];
    fields.extend(facts.weakness().map(|weakness| ("too weak", weakness)));
    fields
}

fn list_fields(list: &RevocationList, now: Timestamp) -> Vec<(&'static str, String)> {
    let due = list.next_update.map_or_else(|| "never said".to_owned(), |due| due_in_words(due, now));
    let mut fields = vec![
        ("kind", "revocation list".to_owned()),
        ("issuer", list.issuer.clone()),
        ("made", list.this_update.to_string()),
        ("next due", due),
        ("revoked", list.revoked.len().to_string()),
    ];
    fields.extend(list.revoked.iter().map(|(serial, since)| ("", format!("{since}  {}", colon_hex(serial)))));
    fields
}

fn due_in_words(due: Timestamp, now: Timestamp) -> String {
    match due.as_unix() - now.as_unix() {
        ..0 => format!("{due} (overdue: it proves nothing any more)"),
        left => format!("{due} ({} left)", span(left)),
    }
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ItemReport {
    Certificate(Box<Report>),
    List(ListReport),
    Key { kind: &'static str, key: String, key_sha256: String },
}

#[derive(Debug, Serialize)]
struct ListReport {
    kind: &'static str,
    issuer: String,
    this_update: String,
    next_update: Option<String>,
    current: bool,
    revoked: Vec<RevokedReport>,
}

#[derive(Debug, Serialize)]
struct RevokedReport {
    serial: String,
    since: String,
}

impl ListReport {
    fn of(list: &RevocationList, now: Timestamp) -> Self {
        let revoked = |(serial, since): &(Vec<u8>, Timestamp)| RevokedReport { serial: colon_hex(serial), since: since.to_string() };
        Self {
            kind: "revocation_list",
            issuer: list.issuer.clone(),
            this_update: list.this_update.to_string(),
            next_update: list.next_update.map(|due| due.to_string()),
            current: list.this_update <= now && list.next_update.is_none_or(|due| now <= due),
            revoked: list.revoked.iter().map(revoked).collect(),
        }
    }
}
