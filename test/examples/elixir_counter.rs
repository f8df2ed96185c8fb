//! A GenServer written in Rust, and called from a node of Elixir over mutual TLS.
//!
//! ```text
//! cargo run --example elixir_counter
//! ```
//! With `elixir` installed it starts a node of Elixir and has it make the calls of the table below; without, it shows
//! what to type. It fails unless every answer is the one of the table.
#![expect(clippy::print_stdout, reason = "a program that talks to a person")]

use countersign::dist::Cookie;
use countersign::epmd::{Server, ServerOptions};
use countersign::etf::{Atom, Term, atom, map};
use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions, Process};
use countersign::otp::gen_server::{Answer, Caller, Client, GenServer, Launch, Origin, Step, Typed};
use countersign::rt;
use countersign::testing::Ca;
use countersign::tls::CertAuth;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fs::{self, DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// What Elixir asks, and what it is to see.
const CALLS: [(&str, &str); 5] = [
    ("GenServer.call(counter, :value)", "5"),
    ("GenServer.call(counter, {:add, 37})", "42"),
    ("GenServer.cast(counter, :reset)", ":ok"),
    ("GenServer.call(counter, :double)", r#"{:error, {:bad_request, "$: expected value, add or reset, found double"}}"#),
    ("GenServer.stop(counter)", ":ok"),
];

struct Counter(i64);

/// `:value`, `{:add, 1}` and `:reset`
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Request {
    Value,
    Add(i64),
    Reset,
}

impl GenServer for Counter {
    type Call = Typed<Request>;
    type Cast = Typed<Request>;

    async fn handle_call(&mut self, Typed(request): Typed<Request>, caller: Caller, _: &mut Process) -> Answer {
        self.take(request);
        caller.answer(self.0)
    }

    async fn handle_cast(&mut self, Typed(request): Typed<Request>, _: Origin, _: &mut Process) -> Step {
        self.take(request);
        Step::Wait
    }

    fn state(&self) -> Term {
        map([(atom("value"), Term::from(self.0))]).unwrap_or_else(|_| Term::from(self.0))
    }
}

impl Counter {
    fn take(&mut self, request: Request) {
        self.0 = match request {
            Request::Value => self.0,
            Request::Add(number) => self.0.saturating_add(number),
            Request::Reset => 0,
        };
    }
}

fn main() -> Outcome {
    let (ca, epmd) = (Ca::new(), rt::block_on(Server::bind(ServerOptions::loopback()))?);
    let rust = rt::block_on(serve(&ca, &epmd))?;

    // Where Elixir finds its certificate and its cookie: its home, which is gone when this ends.
    let home = std::env::temp_dir().join(format!("countersign-elixir-{}", std::process::id()));
    DirBuilder::new().mode(0o700).create(&home)?;
    let said = furnish(&home, &ca).and_then(|()| ask_from_elixir(&home, &epmd));
    fs::remove_dir_all(&home)?;
    rt::block_on(rust.stop());
    match said? {
        Some(said) => {
            println!("A node of Elixir:\n{said}");
            let wanted = CALLS.map(|(call, answer)| format!("  {call}\n    {answer}\n"));
            assert_eq!(said, wanted.concat(), "Elixir sees what it is to see");
        }
        None => {
            println!("elixir is not installed. In a node of it one would type, with counter = {{:counter, :rust@localhost}}:");
            CALLS.iter().for_each(|(call, answer)| println!("  {call}\n    {answer}"));
        }
    }
    Ok(())
}

/// Starts the counter, and lets another node of ours call it first.
async fn serve(ca: &Ca, epmd: &Server) -> Outcome<Node> {
    let options = || NodeOptions {
        cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
        cookie: Some(Cookie::new(COOKIE.to_vec())),
        acceptors: vec![Acceptor::at_port(0)],
        epmd: EpmdMode::At(epmd.port()),
        ..NodeOptions::default()
    };
    let rust = Node::start("rust@localhost", options()).await?;
    Launch::new(Counter(0)).named(Atom::fixed("counter")).start(&rust).await?;

    let other = Node::start("other@localhost", options()).await?;
    let counter = Client::of((Atom::fixed("counter"), rust.name()));
    let value: i64 = counter.call(&other, &Request::Add(5)).await?;
    println!("Another node of ours:\n  {{add,5}}\n  {value}");
    assert_eq!(value, 5);
    other.stop().await;
    Ok(rust)
}

/// The files that OTP reads.
fn furnish(home: &Path, ca: &Ca) -> Outcome {
    let (chain, key) = ca.leaf().names(&["localhost"]).pem();
    let at = home.display();
    let own = format!("{{certfile,\"{at}/tls.crt\"}},{{keyfile,\"{at}/tls.key\"}},{{cacertfile,\"{at}/ca.crt\"}}");
    let both = format!("{own},{{versions,['tlsv1.3']}},{{verify,verify_peer}}");
    fs::write(home.join("tls.conf"), format!("[{{server,[{both},{{fail_if_no_peer_cert,true}}]}},{{client,[{both}]}}]."))?;
    fs::write(home.join("ca.crt"), ca.pem())?;
    fs::write(home.join("tls.crt"), chain)?;
    for (name, secret) in [("tls.key", key.expose()), (".erlang.cookie", COOKIE)] {
        fs::write(home.join(name), secret)?;
        fs::set_permissions(home.join(name), Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// What a node of Elixir prints that makes all the calls; nothing where there is no Elixir.
fn ask_from_elixir(home: &Path, epmd: &Server) -> Outcome<Option<String>> {
    let alone = "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}";
    let flags = format!("{alone} -proto_dist inet_tls -ssl_dist_optfile {}/tls.conf", home.display());
    let mut elixir = Command::new("elixir");
    elixir.args(["--sname", "elixir@localhost", "--erl", &flags, "-e", SCRIPT]);
    elixir.args(CALLS.map(|(call, _)| call)).env("HOME", home).env("ERL_EPMD_PORT", epmd.port().to_string());
    match elixir.stdin(Stdio::null()).stderr(Stdio::inherit()).output() {
        Ok(ran) => Ok(Some(String::from_utf8(ran.stdout)?)),
        Err(missing) if missing.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

const SCRIPT: &str = r#"for call <- System.argv() do
  {answer, _} = Code.eval_string(call, counter: {:counter, :rust@localhost})
  IO.puts("  #{call}\n    #{inspect(answer, width: :infinity)}")
end"#;
const COOKIE: &[u8] = b"elixir_counter";
