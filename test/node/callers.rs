//! Who may call what, as a table: each kind of caller, on each way that a call can take, to each kind of function. What is
//! refused looks on every way as if there were no such function, is counted, and does not run.

use crate::raw::{Frames, Raw, dialer, local};
use crate::served::{Runs, functions};
use crate::world::{World, eventually};
use countersign::dist::control::{Mfa, PayloadExit, PayloadMonitorPExit, Proc, RegSend, SpawnFlags, SpawnReply, SpawnRequest, Unused};
use countersign::dist::{Control, Message};
use countersign::etf::{Atom, Reference, Term, Terms, atom, list, tuple};
use countersign::net::{Dialer, DialerOptions};
use countersign::node::rpc::Callers;
use countersign::node::{Node, NodeOptions};
use countersign::rt::block_on;
use countersign::tls::{CertAuth, ClientAuth};
use std::sync::Arc;

/// How `x@localhost` shows who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    /// A certificate for its host.
    Host,
    /// One with its own URI besides.
    Uri,
    /// One that nobody asks for.
    Nothing,
    /// One of a CA that nobody here trusts, to a node that asks for any.
    Stranger,
    /// Plain TCP.
    Plain,
}

/// Who is on the list, and whether `x@localhost` is.
const TABLE: &[(Shows, &str, bool)] = &[
    (Shows::Host, "x@localhost", true),
    (Shows::Host, "*@localhost", true),
    (Shows::Host, "verified", true),
    (Shows::Host, "y@localhost", false),
    (Shows::Host, "*@elsewhere", false),
    (Shows::Host, "erl:x@localhost", false),
    (Shows::Host, "nobody", false),
    (Shows::Uri, "x@localhost", true),
    (Shows::Uri, "erl:x@localhost", true),
    (Shows::Uri, "erl:y@localhost", false),
    (Shows::Uri, "y@localhost or erl:x@localhost", true),
    (Shows::Nothing, "x@localhost", false),
    (Shows::Nothing, "*@localhost", false),
    (Shows::Nothing, "verified", false),
    (Shows::Nothing, "erl:x@localhost", false),
    (Shows::Nothing, "unverified x@localhost", true),
    (Shows::Nothing, "unverified y@localhost", false),
    (Shows::Nothing, "unverified erl:x@localhost", false),
    (Shows::Nothing, "unverified y@localhost or x@localhost", false),
    (Shows::Stranger, "x@localhost", false),
    (Shows::Stranger, "verified", false),
    (Shows::Stranger, "erl:x@localhost", false),
    (Shows::Plain, "x@localhost", false),
    (Shows::Plain, "verified", false),
    (Shows::Plain, "unverified x@localhost", true),
    (Shows::Plain, "unverified verified", true),
    (Shows::Plain, "unverified y@localhost", false),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Erpc,
    ErpcCast,
    RexCall,
    RexBlockCall,
    RexCast,
    NodeOfC,
    Spawn,
    SpawnLink,
    SpawnMonitor,
}

const WAYS: [Way; 9] =
    [Way::Erpc, Way::ErpcCast, Way::RexCall, Way::RexBlockCall, Way::RexCast, Way::NodeOfC, Way::Spawn, Way::SpawnLink, Way::SpawnMonitor];

/// One that the list is for, one for nobody, and one that is not there.
const FUNCTIONS: [(&str, &str, bool); 3] = [("math", "add", true), ("other", "add", false), ("no", "such", false)];

#[test]
fn nobody_runs_what_he_is_not_on_the_list_of() {
    block_on(async {
        let mut wrong = Vec::new();
        for &(shows, list, is_listed) in TABLE {
            wrong.extend(Box::pin(scene(shows, list, is_listed)).await);
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

/// What is not as it should be.
async fn scene(shows: Shows, list: &str, is_listed: bool) -> Vec<String> {
    let (world, runs) = (World::new().await, Runs::default());
    let (a, mut raw) = met(&world, shows, functions(&callers(list), &runs)).await;
    let mut wrong = Vec::new();
    for way in WAYS {
        for (module, function, is_there) in FUNCTIONS {
            let (may, before) = (is_listed && is_there, (runs.count(), a.refused_calls()));
            let seen = Box::pin(way.go(&mut raw, module, function)).await;
            let wanted = way.wanted(may, module, function);
            if may {
                eventually("it has run", || runs.count() > before.0);
            }
            let counted = (runs.count() - before.0, a.refused_calls() - before.1);
            if seen != wanted || counted != (usize::from(may), u64::from(!may)) {
                wrong.push(format!("{shows:?}, list {list}, {way:?} {module}:{function}: {seen} for {wanted}, {counted:?}"));
            }
        }
    }
    // Before the node, which else waits for it.
    drop(raw);
    a.stop().await;
    wrong
}

/// `unverified` before it means that names count that nobody vouches for.
fn callers(list: &str) -> Callers {
    list.split(" or ").fold(Callers::nobody(), |all, one| {
        let (is_loose, one) = one.strip_prefix("unverified ").map_or((false, one), |one| (true, one));
        let callers = match one {
            "verified" => Callers::verified(),
            "nobody" => Callers::nobody(),
            uri if uri.contains(':') => Callers::identities([uri]).unwrap(),
            node => Callers::nodes([node]).unwrap(),
        };
        all.or(if is_loose { callers.danger_unverified() } else { callers })
    })
}

async fn met(world: &World, shows: Shows, functions: countersign::node::rpc::Functions) -> (Node, Raw) {
    let own = || CertAuth::builder(world.ca.agent(&["localhost"])).root_cas(world.ca.pool()).client_cas(world.ca.pool());
    let with = |mode| world.with(Some(Arc::new(own().client_auth(mode).build().unwrap())));
    let options = match shows {
        Shows::Host | Shows::Uri => world.secure(),
        Shows::Nothing => with(ClientAuth::None),
        Shows::Stranger => with(ClientAuth::RequireAny),
        Shows::Plain => world.plain(),
    };
    let a = Node::start("a@localhost", NodeOptions { functions, ..options }).await.unwrap();
    let other = countersign::testing::Ca::new();
    let presenting = |certificate| {
        let manager = CertAuth::builder(certificate).root_cas(world.ca.pool()).build().unwrap();
        Dialer::new(DialerOptions::secure(Arc::new(manager))).unwrap()
    };
    let dialer = match shows {
        Shows::Uri => presenting(world.ca.leaf().dns("localhost").uri("erl:x@localhost").build()),
        Shows::Stranger => presenting(other.leaf().dns("localhost").uri("erl:x@localhost").build()),
        Shows::Host | Shows::Nothing | Shows::Plain => dialer(world, &a),
    };
    let raw = Raw::shake(Frames::with(dialer, &a).await, &local("x@localhost"), &a).await;
    (a, raw)
}

impl Way {
    /// Calls `Module:Function(1, 2)`; what the caller sees of it, on one line.
    async fn go(self, raw: &mut Raw, module: &'static str, function: &'static str) -> String {
        let mfa = [atom(module), atom(function), list([1, 2])];
        let [module, function, arguments] = mfa.clone();
        let erpc = |tag: Option<Term>| list(tag.into_iter().chain(mfa.clone()));
        let old = |kind| tuple([atom(kind), module.clone(), function.clone(), arguments.clone(), atom("user")]);
        let plain = (module.as_atom().unwrap().clone(), function.as_atom().unwrap().clone());
        match self {
            Self::Erpc => spawn(raw, ("erpc", "execute_call"), erpc(Some(atom("tag"))), &["monitor"]).await,
            Self::ErpcCast => spawn(raw, ("erpc", "execute_cast"), erpc(None), &[]).await,
            Self::Spawn => spawn_named(raw, plain, arguments, &[]).await,
            Self::SpawnLink => spawn_named(raw, plain, arguments, &["link"]).await,
            Self::SpawnMonitor => spawn_named(raw, plain, arguments, &["monitor"]).await,
            Self::RexCall => gen_call(raw, old("call")).await,
            Self::RexBlockCall => gen_call(raw, old("block_call")).await,
            Self::NodeOfC => {
                let from = Term::from(raw.pid(1));
                rex(raw, &tuple([from, old("call")])).await;
                raw.hear_term().await.unwrap().to_string()
            }
            Self::RexCast => {
                rex(raw, &tuple([atom("$gen_cast"), old("cast")])).await;
                // It does one thing after the other.
                gen_call(raw, atom("nothing")).await
            }
        }
    }

    fn wanted(self, may: bool, module: &str, function: &str) -> String {
        let undef = format!("undef,[{{{module},{function},[1,2],[]}}]");
        match (self, may) {
            (Self::Erpc, true) => "2 pid, down {tag,return,3}".to_owned(),
            (Self::Erpc, false) => format!("2 pid, down {{tag,error,{undef}}}"),
            (Self::ErpcCast | Self::Spawn, _) => "0 pid".to_owned(),
            (Self::SpawnLink, true) => "1 pid, exit normal".to_owned(),
            (Self::SpawnLink, false) => format!("1 pid, exit {{{undef}}}"),
            (Self::SpawnMonitor, true) => "2 pid, down normal".to_owned(),
            (Self::SpawnMonitor, false) => format!("2 pid, down {{{undef}}}"),
            (Self::RexCall | Self::RexBlockCall, true) => "3".to_owned(),
            (Self::RexCall | Self::RexBlockCall, false) => format!("{{badrpc,{{'EXIT',{{{undef}}}}}}}"),
            (Self::NodeOfC, true) => "{rex,3}".to_owned(),
            (Self::NodeOfC, false) => format!("{{rex,{{badrpc,{{'EXIT',{{{undef}}}}}}}}}"),
            (Self::RexCast, _) => "{badrpc,notsup}".to_owned(),
        }
    }
}

async fn rex(raw: &mut Raw, term: &Term) {
    let from = raw.pid(1);
    raw.say(RegSend { from, unused: Unused, to: Atom::fixed("rex") }, Some(term)).await;
}

async fn gen_call(raw: &mut Raw, request: Term) -> String {
    let from = Term::from(raw.pid(1));
    rex(raw, &tuple([atom("$gen_call"), tuple([from, atom("tag")]), request])).await;
    let answer = raw.hear_term().await.unwrap();
    let Some([tag, answer]) = answer.as_tuple() else { panic!("{answer}") };
    assert!(tag.is_atom("tag"));
    answer.to_string()
}

async fn spawn(raw: &mut Raw, (module, function): (&'static str, &'static str), arguments: Term, options: &[&'static str]) -> String {
    spawn_named(raw, (Atom::fixed(module), Atom::fixed(function)), arguments, options).await
}

/// The flags and kind of the reply, and how the child ended if there is a tie to tell it.
async fn spawn_named(raw: &mut Raw, (module, function): (Atom, Atom), arguments: Term, options: &[&'static str]) -> String {
    let (from, request) = (raw.pid(1), next(raw));
    let arity = u8::try_from(arguments.as_list().unwrap().len()).unwrap();
    let ties = Terms::from(options.iter().map(|&option| atom(option)).collect::<Vec<_>>());
    let asked =
        SpawnRequest { request: request.clone(), group_leader: from.clone(), from, mfa: Mfa { module, function, arity }, options: ties };
    raw.say(asked, Some(&arguments)).await;
    let Some(Message { control: Control::SpawnReply(SpawnReply { request: own, flags: SpawnFlags(flags), result, .. }), .. }) =
        raw.hear().await
    else {
        panic!("the reply comes first")
    };
    assert_eq!(own, request);
    let Proc::Pid(child) = result else { return format!("{flags} {result:?}") };
    let end = if options.is_empty() { String::new() } else { format!(", {}", end(raw, &Proc::Pid(child)).await) };
    format!("{flags} pid{end}")
}

async fn end(raw: &mut Raw, child: &Proc) -> String {
    let message = raw.hear().await.unwrap();
    let reason = message.payload.unwrap();
    match message.control {
        Control::PayloadExit(PayloadExit { from, .. }) if Proc::Pid(from.clone()) == *child => format!("exit {reason}"),
        Control::PayloadMonitorPExit(PayloadMonitorPExit { from, .. }) if from == *child => format!("down {reason}"),
        other => panic!("{other:?}"),
    }
}

fn next(raw: &Raw) -> Reference {
    use std::sync::atomic::{AtomicU32, Ordering};
    static LAST: AtomicU32 = AtomicU32::new(1_000);
    raw.reference(LAST.fetch_add(1, Ordering::Relaxed))
}
