//! `start`

mod progress;

use super::access::{Access, Entry};
use super::cert::until;
use super::console::Console;
use super::development::{self, Development};
use super::logging::{LogFlags, Wanted};
use super::overrides::Overrides;
use super::{Exit, Trouble};
use crate::clock::{Clock, SystemClock};
use crate::config::ConfigError;
use crate::failure::{Code, Failure};
use crate::node::{Mode, Node, NodeOptions, Renewed};
use crate::node_name::NodeName;
use crate::rt;
use crate::rt::signals::{Reloads, Stops};
use clap::Args;
use futures_util::FutureExt;
use progress::Progress;
use std::time::Duration;

/// Run a node
#[derive(Debug, Args)]
#[command(after_help = "\
Without --config, --tls-dir or --plain it starts for development: a CA, a certificate and a cookie
are made in a directory of your own, the node listens on this host alone, and the line is shown with
which an Erlang shell joins it.

It runs until SIGTERM, SIGINT (Ctrl-C) or countersign stop; what waits to be said is said first.
A second signal ends it at once. The log goes to standard error; RUST_LOG asks for more or less,
such as RUST_LOG=warn. With --log json each line of it is an object with the keys time, level,
target, event and message, and with what else is known, such as code and peer.

Certificates are taken from their files again when those change, within five seconds, and at once
on SIGHUP or countersign rotate; what is of no use changes nothing, and the log says why. Other CAs
count after a restart; countersign status says that one is due. A node for development
ends on SIGHUP, which it gets when its terminal is closed.

Where no flag says it, the environment does: COUNTERSIGN_CONFIG, COUNTERSIGN_NAME,
COUNTERSIGN_COOKIE_FILE, COUNTERSIGN_LISTEN_PORT, COUNTERSIGN_MODE, COUNTERSIGN_SEEDS (with
commas), COUNTERSIGN_QUORUM, COUNTERSIGN_TRACE_CONTROL (true or false) and COUNTERSIGN_LOG. A flag
wins over it, and it wins over the configuration; countersign config show says where each value
comes from. Commands that reach the node go by the same environment.

Exit code 1 if it does not start, such as when its name or port is taken.

Examples:
  countersign start
  countersign start --config /etc/countersign/node.json
  countersign start --name c@c.internal --tls-dir /etc/tls --seed a@a.internal --quorum 1
  countersign start --config /etc/countersign/node.json --log json
  countersign start --name db-1@db-1.internal --tls-dir /etc/tls --cookie-file /etc/cookie")]
pub(super) struct Start {
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    overrides: Overrides,
    #[command(flatten)]
    log: LogFlags,
}

impl Start {
    pub(super) fn log(&self) -> Result<Wanted, Trouble> {
        Wanted::for_long(self.log)
    }

    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        match self.entry(console) {
            Err(Trouble::Config(first)) => self.refuse(first, console),
            entry => rt::block_on(serve(entry?, console)),
        }
    }

    /// Whoever renews a certificate writes two files, and a start may come between.
    fn entry(&self, console: &mut Console<'_>) -> Result<Entry, Trouble> {
        let mut entry = self.access.to_start(&self.overrides);
        for look in 0..LOOKS {
            let Err(Trouble::Config(fault)) = &entry else { break };
            if fault.code() != Code::KeyMismatch {
                break;
            }
            if look == 0 {
                console.note(format_args!("{fault}: looking again for {LOOKS} seconds, for they may just be being replaced"))?;
            }
            std::thread::sleep(Duration::from_secs(1));
            entry = self.access.to_start(&self.overrides);
        }
        entry
    }

    /// Says all that is wrong, as `config check` does: whoever repairs one fault at a time restarts as often.
    fn refuse(&self, first: ConfigError, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let all = self.access.faults(&self.overrides);
        if all.is_empty() {
            return Err(first.into());
        }
        all.iter().try_for_each(|fault| console.error(fault))?;
        Ok(Exit::Usage)
    }
}

async fn serve(entry: Entry, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let name = entry.name;
    // Before the node: whoever sees it listen may already want it to end.
    let mut stops = Stops::listen().map_err(Trouble::Signals)?;
    let mut reloads = Reloads::listen().map_err(Trouble::Signals)?;
    // Whom no epmd knows, no shell finds.
    let is_found = entry.options.mode == Mode::ListenAndDial;
    let invitation = entry.development.as_ref().map(|development| Invitation::to(&name, development, is_found)).transpose()?;
    let mut progress = Progress::default();
    let starting = Node::start_telling(name.as_str(), entry.options.clone(), |seeds| progress.show(seeds, console));
    let node = futures_util::select_biased! {
        node = Box::pin(starting).fuse() => node?,
        // It still waits for seeds, and nobody relies on it yet.
        _ = stops.next().fuse() => return Ok(Exit::Done),
    };
    // Whoever has read enough of it, as `head` does, does not end the node.
    unless_gone(show(&node, &entry.options, console))?;
    if let Some(invitation) = invitation {
        unless_gone(invitation.show(console))?;
    }
    let signals = Signals { stops: &mut stops, reloads: &mut reloads, hangup_ends: entry.development.is_some() };
    until_it_shall_end(&node, signals, console).await;
    futures_util::select_biased! {
        () = node.stop().fuse() => {}
        _ = stops.next().fuse() => {}
    }
    Ok(Exit::Done)
}

struct Signals<'a> {
    stops: &'a mut Stops,
    reloads: &'a mut Reloads,
    /// A node that was tried out does not go on running unseen when its terminal is closed.
    hangup_ends: bool,
}

/// Looks at the files whenever it shall. Says why it ends, if there still is anybody to say it to.
async fn until_it_shall_end(node: &Node, Signals { stops, reloads, hangup_ends }: Signals<'_>, console: &mut Console<'_>) {
    let signal = loop {
        futures_util::select_biased! {
            () = node.stop_wanted().fuse() => break None,
            signal = stops.next().fuse() => break Some(signal),
            () = reloads.next().fuse() => {
                if hangup_ends {
                    break Some("SIGHUP");
                }
                // A disk that does not answer does not keep it from ending.
                futures_util::select_biased! {
                    signal = stops.next().fuse() => break Some(signal),
                    () = Box::pin(reload(node, console)).fuse() => {}
                }
            }
        }
    };
    let _ = match signal {
        None => console.note("stopping, as an admin asked for"),
        Some(signal) => console.note(format_args!("{signal}: stopping; once more ends it at once")),
    };
}

/// A line for each source, with the reason of what is refused: the log has it only once, perhaps long ago.
async fn reload(node: &Node, console: &mut Console<'_>) {
    let rotated = node.reload().await;
    let said = rotated.renewals.iter().try_for_each(|renewal| {
        let (source, outcome) = (&renewal.source, renewal.outcome.as_str());
        match &renewal.outcome {
            Renewed::Refused(trouble) => console.note(format_args!("SIGHUP: {source}: {outcome}: {trouble}; {}", trouble.hint)),
            _ => console.note(format_args!("SIGHUP: {source}: {outcome}")),
        }
    });
    let _ = if rotated.renewals.is_empty() { console.note("SIGHUP: no certificate has a source to look at") } else { said };
    let sources = node.sources();
    let _ = sources.iter().filter(|source| source.restart_required).try_for_each(|source| {
        console.note(format_args!("SIGHUP: {}: the CAs beside it are not those in force, and count after a restart", source.name))
    });
}

fn unless_gone(shown: Result<(), Trouble>) -> Result<(), Trouble> {
    shown.or_else(|trouble| if trouble.is_broken_pipe() { Ok(()) } else { Err(trouble) })
}

fn show(node: &Node, options: &NodeOptions, console: &mut Console<'_>) -> Result<(), Trouble> {
    let mut fields = Vec::new();
    for address in node.local_addrs() {
        fields.push(("listens on", address.to_string()));
    }
    if fields.is_empty() {
        fields.push(("listens on", "nothing: it only dials".to_owned()));
    }
    let without = if node.local_addrs().is_empty() { "none: nobody can dial it" } else { "none: peers need a route" };
    let epmd = node.epmd_port().map_or_else(|| without.to_owned(), |port| format!("port {port}"));
    fields.push(("epmd", epmd));
    fields.extend(trust(options));
    console.line(format_args!("started {}", node.name()))?;
    console.fields(&fields)?;
    Ok(())
}

/// Who we are and whom we believe.
fn trust(options: &NodeOptions) -> Vec<(&'static str, String)> {
    let Some(manager) = &options.cert_manager else {
        return vec![("encrypted", "no: plain TCP".to_owned())];
    };
    let current = manager.resolver().current();
    let leaf = current.certificate.leaf();
    let mut fields = vec![("certificate", leaf.subject.clone()), ("names", leaf.names())];
    fields.push(("valid until", until(leaf, SystemClock.now())));
    let (roots, clients) = (manager.root_cas(), manager.client_cas());
    let are_one = roots.as_ref().map(|pool| pool.fingerprints()) == clients.as_ref().map(|pool| pool.fingerprints());
    fields.extend(roots.map(|pool| ("trusts", pool.in_words())));
    fields.extend(clients.filter(|_| !are_one).map(|pool| ("lets in", pool.in_words())));
    fields.push(("asks for", manager.client_auth().to_string()));
    fields
}

/// How somebody at an Erlang shell joins a node that runs for development.
struct Invitation {
    files: String,
    /// The line that starts it, and what it says then.
    shell: Option<[String; 2]>,
}

impl Invitation {
    /// Makes what the shell needs, before the node says that it runs.
    fn to(name: &NodeName, development: &Development, is_found: bool) -> Result<Self, Trouble> {
        let shell = if is_found { Some([development.shell(name)?, development::ping(name)]) } else { None };
        Ok(Self { files: development.path().display().to_string(), shell })
    }

    fn show(self, console: &mut Console<'_>) -> Result<(), Trouble> {
        console.line("for development only: whoever can read its files can be any node of yours")?;
        console.line(format_args!("  {}", self.files))?;
        if let Some([shell, ping]) = self.shell {
            console.line(format_args!("an Erlang shell joins with\n  {shell}"))?;
            console.line(format_args!("and there\n  {ping}"))?;
        }
        Ok(())
    }
}

/// A second apart.
const LOOKS: u32 = 5;
