//! Many callers at a time.

use crate::desk::Desk;
use crate::world::World;
use countersign::etf::{Atom, Term, atom, tuple};
use countersign::node::Node;
use countersign::otp::gen_server::Launch;
use countersign::rt::block_on;
use futures_util::future::join_all;
use std::time::Duration;

#[test]
fn a_thousand_callers_get_each_their_own_answer() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        Launch::new(Desk::default()).named(DESK).start(&b).await.unwrap();
        // From here and from there, half of them answered by another process.
        let calls = (0..1_000_u64).map(|number| {
            let (a, b) = (&a, &b);
            async move {
                let from: &Node = if number % 2 == 0 { a } else { b };
                let request = if number % 4 < 2 { tuple([atom("echo"), Term::from(number)]) } else { atom("elsewhere") };
                let due = if number % 4 < 2 { Term::from(number) } else { atom("from_elsewhere") };
                let answer = from.call((DESK, b.name()), request, LONG).await;
                assert_eq!(answer.unwrap(), due, "{number}");
            }
        });
        join_all(calls).await;
        assert_eq!(b.call(DESK, atom("waiting"), LONG).await.unwrap(), Term::from(0));
        a.stop().await;
        b.stop().await;
    });
}

const DESK: Atom = Atom::fixed("desk");
const LONG: Duration = Duration::from_secs(60);
