//! Who may carry a link over to a new connection: its other end, made by hand here, and nobody else.

use crate::handover_world::peer;
use crate::raw::{Frames, Raw};
use crate::world::{NEVER, World, door, eventually, name, next_term};
use countersign::dist::control::{RegSend, Unused};
use countersign::dist::handover::{Answer, Ask, Binding, HandoverNumber, LinkKeys, LinkName};
use countersign::dist::{Extension, Framing};
use countersign::etf::{Atom, Term, atom};
use countersign::failure::Code;
use countersign::node::{Node, NodeOptions};
use countersign::rt::{self, TcpStream, block_on};
use countersign::tls::{ClientSide, Ends, Purpose, SecureStream, ServerName, TlsPolicy};
use futures_util::io::{AsyncReadExt, AsyncWriteExt};
use std::time::Duration;

/// A connection that was dialled for a handover, by whoever has a good certificate.
struct Petitioner(SecureStream<TcpStream>);

impl Petitioner {
    async fn at(world: &World, node: &Node, acceptor: usize) -> Self {
        let side = ClientSide::new(world.manager().as_ref(), &TlsPolicy::default(), "petitioner").unwrap();
        let tcp = TcpStream::connect(node.local_addrs()[acceptor]).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        Self(side.connect_for(Purpose::Handover, name, tcp, Ends::default()).await.unwrap())
    }

    fn session(&self) -> Binding {
        Binding(self.0.export("EXPORTER-countersign-handover").unwrap())
    }

    async fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
        self.0.flush().await.unwrap();
    }

    async fn answer_to(&mut self, frame: &[u8]) -> Answer {
        let mut bytes = Vec::new();
        Framing::Four.write(frame, &mut bytes).unwrap();
        self.write(&bytes).await;
        self.answer().await
    }

    async fn answer(&mut self) -> Answer {
        let reading = async {
            let mut length = [0; 4];
            self.0.read_exact(&mut length).await.unwrap();
            let mut frame = vec![0; u32::from_be_bytes(length) as usize];
            self.0.read_exact(&mut frame).await.unwrap();
            frame
        };
        Answer::read(&rt::timeout(NEVER, reading).await.unwrap()).unwrap()
    }
}

/// A node, and a link to it whose other end is made by hand and has dialled.
struct Linked {
    world: World,
    node: Node,
    raw: Raw,
    keys: LinkKeys,
}

impl Linked {
    async fn new(change: impl FnOnce(&mut NodeOptions)) -> Self {
        let world = World::new().await;
        let mut options = world.secure();
        change(&mut options);
        let node = Node::start("a@localhost", options).await.unwrap();
        let raw = Raw::meet(&world, &node, "x@localhost").await;
        let keys = keys_of(&raw.frames);
        Self { world, node, raw, keys }
    }

    async fn petitioner(&self) -> Petitioner {
        Petitioner::at(&self.world, &self.node, 0).await
    }

    fn ask(&self, number: u64, petitioner: &Petitioner) -> Ask {
        self.keys.ask(HandoverNumber(number), petitioner.session())
    }

    /// The link carries messages as before.
    async fn goes_on(&mut self) {
        let heard = self.node.run(|mut process| async move {
            process.register(Atom::fixed("ear")).unwrap();
            next_term(&mut process).await
        });
        eventually("somebody listens", || self.node.whereis("ear").is_some());
        let (from, to) = (self.raw.pid(1), Atom::fixed("ear"));
        self.raw.say(RegSend { from, unused: Unused, to }, Some(&atom("still_here"))).await;
        assert_eq!(crate::world::found(heard).await, atom("still_here"));
        assert_eq!(self.node.peers()[0].link().handovers().done, 0);
    }

    /// The link has ended, because of this side.
    async fn is_over(&mut self) {
        rt::timeout(NEVER, async { while self.raw.hear().await.is_some() {} }).await.unwrap();
        eventually("the node has told everybody", || self.node.peers().is_empty());
    }
}

fn keys_of(frames: &Frames) -> LinkKeys {
    let tls = frames.connection.tls().unwrap();
    let name = LinkName(tls.export("EXPORTER-countersign-link-name").unwrap());
    LinkKeys::new(name, &tls.export("EXPORTER-countersign-link-secret").unwrap())
}

#[test]
fn a_stranger_with_a_good_certificate_who_does_not_know_the_secret_moves_nothing() {
    block_on(async {
        let mut linked = Linked::new(|_| {}).await;
        let public = linked.node.peers()[0].link().name().unwrap();
        assert_eq!(public, linked.keys.name());
        for (name, code) in [(LinkName([0; 16]), Code::WrongNode), (public, Code::NotAllowed)] {
            let mut stranger = linked.petitioner().await;
            let ask = LinkKeys::new(name, &[0; 32]).ask(HandoverNumber(1), stranger.session());
            assert_eq!(stranger.answer_to(&ask.bytes()).await, Answer::Refused(code));
        }
        eventually("both are counted", || {
            let counters = linked.node.counters();
            (counters.refused(Code::WrongNode), counters.refused(Code::NotAllowed)) == (1, 1)
        });
        linked.goes_on().await;
    });
}

#[test]
fn a_first_frame_that_was_overheard_and_is_replayed_moves_nothing() {
    block_on(async {
        let mut linked = Linked::new(|_| {}).await;
        let (first, mut second) = (linked.petitioner().await, linked.petitioner().await);
        let overheard = linked.ask(1, &first).bytes();
        assert_eq!(second.answer_to(&overheard).await, Answer::Refused(Code::NotAllowed));
        linked.goes_on().await;
    });
}

#[test]
fn the_proof_of_the_one_side_is_none_of_the_other() {
    block_on(async {
        let mut linked = Linked::new(|_| {}).await;
        let mut petitioner = linked.petitioner().await;
        let Answer::Granted(proof) = linked.keys.grant(HandoverNumber(1), petitioner.session()) else { panic!() };
        let reflected = Ask { proof, ..linked.ask(1, &petitioner) };
        assert_eq!(petitioner.answer_to(&reflected.bytes()).await, Answer::Refused(Code::NotAllowed));
        linked.goes_on().await;
    });
}

#[test]
fn a_damaged_first_frame_moves_nothing_wherever_it_is_damaged() {
    block_on(async {
        let mut linked = Linked::new(|_| {}).await;
        for at in [0, 1, 16, 17, 24, 25, 56] {
            let mut petitioner = linked.petitioner().await;
            let mut bytes = linked.ask(1, &petitioner).bytes();
            bytes[at] ^= 1;
            let Answer::Refused(code) = petitioner.answer_to(&bytes).await else { panic!("byte {at}") };
            assert!(matches!(code, Code::ProtocolViolation | Code::WrongNode | Code::NotAllowed), "byte {at}: {code}");
        }
        for bad in [&[][..], &[1], &[0; 57], &[1; 58]] {
            assert_eq!(linked.petitioner().await.answer_to(bad).await, Answer::Refused(Code::ProtocolViolation));
        }
        linked.goes_on().await;
    });
}

#[test]
fn a_first_frame_is_not_believed_to_be_long_and_not_waited_for_for_ever() {
    block_on(async {
        let mut linked = Linked::new(|options| options.setup_time = Duration::from_millis(300)).await;
        let (mut long, mut silent) = (linked.petitioner().await, linked.petitioner().await);
        long.write(&[0xff; 4]).await;
        silent.write(&[0, 0]).await;
        for petitioner in [&mut long, &mut silent] {
            let mut rest = Vec::new();
            // Closed with bytes unread, perhaps.
            let _ = rt::timeout(NEVER, petitioner.0.read_to_end(&mut rest)).await.unwrap();
            assert_eq!(rest, [0; 0]);
        }
        eventually("both are counted", || {
            let counters = linked.node.counters();
            (counters.refused(Code::ProtocolViolation), counters.refused(Code::Timeout)) == (1, 1)
        });
        linked.goes_on().await;
    });
}

#[test]
fn a_number_that_has_been_there_is_refused_and_a_later_one_takes_the_place_of_one_that_moved_nothing() {
    block_on(async {
        let mut linked = Linked::new(|_| {}).await;
        let mut pending = Vec::new();
        for (number, is_granted) in [(0, false), (5, true), (5, false), (4, false), (6, true), (u64::MAX, true), (7, false)] {
            let mut petitioner = linked.petitioner().await;
            let answer = petitioner.answer_to(&linked.ask(number, &petitioner).bytes()).await;
            match answer {
                Answer::Granted(proof) => {
                    assert!(is_granted, "{number}");
                    assert!(linked.keys.has_granted(&proof, HandoverNumber(number), petitioner.session()));
                    pending.push(petitioner);
                }
                Answer::Refused(code) => assert!(!is_granted && code == Code::TooMany, "{number}: {code}"),
            }
        }
        linked.goes_on().await;
    });
}

#[test]
fn a_link_moves_between_two_frames_and_each_direction_by_itself() {
    block_on(async {
        let mut linked = Linked::new(|_| {}).await;
        let mut petitioner = linked.petitioner().await;
        let ask = linked.ask(3, &petitioner);
        let Answer::Granted(_) = petitioner.answer_to(&ask.bytes()).await else { panic!("not granted") };
        let heard = linked.node.run(|mut process| async move {
            process.register(Atom::fixed("ear")).unwrap();
            let mut heard = Vec::new();
            for _ in 0..4 {
                heard.push(next_term(&mut process).await);
            }
            heard
        });
        eventually("somebody listens", || linked.node.whereis("ear").is_some());
        let (from, to) = (linked.raw.pid(1), Atom::fixed("ear"));
        let say = |raw: &mut Raw, number: u64| {
            raw.packed(RegSend { from: from.clone(), unused: Unused, to: to.clone() }, Some(&Term::from(number)))
        };
        let bytes: Vec<_> = (1..=4).map(|number| say(&mut linked.raw, number)).collect();
        let mut last_word = Vec::new();
        Extension::Moved(HandoverNumber(3)).write(&mut last_word);

        // What is on the new connection waits, whenever it comes, for the last word on the old one.
        petitioner.write(&bytes[2]).await;
        linked.raw.frames.write(&bytes[0]).await.unwrap();
        linked.raw.frames.write(&[&bytes[1][..], &last_word].concat()).await.unwrap();
        petitioner.write(&bytes[3]).await;
        assert_eq!(crate::world::found(heard).await, [1_u64, 2, 3, 4].map(Term::from));

        let answered = linked.raw.frames.next().await.unwrap();
        assert_eq!(Extension::read(&answered[1..]), Ok(Extension::Moved(HandoverNumber(3))));
        assert_eq!(linked.raw.frames.next().await, None, "the old connection is closed when both directions have moved");
        assert_eq!(linked.node.peers()[0].link().handovers().done, 1);

        let to = (Atom::fixed("anybody"), name("x@localhost"));
        linked.node.send(to, atom("news")).await.unwrap();
        let mut length = [0; 4];
        rt::timeout(NEVER, petitioner.0.read_exact(&mut length)).await.unwrap().unwrap();
        assert_ne!(length, [0; 4]);
    });
}

#[test]
fn a_last_word_that_was_not_agreed_on_is_the_end_of_the_link_and_so_is_anything_behind_one() {
    block_on(async {
        let tick = [0_u8; 4];
        let moved = |number| {
            let mut frame = Vec::new();
            Extension::Moved(HandoverNumber(number)).write(&mut frame);
            frame
        };
        for (frame, number) in
            [(moved(1), None), (moved(2), Some(1)), ([moved(1), tick.to_vec()].concat(), Some(1)), (moved(1).repeat(2), Some(1))]
        {
            let mut linked = Linked::new(|_| {}).await;
            let mut petitioner = linked.petitioner().await;
            if let Some(number) = number {
                let ask = linked.ask(number, &petitioner);
                let Answer::Granted(_) = petitioner.answer_to(&ask.bytes()).await else { panic!("not granted") };
            }
            linked.raw.frames.write(&frame).await.unwrap();
            linked.is_over().await;
        }
    });
}

#[test]
fn a_new_connection_that_is_lost_is_nothing_to_the_link_unless_its_dialler_moves_all_the_same() {
    block_on(async {
        let mut linked = Linked::new(|_| {}).await;
        let mut petitioner = linked.petitioner().await;
        let ask = linked.ask(1, &petitioner);
        let Answer::Granted(_) = petitioner.answer_to(&ask.bytes()).await else { panic!("not granted") };
        drop(petitioner);
        let link = std::sync::Arc::clone(linked.node.peers()[0].link());
        eventually("the node has seen it", || link.handovers().failed == 1);
        linked.goes_on().await;
        let mut last_word = Vec::new();
        Extension::Moved(HandoverNumber(1)).write(&mut last_word);
        linked.raw.frames.write(&last_word).await.unwrap();
        linked.is_over().await;
        assert!(link.ended().unwrap().to_string().starts_with("the connection that it was handed over to is lost"));
    });
}

#[test]
fn what_only_the_other_end_may_say_and_what_nobody_knows_ends_the_link() {
    block_on(async {
        // This end has dialled: it asks on a new connection, and needs not ask for one.
        for frame in [&[0, 0, 0, 2, 99, 1][..], &[0, 0, 0, 2, 99, 77], &[0, 0, 0, 1, 99], &[0, 0, 0, 1, 98]] {
            let mut linked = Linked::new(|_| {}).await;
            linked.raw.frames.write(frame).await.unwrap();
            linked.is_over().await;
        }
    });
}

#[test]
fn a_link_goes_on_through_the_acceptor_that_it_came_through_and_no_other() {
    block_on(async {
        let mut linked = Linked::new(|options| options.acceptors = vec![door(), door()]).await;
        let mut elsewhere = Petitioner::at(&linked.world, &linked.node, 1).await;
        let ask = linked.ask(1, &elsewhere);
        assert_eq!(elsewhere.answer_to(&ask.bytes()).await, Answer::Refused(Code::NotAllowed));
        linked.goes_on().await;
    });
}

#[test]
fn a_connection_for_a_handover_is_none_for_a_new_link_and_the_other_way_round() {
    block_on(async {
        let mut linked = Linked::new(|_| {}).await;
        let mut petitioner = linked.petitioner().await;
        let (send_name, _) = countersign::dist::initiator::send_name(&crate::raw::local("y@localhost"), linked.node.name().clone());
        assert_eq!(petitioner.answer_to(&send_name).await, Answer::Refused(Code::ProtocolViolation));

        let mut frames = Frames::dial(&linked.world, &linked.node).await;
        let session = Binding(frames.connection.tls().unwrap().export("EXPORTER-countersign-handover").unwrap());
        frames.send(&linked.keys.ask(HandoverNumber(1), session).bytes()).await;
        assert_eq!(frames.next().await, None);
        linked.goes_on().await;
    });
}

#[test]
fn both_ends_call_a_link_by_the_same_name_and_no_other_link_has_it() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        let c = world.node("c@localhost").await;
        b.ping(a.name()).await.unwrap();
        c.ping(a.name()).await.unwrap();
        let [ab, ba, ac] = [(&a, &b), (&b, &a), (&a, &c)].map(|(node, other)| peer(node, other).link().name().unwrap());
        assert!(ab == ba && ab != ac);
    });
}
