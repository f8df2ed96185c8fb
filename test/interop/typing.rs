//! Messages that are values of Rust's types at our end, and of Erlang's at theirs.

use crate::pair::each_way;
use crate::puppet::Puppet;
use bytes::Bytes;
use countersign::etf::serde::{Mismatch, to_term};
use countersign::etf::{Pid, Reference, Term};
use countersign::node::Mail;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Request {
    #[serde(rename = "#resize")]
    Resize { from: Pid, tag: Reference, image: Image, scale: f64 },
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "#image")]
struct Image {
    name: String,
    data: Bytes,
    labels: BTreeMap<String, Option<i128>>,
    origin: Option<Term>,
}

#[test]
fn a_request_is_a_value_here_and_the_answer_a_term_there() {
    each_way("a_request_is_a_value_here_and_the_answer_a_term_there", |pair| {
        let answering = Puppet::named(&pair.a, "answering");
        // A record, text of both kinds, keys of both kinds, an integer for a float, and what only Erlang has.
        let image = r#"{image, "köln", <<0,255>>, #{small => 1, <<"large">> => 1 bsl 100, none => undefined}, {fun lists:map/2, [a|b]}}"#;
        let asked = pair.begin(&format!(
            "R = make_ref(), I = {image}, {{answering, OUR}} ! {{resize, self(), R, I, 2}}, receive {{R, {{ok, A}}}} -> \
             {{image, <<\"köln\"/utf8>>, D, L, O}} = A, {{D, maps:get(<<\"large\">>, L) =:= 1 bsl 100, maps:get(<<\"none\">>, L), O =:= element(5, I)}} end"
        ));
        let Mail::Message(message) = answering.mail() else { panic!("somebody asks") };
        let Request::Resize { from, tag, image, scale } = message.parse().unwrap();
        assert_eq!((image.name.as_str(), scale), ("köln", 2.0));
        answering.send(&from, to_term(&(tag, Ok::<_, ()>(image))).unwrap()).unwrap();
        assert_eq!(asked.wait(), "{<<0,255>>,true,undefined,true}");
    });
}

#[test]
fn who_sends_something_else_can_be_told_where_it_differs() {
    each_way("who_sends_something_else_can_be_told_where_it_differs", |pair| {
        let answering = Puppet::named(&pair.a, "answering");
        let asked = pair.begin(
            "{answering, OUR} ! {resize, self(), make_ref(), {image, <<>>, <<>>, #{a => 1, b => [x]}, nil}, 1}, receive {error, Why} -> Why end",
        );
        let Mail::Message(message) = answering.mail() else { panic!("somebody asks") };
        let error: Mismatch = message.parse::<Request>().err().unwrap();
        let [_, from, ..] = message.term.as_tuple().unwrap() else { panic!("{}", message.term) };
        let answer = to_term(&Err::<(), _>(error.to_string())).unwrap();
        answering.send(from.as_pid().unwrap(), answer).unwrap();
        let range = format!("from {} to {}", i128::MIN, i128::MAX);
        assert_eq!(asked.wait(), format!("<<\"${{resize}}.image.labels.b: expected an integer {range}, found [x]\">>"));
    });
}
