//! How an OTP node is to be started.

use super::here::{as_erlang_sees, erlang};
use super::{Language, Otp, files};
use crate::pki::Pki;
use crate::scratch::Scratch;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What carries the links of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Tls13,
    Tls12,
    Tcp,
}

impl Transport {
    pub(crate) const ALL: [Self; 3] = [Self::Tls13, Self::Tls12, Self::Tcp];

    const fn version(self) -> Option<&'static str> {
        match self {
            Self::Tls13 => Some("tlsv1.3"),
            Self::Tls12 => Some("tlsv1.2"),
            Self::Tcp => None,
        }
    }
}

/// A node in the making: TLS 1.3, the cookie `cluster`, and a certificate under its own short name, unless told otherwise.
#[derive(Debug)]
#[must_use]
pub(crate) struct Builder<'a> {
    name: String,
    pki: &'a Pki,
    epmd: u16,
    transport: Transport,
    certificate: String,
    cookie: String,
    arguments: Vec<String>,
    server: String,
    client: String,
    handed_out: Option<String>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(name: &str, pki: &'a Pki, epmd: u16) -> Self {
        let certificate = name.split('@').next().unwrap_or_default().to_owned();
        let (name, cookie) = (name.to_owned(), "cluster".to_owned());
        let (arguments, server, client, handed_out) = Default::default();
        Self { name, pki, epmd, transport: Transport::Tls13, certificate, cookie, arguments, server, client, handed_out }
    }

    pub(crate) const fn over(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    pub(crate) fn cookie(mut self, cookie: &str) -> Self {
        cookie.clone_into(&mut self.cookie);
        self
    }

    /// Presents the certificate that the PKI has under this name; it is made if there is none.
    pub(crate) fn certificate(mut self, name: &str) -> Self {
        name.clone_into(&mut self.certificate);
        self
    }

    /// More for the command line of `erl`, written as on a shell's line without quotes.
    pub(crate) fn arguments(mut self, arguments: &str) -> Self {
        self.arguments.extend(arguments.split_whitespace().map(str::to_owned));
        self
    }

    /// Options of `ssl` for both sides, such as `{key_update_at, 100000}`. They stand before ours, and so prevail.
    pub(crate) fn ssl(self, options: &str) -> Self {
        self.ssl_server(options).ssl_client(options)
    }

    pub(crate) fn ssl_server(mut self, options: &str) -> Self {
        self.server.push_str(options);
        self.server.push(',');
        self
    }

    pub(crate) fn ssl_client(mut self, options: &str) -> Self {
        self.client.push_str(options);
        self.client.push(',');
        self
    }

    /// Goes by this option file in place of one of our making; its paths become those of this node.
    #[allow(dead_code, reason = "most tests have option files of their own")]
    pub(crate) fn goes_by(mut self, text: &str) -> Self {
        self.handed_out = Some(text.to_owned());
        self
    }

    /// Returns when the node says that it runs.
    #[track_caller]
    pub(crate) fn start(self) -> Otp {
        let (scratch, helpers) = (files(), super::helpers());
        let mut command = self.command("erl", &scratch);
        command.args(self.flags(&scratch)).args(["-pa", &as_erlang_sees(&helpers), "-s", "counterpart"]);
        Otp::spawn(&self.name, Language::Erlang, command, (scratch, helpers))
    }

    /// The same in Elixir: expressions and answers are Elixir's.
    #[allow(dead_code, reason = "most tests have nodes of Erlang only")]
    #[track_caller]
    pub(crate) fn start_in_elixir(self) -> Otp {
        let scratch = files();
        let script = scratch.join("counterpart.exs");
        fs::write(&script, include_str!("counterpart.exs")).unwrap();
        let mut command = self.command("elixir", &scratch);
        // Elixir takes them as one argument, and parts it at its spaces.
        command.args(["--erl", &self.flags(&scratch).join(" "), &as_erlang_sees(&script)]);
        Otp::spawn(&self.name, Language::Elixir, command, (scratch, super::helpers()))
    }

    fn command(&self, program: &str, scratch: &Scratch) -> Command {
        let mut command = erlang(program);
        // Not the user's home: it may have a cookie, and a .erlang.
        command.env("ERL_EPMD_PORT", self.epmd.to_string()).env("HOME", as_erlang_sees(scratch));
        command
    }

    fn flags(&self, scratch: &Scratch) -> Vec<String> {
        let own = ["+S", "2:2", "-noshell", self.name_flag(), &self.name, "-setcookie", &self.cookie];
        let quiet = "-start_epmd false -kernel logger_level emergency -kernel inet_dist_use_interface {127,0,0,1}";
        let mut flags: Vec<String> = own.into_iter().chain(quiet.split(' ')).map(str::to_owned).collect();
        if let Some(version) = self.transport.version() {
            let file = scratch.join("ssl_dist.conf");
            fs::write(&file, self.option_file(version)).unwrap();
            flags.extend(["-proto_dist", "inet_tls", "-ssl_dist_optfile"].map(str::to_owned));
            flags.push(as_erlang_sees(&file));
        }
        flags.extend(self.arguments.iter().cloned());
        flags
    }

    fn name_flag(&self) -> &'static str {
        let long = self.name.split_once('@').is_some_and(|(_, host)| host.contains('.'));
        if long { "-name" } else { "-sname" }
    }

    /// The version stands there because OTP would otherwise speak TLS 1.2 only.
    fn option_file(&self, version: &str) -> String {
        self.pki.ensure(&self.certificate);
        let file = |name: &str| as_erlang_sees(&self.pki.path(name));
        let (own, key, ca) = (file(&format!("{}.pem", self.certificate)), file(&format!("{}.key", self.certificate)), file("ca.pem"));
        if let Some(text) = &self.handed_out {
            let paths = [("tls.crt", own), ("tls.key", key), ("ca.crt", ca)];
            return paths.iter().fold(text.clone(), |text, (name, path)| text.replace(&format!("/etc/countersign/tls/{name}"), path));
        }
        let both = format!(
            "{{certfile,\"{own}\"}},{{keyfile,\"{key}\"}},{{cacertfile,\"{ca}\"}},{{versions,['{version}']}},{{verify,verify_peer}}"
        );
        format!("[{{server,[{}{both},{{fail_if_no_peer_cert,true}}]}},{{client,[{}{both}]}}].\n", self.server, self.client)
    }
}

/// Compiles the helper module to where `erl` finds it.
pub(super) fn compile_into(folder: &Path) {
    let source = folder.join("counterpart.erl");
    fs::write(&source, include_str!("counterpart.erl")).unwrap();
    let compiled = erlang("erlc").args(["-o", &as_erlang_sees(folder), &as_erlang_sees(&source)]).output().unwrap();
    assert!(compiled.status.success(), "{compiled:?}");
}
