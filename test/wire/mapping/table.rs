//! Each row of the mapping: a value, and the term as Erlang writes it. A real Erlang reads the same
//! lines, and its terms are the same and mean the same.

use super::rows::{Row, ask_erlang, row};
use super::types::*;
use bytes::Bytes;
use countersign::etf::serde::to_term;
use countersign::etf::{Atom, Export, Term, improper, list, tuple};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

#[test]
fn every_number_is_what_erlang_writes() {
    hold(numbers());
}

#[test]
fn every_string_and_name_is_what_erlang_writes() {
    hold(texts());
}

#[test]
fn every_collection_is_what_erlang_writes() {
    hold(collections());
}

#[test]
fn every_struct_is_what_erlang_writes() {
    hold(structs());
}

#[test]
fn every_variant_is_what_erlang_writes() {
    hold(variants());
}

#[test]
fn every_term_passes_as_it_is() {
    hold(terms());
}

#[test]
fn a_real_erlang_means_the_same_by_these_lines() {
    let rows = [numbers(), texts(), collections(), structs(), variants(), terms()];
    ask_erlang("a_real_erlang_means_the_same_by_these_lines", rows.into_iter().flatten().collect());
}

fn hold(rows: Vec<Row>) {
    for row in rows {
        assert_eq!(row.term.to_string(), row.erlang);
        row.reads(&row.term);
    }
}

fn numbers() -> Vec<Row> {
    vec![
        row("true", true),
        row("false", false),
        row("-128", i8::MIN),
        row("255", u8::MAX),
        row("-32768", i16::MIN),
        row("65535", u16::MAX),
        row("-2147483648", i32::MIN),
        row("4294967295", u32::MAX),
        row("-9223372036854775808", i64::MIN),
        row("18446744073709551615", u64::MAX),
        row("-170141183460469231731687303715884105728", i128::MIN),
        row("340282366920938463463374607431768211455", u128::MAX),
        row("0.5", 0.5f32),
        row("-1.0e300", -1e300f64),
        row("97", 'a'),
        row("128512", '😀'),
        row("#{nanos => 5,secs => 3}", Duration::new(3, 5)),
    ]
}

fn texts() -> Vec<Row> {
    vec![
        row("<<\"Joe\">>", "Joe".to_owned()),
        row("<<>>", String::new()),
        row("<<\"é\"/utf8>>", "é".to_owned()),
        row("<<255,0>>", Bytes::from_static(b"\xff\x00")),
        row("<<\"127.0.0.1\">>", IpAddr::from(Ipv4Addr::LOCALHOST)),
        row("ok", ()),
        row("undefined", None::<u8>),
        row("7", Some(7u8)),
        row("ok", Some(())),
        row("\"abc\"", chars("abc")),
        row("#{motto => \"abc\",names => [\"a\",\"b\"],other => <<\"c\">>}", lists("abc")),
        row("#{motto => undefined,names => [\"a\",\"b\"],other => <<\"c\">>}", Lists { motto: None, ..lists("") }),
    ]
}

fn collections() -> Vec<Row> {
    vec![
        row("[1,2,300]", vec![1u16, 2, 300]),
        row("[]", Vec::<u8>::new()),
        row("[<<\"a\">>,<<\"b\">>]", BTreeSet::from(["a".to_owned(), "b".to_owned()])),
        row("{1,<<\"a\">>,true}", (1u8, "a".to_owned(), true)),
        row("{1,2,3,4}", [1u8, 2, 3, 4]),
        row("#{}", BTreeMap::<u8, u8>::new()),
        row("#{<<\"a\">> => 1,<<\"b\">> => 2}", BTreeMap::from([("a".to_owned(), 1u8), ("b".to_owned(), 2)])),
        row("#{1 => [2]}", BTreeMap::from([(1u8, vec![2u16])])),
        row("#{{1,true} => ok}", BTreeMap::from([((1u8, true), ())])),
        row("#{a => 1}", BTreeMap::from([(Atom::fixed("a"), 1u8)])),
    ]
}

fn structs() -> Vec<Row> {
    vec![
        row("#{id => 1,name => <<\"Joe\">>}", User { id: 1, name: "Joe".into(), nick: None }),
        row("#{id => 1,name => <<\"Joe\">>,nick => <<\"J\">>}", User { id: 1, name: "Joe".into(), nick: Some("J".into()) }),
        row("#{}", Empty {}),
        row("stop", Stop),
        row("7", Id(7)),
        row("{1,2}", Pair(1, 2)),
        row("{point,1,2}", Point { x: 1, y: 2 }),
        row("{point,1,2}", PointOfTwo(1, 2)),
        row("{id,7}", TaggedId(7)),
        row("{tick}", Tick),
        row("{1,undefined,3}", Bare { a: 1, b: None, c: 3 }),
        row("{}", Nothing {}),
        row("{}", NothingAtAll),
        row("{7}", Single(7)),
        row("#{'__struct__' => 'Elixir.MyApp.Job',id => 7}", Job { id: 7 }),
    ]
}

fn variants() -> Vec<Row> {
    let record = |width, height| Action::Resized { width, height };
    vec![
        row("delete", Action::Delete),
        row("{rename,<<\"a\">>}", Action::Rename("a".into())),
        row("{resize,640,480}", Action::Resize(640, 480)),
        row("{crop,#{height => 2,width => 1}}", Action::Crop { width: 1, height: 2 }),
        row("{resized,1,2}", record(1, 2)),
        row("{done}", Action::Done),
        row("{all}", Action::All()),
        row("'Verbatim'", Plain::Verbatim),
        row("{ok,7}", Ok::<u8, Plain>(7)),
        row("{error,'Verbatim'}", Err::<u8, Plain>(Plain::Verbatim)),
        row("ok", Ok::<(), Plain>(())),
        row("{ok,undefined}", Ok::<Option<u8>, Plain>(None)),
        row("[delete,{rename,<<\"b\">>}]", vec![Action::Delete, Action::Rename("b".into())]),
        row("#{delete => 1}", BTreeMap::from([(Action::Delete, 1u8)])),
        row("#{height => 1,type => <<\"box\">>}", Inner::Box { height: 1 }),
        row("#{'of' => 5,what => count}", Beside::Count(5)),
        row("<<\"text\">>", Either::Text("text".into())),
        row("5", Either::Number(5)),
    ]
}

fn terms() -> Vec<Row> {
    let odd = tuple([improper([1, 2], 3), list([Term::from(Atom::fixed("a"))]), Term::from(u128::MAX)]);
    let export = Export { module: Atom::fixed("lists"), function: Atom::fixed("map"), arity: 2 };
    vec![
        row("ok", Atom::fixed("ok")),
        row("{[1,2|3],[a],340282366920938463463374607431768211455}", odd.clone()),
        row("fun lists:map/2", export),
        row("#{any => {[1,2|3],[a],340282366920938463463374607431768211455}}", BTreeMap::from([(Atom::fixed("any"), odd)])),
    ]
}

#[test]
fn what_a_type_for_people_reads_better_is_written_so() {
    assert_eq!(to_term(std::path::Path::new("/etc")).unwrap().to_string(), "<<\"/etc\">>");
    assert_eq!(to_term(&std::ops::Range { start: 1, end: 3 }).unwrap().to_string(), "#{'end' => 3,start => 1}");
}

fn lists(motto: &str) -> Lists {
    Lists { motto: Some(motto.to_owned()), names: vec!["a".to_owned(), "b".to_owned()], other: "c".to_owned() }
}
