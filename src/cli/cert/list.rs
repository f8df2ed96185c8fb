//! `cert list`

use super::facts::{self, Report};
use super::flags::DEFAULT_DIRECTORY;
use super::key_state::KeyState;
use crate::authority::Register;
use crate::cli::console::{Console, Tone};
use crate::cli::{Exit, Trouble};
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::failure::Failure;
use crate::x509::Inspected;
use crate::x509::name::printable;
use crate::x509::pem::{Origin, PemError};
use clap::Args;
use serde::Serialize;
use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

/// List the certificates of a directory
#[derive(Debug, Args)]
#[command(after_help = "\
Shows every *.crt: what it is, when it ends, whether its key lies beside it, and whether the CA of
this directory has revoked it. The key fits, is missing, is exposed (others can read it, which nodes
refuse), unreadable, or a mismatch: another certificate's.
Exit code 1 if a file is no certificate, or a node could not start with its key.

Example:
  countersign cert list certs")]
pub(crate) struct List {
    /// The directory
    #[arg(value_name = "DIR", default_value = DEFAULT_DIRECTORY)]
    directory: PathBuf,
    /// Print an array of objects for programs
    #[arg(long)]
    json: bool,
}

/// A file of the list. One that cannot be read says why, and the list goes on.
struct Row {
    file: String,
    content: Result<Listed, Trouble>,
}

struct Listed {
    facts: Inspected,
    key: KeyState,
    revoked_since: Option<Timestamp>,
}

impl List {
    pub(crate) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let files = files(&self.directory)?;
        let register = Register::open(&self.directory)?;
        let rows: Vec<Row> = files.iter().map(|path| Row::read(path, &register)).collect();
        let now = SystemClock.now();
        if self.json {
            console.json(&rows.iter().map(|row| row.report(now)).collect::<Vec<_>>())?;
        } else {
            let cells: Vec<_> = rows.iter().map(|row| row.cells(now)).collect();
            console.table(&["FILE", "KIND", "SUBJECT", "NAMES", "EXPIRES", "LEFT", "KEY", "REVOKED"], &cells)?;
            self.remarks(console, &rows)?;
        }
        Ok(if rows.iter().any(Row::is_unwell) { Exit::Unwell } else { Exit::Done })
    }

    /// Why a row says so little.
    fn remarks(&self, console: &mut Console<'_>, rows: &[Row]) -> io::Result<()> {
        if rows.is_empty() {
            console.note(format_args!("no *.crt in {}", self.directory.display()))?;
        }
        let troubles = rows.iter().filter_map(|row| row.content.as_ref().err());
        troubles.into_iter().try_for_each(|trouble| console.note(printable(&in_one_line(trouble))))
    }
}

impl Row {
    fn read(path: &Path, register: &Register) -> Self {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self { file, content: Listed::read(path, register) }
    }

    fn is_unwell(&self) -> bool {
        self.content.as_ref().map_or(true, |listed| listed.key.is_unwell())
    }

    fn cells(&self, now: Timestamp) -> Vec<(Tone, String)> {
        let plain = |text: &str| (Tone::Plain, text.to_owned());
        // Whoever may write into the directory chose the name.
        let file = plain(&printable(&self.file));
        let listed = match &self.content {
            Ok(listed) => listed,
            Err(trouble) if trouble.exit() == Exit::Unwell => return vec![file, (Tone::Bad, "no certificate".to_owned())],
            Err(_) => return vec![file, (Tone::Bad, "unreadable".to_owned())],
        };
        let names: Vec<String> = listed.facts.sans.iter().map(ToString::to_string).collect();
        let revoked = listed.revoked_since.map_or(plain("no"), |since| (Tone::Bad, since.to_string()));
        vec![
            file,
            plain(facts::kind(&listed.facts)),
            plain(&listed.facts.subject),
            (Tone::Plain, if names.is_empty() { "-".to_owned() } else { names.join(" ") }),
            plain(&listed.facts.not_after.to_string()),
            facts::remaining(&listed.facts, now),
            listed.key.cell(),
            revoked,
        ]
    }

    fn report(&self, now: Timestamp) -> FileReport<'_> {
        let (listed, error) = match &self.content {
            Ok(listed) => (Some(listed), None),
            Err(trouble) => (None, Some(trouble)),
        };
        FileReport {
            file: &self.file,
            error: error.map(|trouble| ErrorReport { code: trouble.code().as_str(), message: trouble.to_string() }),
            key_file: listed.map(|listed| listed.key),
            revoked_since: listed.and_then(|listed| listed.revoked_since).map(|since| since.to_string()),
            certificate: listed.map(|listed| Report::of(&listed.facts, now)),
        }
    }
}

impl Listed {
    fn read(path: &Path, register: &Register) -> Result<Self, Trouble> {
        let first = facts::read(path)?.into_iter().next();
        let nothing = || PemError::Nothing { origin: Origin::file(path), wanted: "certificate", blocks: 0 };
        let facts = first.ok_or_else(nothing)?.facts;
        let key = KeyState::of(path, &facts);
        let revoked_since = register.find(&facts.serial).map(|entry| entry.since);
        Ok(Self { facts, key, revoked_since })
    }
}

#[derive(Debug, Serialize)]
struct FileReport<'a> {
    file: &'a str,
    error: Option<ErrorReport>,
    key_file: Option<KeyState>,
    revoked_since: Option<String>,
    certificate: Option<Report>,
}

#[derive(Debug, Serialize)]
struct ErrorReport {
    code: &'static str,
    message: String,
}

fn in_one_line(trouble: &Trouble) -> String {
    let causes = std::iter::successors(trouble.source(), |&error| error.source());
    causes.fold(trouble.to_string(), |line, cause| format!("{line}: {cause}"))
}

/// The certificate files of a directory; its CA's first, the others by name.
fn files(directory: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let unreadable = |source| Trouble::Directory { path: directory.to_owned(), source };
    let entries = std::fs::read_dir(directory).map_err(unreadable)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    let mut files: Vec<PathBuf> = paths.into_iter().filter(|path| path.extension().is_some_and(|it| it == "crt")).collect();
    files.sort_by_key(|path| (!path.ends_with("ca.crt"), path.clone()));
    Ok(files)
}
