//! What an Erlang shell needs to join a node of the development directory.

use super::{Development, DevelopmentError, Pair, refused};
use crate::cli::console::typed;
use crate::etf::{Term, atom, list, string, tuple};
use crate::node_name::NodeName;
use std::fs;
use std::path::{Path, PathBuf};

impl Development {
    /// Makes a certificate for a shell beside this node, and the line that starts it.
    ///
    /// With the directory as its home the shell finds the cookie by itself. On its command line everybody of
    /// the machine could read it.
    pub(in crate::cli) fn shell(&self, node: &NodeName) -> Result<String, DevelopmentError> {
        self.shell_beside(node, epmd_port())
    }

    /// The same, for a shell that finds others through the epmd on this port.
    pub(in crate::cli) fn shell_beside(&self, node: &NodeName, epmd_port: Option<String>) -> Result<String, DevelopmentError> {
        let name = NodeName::new(&format!("shell@{}", node.host()))?;
        let home = absolute(self.path())?;
        let options = self.option_file(&name, &home)?;
        let flag = if name.host().contains('.') { "-name" } else { "-sname" };
        let home = typed(&home);
        let port = epmd_port.map(|port| format!("ERL_EPMD_PORT={port} ")).unwrap_or_default();
        Ok(format!("{port}HOME={home} erl {flag} {name} -proto_dist inet_tls -ssl_dist_optfile {}", typed(&options)))
    }

    /// The file for `-ssl_dist_optfile`: a term, as Erlang reads it.
    fn option_file(&self, name: &NodeName, home: &Path) -> Result<PathBuf, DevelopmentError> {
        let pair = self.pair(name)?;
        let file = home.join(format!("{name}.conf"));
        let term = list([server(&pair, home), client(&pair, home)]);
        fs::write(&file, format!("{term}.\n")).map_err(refused(&file, "written"))?;
        Ok(file)
    }
}

/// What is typed into the shell to join a node: an expression of Erlang's.
pub(in crate::cli) fn ping(node: &NodeName) -> String {
    // As a quoted atom whatever it is, so that nobody has to know when quotes are needed.
    format!("net_adm:ping('{}').", node.as_str().replace('\\', "\\\\").replace('\'', "\\'"))
}

fn server(pair: &Pair, home: &Path) -> Term {
    let mut options = common(pair, home);
    options.push(tuple([atom("fail_if_no_peer_cert"), atom("true")]));
    tuple([atom("server"), Term::from(options)])
}

fn client(pair: &Pair, home: &Path) -> Term {
    tuple([atom("client"), Term::from(common(pair, home))])
}

fn common(pair: &Pair, home: &Path) -> Vec<Term> {
    let file = |key, path: &Path| tuple([atom(key), string(&home.join(path.file_name().unwrap_or_default()).display().to_string())]);
    vec![
        file("certfile", &pair.certificate),
        file("keyfile", &pair.key),
        file("cacertfile", Path::new("ca.crt")),
        tuple([atom("verify"), atom("verify_peer")]),
        // Without it OTP speaks TLS 1.2 only.
        tuple([atom("versions"), list([atom("tlsv1.3")])]),
    ]
}

/// The line may be pasted anywhere.
fn absolute(path: &Path) -> Result<PathBuf, DevelopmentError> {
    std::path::absolute(path).map_err(refused(path, "found"))
}

fn epmd_port() -> Option<String> {
    std::env::var("ERL_EPMD_PORT").ok().filter(|port| !port.is_empty())
}
