//! Requests of peers to spawn a process here: how `erpc`, `rpc` and `spawn/4` arrive.

use super::apply::Apply;
use super::invocation::Caller;
use super::job::{Job, NotLetIn};
use super::raised::{Done, Named};
use crate::dist::control::{Mfa, Proc, SpawnFlags, SpawnReply, SpawnRequest};
use crate::etf::{Atom, Pid, Reference, Term, Terms};
use crate::failure::Code;
use crate::node::body::Body;
use crate::node::core::Core;
use crate::node::peer::Peer;
use crate::node::process::Process;
use crate::node::registry::number;
use crate::node::ties::Watcher;
use crate::node::{reason, wire};
use std::sync::Arc;

/// Does what is asked, or says why not. The answer always comes, and before anything else of the child.
pub(in crate::node) fn spawn(core: &Arc<Core>, peer: &Arc<Peer>, asked: SpawnRequest, arguments: Term) {
    let SpawnRequest { request, from, mfa, options, .. } = asked;
    let parent = Parent { core, peer, pid: from, request };
    if let Err(why) = parent.try_to_spawn(&mfa, &options, arguments) {
        parent.reply(SpawnFlags::default(), Proc::Name(Atom::fixed(why)));
    }
}

/// Who wants a child.
struct Parent<'a> {
    core: &'a Arc<Core>,
    peer: &'a Arc<Peer>,
    pid: Pid,
    /// The child is monitored by this reference, too.
    request: Reference,
}

/// What shall bind it to its parent.
#[derive(Clone, Copy, Debug, Default)]
struct Wishes {
    link: bool,
    monitor: bool,
}

/// How a child says what came of it.
enum Way {
    Spawn,
    /// `erpc:execute_call(Tag, Module, Function, Arguments)`: the value is why it ends.
    Call(Term),
    /// `erpc:execute_cast(Module, Function, Arguments)`
    Cast,
}

impl Parent<'_> {
    fn try_to_spawn(&self, mfa: &Mfa, options: &Terms, arguments: Term) -> Result<(), &'static str> {
        if self.core.settings.functions.is_empty() {
            let name = Named { module: mfa.module.clone(), function: mfa.function.clone(), arity: mfa.arity.into() };
            self.core.refuse_call(self.peer, &name, Code::NotAllowed);
            return Err("notsup");
        }
        // Of another node it would bind one of ours to whom this peer has no say over.
        let own = &self.peer.facts().peer_atom;
        if self.pid.node != *own || self.request.node() != own {
            return Err("badarg");
        }
        let wishes = Wishes::of(options).ok_or("badopt")?;
        let (way, what) = Way::of(mfa, arguments).ok_or("badarg")?;
        let caller = Caller::of(self.core, Some(self.pid.clone()), Some(self.peer));
        match self.core.let_in(caller, what) {
            Ok(job) => self.bear(job, way, wishes),
            Err(NotLetIn::Undef(what)) => self.bear_nobody(&way.reason(Done::undef(what)), wishes),
            Err(NotLetIn::NoRoom) => return Err("system_limit"),
        }
        Ok(())
    }

    fn bear(&self, job: Job, way: Way, wishes: Wishes) {
        let unborn = self.core.conceive();
        let Some(flags) = self.tie(&unborn.body, wishes) else {
            // The link has been cut: nobody is there to have it.
            return self.core.bury(&unborn.body, reason::shutdown());
        };
        self.reply(flags, Proc::Pid(unborn.body.pid.clone()));
        let (core, peer) = (Arc::clone(self.core), Arc::clone(self.peer));
        self.core.bear(unborn, move |body| async move {
            let (done, _place) = job.run(Process::new(core, body)).await;
            // The end of a process waits for nobody, and here it carries a value: a peer that asks for many and
            // does not read them is waited for instead.
            peer.link.room().await;
            way.reason(done)
        });
    }

    /// For a function that is not there, OTP has a process that ends at once. It needs none: its pid is enough.
    fn bear_nobody(&self, reason: &Term, wishes: Wishes) {
        let (child, _) = self.core.next_pid();
        self.reply(wishes.flags(), Proc::Pid(child.clone()));
        if wishes.link {
            wire::exit(self.peer, &child, &self.pid, reason);
        }
        if wishes.monitor {
            wire::monitor_exit(self.peer, None, Proc::Pid(child), self.pid.clone(), &self.request, reason);
        }
    }

    /// Before it runs, so that it cannot end without its parent knowing; `None` if the peer has made too many ties.
    fn tie(&self, child: &Body, wishes: Wishes) -> Option<SpawnFlags> {
        let Wishes { mut link, mut monitor } = wishes;
        if link {
            link = child.tie(&self.pid, Some((self.peer, Some(self.core.take_on(self.peer)?))));
        }
        if monitor {
            let watcher = Watcher { pid: self.pid.clone(), name: None, peer: Some(Arc::clone(self.peer)) };
            let made = self.core.take_on(self.peer)?;
            // Not if it watches somebody by this reference already.
            monitor = self.peer.watches(&self.request, number(&child.pid), made) && child.watch(&self.request, watcher);
        }
        Some(Wishes { link, monitor }.flags())
    }

    fn reply(&self, flags: SpawnFlags, result: Proc) {
        wire::post(self.peer, SpawnReply { request: self.request.clone(), to: self.pid.clone(), flags, result }, None);
    }
}

impl Wishes {
    /// `None` with an option that OTP does not send. What is meant for the emulator means nothing here.
    fn of(options: &Terms) -> Option<Self> {
        options.iter().try_fold(Self::default(), |wishes, option| {
            let is = |name| option.is_atom(name) || matches!(option.as_tuple(), Some([key, _]) if key.is_atom(name));
            match option {
                _ if option.is_atom("link") => Some(Self { link: true, ..wishes }),
                _ if is("monitor") => Some(Self { monitor: true, ..wishes }),
                Term::Tuple(_) if FOR_THE_EMULATOR.into_iter().any(is) => Some(wishes),
                _ => None,
            }
        })
    }

    const fn flags(self) -> SpawnFlags {
        let link = if self.link { SpawnFlags::LINK.0 } else { 0 };
        let monitor = if self.monitor { SpawnFlags::MONITOR.0 } else { 0 };
        SpawnFlags(link | monitor)
    }
}

impl Way {
    /// What is to be called, and for what; `None` if it cannot be called at all.
    fn of(mfa: &Mfa, arguments: Term) -> Option<(Self, Apply)> {
        let Term::List(arguments) = arguments else { return None };
        if arguments.len() != usize::from(mfa.arity) {
            return None;
        }
        match (mfa.module.as_str(), mfa.function.as_str(), &*arguments) {
            ("erpc", "execute_call", [tag, module, function, arguments]) => {
                Some((Self::Call(tag.clone()), Apply::from_terms(module, function, arguments)?))
            }
            ("erpc", "execute_cast", [module, function, arguments]) => Some((Self::Cast, Apply::from_terms(module, function, arguments)?)),
            _ => Some((Self::Spawn, Apply::new(mfa.module.clone(), mfa.function.clone(), arguments))),
        }
    }

    fn reason(self, done: Done) -> Term {
        match self {
            Self::Call(tag) => done.into_erpc(tag),
            Self::Spawn | Self::Cast => done.into_reason(),
        }
    }
}

const FOR_THE_EMULATOR: [&str; 8] = [
    "priority",
    "fullsweep_after",
    "min_heap_size",
    "min_bin_vheap_size",
    "max_heap_size",
    "message_queue_data",
    "async_dist",
    "scheduler",
];
