//! The atom cache: more atoms than it has places, and atoms that are hard to fit in.

use crate::pair::each_way;
use crate::puppet::Puppet;
use countersign::etf::{Atom, Term, list, tuple};

#[test]
fn atoms_beyond_the_cache_survive_both_ways() {
    each_way("atoms_beyond_the_cache_survive_both_ways", |pair| {
        let ours = Puppet::named(&pair.a, "ours");
        for round in 0..3 {
            // All in one message, and few in each of many; their echo knows none of them beforehand.
            let all: Vec<Term> = (0..5_000).map(|number| odd_atom(number * (round + 1))).collect();
            ours.send(pair.there("echo"), tuple([Term::from(ours.pid()), list(all.clone())])).unwrap();
            assert_eq!(ours.term().as_tuple().unwrap()[1], list(all.clone()), "round {round}");
            for few in all.chunks(50) {
                let few = list(few.to_vec());
                ours.send(pair.there("echo"), tuple([Term::from(ours.pid()), few.clone()])).unwrap();
                assert_eq!(ours.term().as_tuple().unwrap()[1], few);
            }
        }
    });
}

#[test]
fn atoms_of_theirs_beyond_the_cache_come_as_they_are() {
    each_way("atoms_of_theirs_beyond_the_cache_come_as_they_are", |pair| {
        let ours = Puppet::named(&pair.a, "ours");
        let sending = "Name = fun(N) -> case N rem 3 of
                0 -> \"theirs_\" ++ integer_to_list(N);
                1 -> lists:duplicate(240, $x) ++ integer_to_list(N);
                2 -> lists:duplicate(200, 9731) ++ integer_to_list(N) end end,
            [begin Atoms = [list_to_atom(Name(N + M)) || M <- lists:seq(0, 29)], {ours, OUR} ! {Atoms, [atom_to_binary(A) || A <- Atoms]} end
            || Round <- lists:seq(1, 2), N <- lists:seq(0, 4500, 30)], ok";
        assert_eq!(pair.eval(sending), "ok");
        for _ in 0..2 * 151 {
            let term = ours.term();
            let parts = term.as_tuple().unwrap();
            let (atoms, texts) = (parts[0].as_list().unwrap(), parts[1].as_list().unwrap());
            assert_eq!(atoms.len(), 30);
            for (atom, text) in atoms.iter().zip(texts) {
                let Term::Binary(text) = text else { panic!("{text}") };
                assert_eq!(atom.as_atom().unwrap().as_bytes(), text.as_ref().as_ref());
            }
        }
    });
}

/// Short, long, and of characters with several bytes.
fn odd_atom(number: u32) -> Term {
    let text = match number % 3 {
        0 => format!("ours_{number}"),
        1 => format!("{}{number}", "y".repeat(240)),
        _ => format!("{}{number}", "☃".repeat(200)),
    };
    Term::from(Atom::new(&text).unwrap())
}
