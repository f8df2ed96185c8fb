//! Long messages, and long ones between short ones.

use crate::pair::each_way;
use crate::puppet::Puppet;
use crate::world::eventually;
use aws_lc_rs::digest::{SHA256, digest};
use countersign::etf::{Term, atom, binary, tuple};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn long_binaries_arrive_whole_both_ways() {
    each_way("long_binaries_arrive_whole_both_ways", |pair| {
        let ours = Puppet::named(&pair.a, "ours");
        for size in [100_000, 16 * 1024 * 1024] {
            let made = bytes(size);
            let expected = format!("{{1,{size},\"{}\"}}", hex(digest(&SHA256, &made).as_ref()));
            ours.send(pair.there("sink"), binary(made)).unwrap();
            assert_eq!(pair.eval("counterpart:sunk(1)"), expected);
            pair.eval("counterpart:forget()");

            let sent = pair.begin(&format!("B = crypto:strong_rand_bytes({size}), {{ours, OUR}} ! {{B, crypto:hash(sha256, B)}}, sent"));
            let term = ours.term();
            let [Term::Binary(came), Term::Binary(hash)] = term.as_tuple().unwrap() else { panic!("two binaries were sent") };
            assert_eq!((came.len(), digest(&SHA256, came).as_ref()), (size, hash.as_ref().as_ref()));
            assert_eq!(sent.wait(), "sent");
        }
    });
}

/// Every sender's messages are short and long by turns, each with the sender's number, its own number, and bytes that
/// follow from both.
#[test]
fn many_senders_at_once_keep_their_order_and_lose_nothing_both_ways() {
    each_way("many_senders_at_once_keep_their_order_and_lose_nothing_both_ways", |pair| {
        let ours = Puppet::named(&pair.a, "ours");
        let checked = pair.begin(
            "register(checker, self()), {ours, OUR} ! ready,
             F = fun F(0, Next) -> {right, maps:size(Next), lists:usort(maps:values(Next)) =:= [MESSAGES]};
                     F(Left, Next) -> receive {Sender, Number, Bytes} ->
                         Wanted = maps:get(Sender, Next, 0),
                         Fill = (Sender + Number) rem 256,
                         case Number =:= Wanted andalso binary:first(Bytes) =:= Fill andalso binary:last(Bytes) =:= Fill of
                             true -> F(Left - 1, Next#{Sender => Number + 1});
                             false -> {wrong, Sender, Number, Wanted}
                         end end end,
             F(SENDERS * MESSAGES, #{})"
                .replace("SENDERS", &SENDERS.to_string())
                .replace("MESSAGES", &MESSAGES.to_string())
                .as_str(),
        );
        assert!(ours.term().is_atom("ready"));
        for sender in 0..SENDERS {
            let to = pair.there("checker");
            pair.a.spawn(move |mut process| async move {
                for number in 0..MESSAGES {
                    process.send(to.clone(), message(sender, number)).await.unwrap();
                }
            });
        }
        let sending = "[spawn(fun() -> [begin Fill = (Sender + Number) rem 256,
                Size = case Number rem 4 of 0 -> 1 + 65536 * (Sender rem 5) ; _ -> 1 + Number end,
                {ours, OUR} ! {Sender, Number, binary:copy(<<Fill>>, Size)} end || Number <- lists:seq(0, MESSAGES - 1)] end)
            || Sender <- lists:seq(0, SENDERS - 1)], ok";
        let sending = sending.replace("SENDERS", &SENDERS.to_string()).replace("MESSAGES", &MESSAGES.to_string());
        assert_eq!(pair.eval(&sending), "ok");
        check(&ours);
        assert_eq!(checked.wait(), format!("{{right,{SENDERS},true}}"));
    });
}

#[test]
fn a_short_message_of_another_process_does_not_wait_for_a_long_one() {
    each_way("a_short_message_of_another_process_does_not_wait_for_a_long_one", |pair| {
        let (long, short) = (Puppet::new(&pair.a), Puppet::new(&pair.a));
        // It reads nothing meanwhile, so that the long message is on its way when the short one is sent.
        pair.x.pause();
        let (to, sent) = (pair.there("collector"), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                long.send(to.clone(), binary(vec![1; LONG])).unwrap();
                sent.store(true, Ordering::SeqCst);
            });
            let peer = pair.a.peers().remove(0);
            eventually("the long message waits", || peer.link().waiting() > LONG / 2);
            short.send(to.clone(), atom("short")).unwrap();
            assert!(!sent.load(Ordering::SeqCst), "the long one is still on its way");
            pair.x.resume();
        });
        assert_eq!(pair.eval("[short, B] = counterpart:collected(2), counterpart:forget(), byte_size(B)"), LONG.to_string());
    });
}

fn message(sender: u32, number: u32) -> Term {
    let size = if number.is_multiple_of(4) { 1 + 65_536 * (sender as usize % 5) } else { 1 + number as usize };
    tuple([Term::from(sender), Term::from(number), binary(vec![((sender + number) % 256) as u8; size])])
}

fn check(ours: &Puppet) {
    let wrong = ours.tell(|process| {
        Box::pin(async move {
            let mut next = HashMap::new();
            for _ in 0..SENDERS * MESSAGES {
                let term = process.receive().await.into_term().unwrap();
                let [sender, number, _] = term.as_tuple().unwrap() else { panic!("{term}") };
                let (sender, number) = (sender.to_string().parse().unwrap(), number.to_string().parse().unwrap());
                let wanted = next.entry(sender).or_insert(0_u32);
                if *wanted != number || term != message(sender, number) {
                    return Some((sender, number, *wanted));
                }
                *wanted += 1;
            }
            None
        })
    });
    assert_eq!(wrong, None);
}

/// Bytes that do not repeat soon.
fn bytes(count: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(count).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const SENDERS: u32 = 12;
const MESSAGES: u32 = 60;
const LONG: usize = 32 * 1024 * 1024;
