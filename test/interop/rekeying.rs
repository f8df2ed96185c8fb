//! Keys of TLS 1.3 that OTP renews while the link is up.

use crate::otp::Transport;
use crate::pair::{Dialled, Pair};
use crate::puppet::{Puppet, in_time};
use crate::world::World;
use countersign::etf::{Term, binary, tuple};
use countersign::node::{Node, NodeOptions};
use countersign::rt::block_on;
use countersign::tls::TlsPolicy;

#[test]
fn a_link_goes_on_past_several_key_updates_of_theirs() {
    let Some(world) = World::new("a_link_goes_on_past_several_key_updates_of_theirs") else { return };
    let x = world.otp("x@localhost").ssl("{key_update_at, 1000000}").start();
    for (own, dialled) in [("a@localhost", Dialled::ByThem), ("z@localhost", Dialled::ByUs)] {
        // OTP renews only keys of AES-GCM, which nobody agrees on with us unless we insist.
        let tls = TlsPolicy::default().suites(&["TLS13_AES_256_GCM_SHA384"]).unwrap();
        let node = block_on(Node::start(own, NodeOptions { tls, ..world.options(own, Transport::Tls13) })).unwrap();
        let pair = Pair::of(&x, node, dialled);
        assert_eq!(pair.a.peers()[0].transport().tls.unwrap().suite, "TLS13_AES_256_GCM_SHA384");
        let ours = Puppet::named(&pair.a, "ours");
        // Each round sends more both ways than the keys are good for.
        for round in 0..12_u8 {
            let payload = binary(vec![round; 400_000]);
            for _ in 0..3 {
                ours.send(pair.there("echo"), tuple([Term::from(ours.pid()), payload.clone()])).unwrap();
            }
            for _ in 0..3 {
                assert_eq!(ours.term().as_tuple().unwrap()[1], payload, "round {round}");
            }
        }
        // And with traffic of theirs alone.
        assert_eq!(pair.eval("[{ours, OUR} ! binary:copy(<<N>>, 100000) || N <- lists:seq(1, 100)], ok"), "ok");
        for number in 1..=100_u8 {
            assert_eq!(ours.term(), binary(vec![number; 100_000]));
        }
        in_time(pair.a.stop());
    }
}
