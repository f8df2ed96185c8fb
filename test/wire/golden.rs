//! What OTP 25 makes of each kind of term. The first column is what was typed into its shell as `T`; the
//! second is `term_to_binary(T, [{minor_version, 2}])`, the last is `io:format("~0tp", [T])`.

use crate::{hex, read};
use countersign::etf::{
    Atom, BitString, Creation, Export, Float, Fun, Pid, Port, Reference, Term, Terms, atom, binary, encode, improper, integer, list, map,
    string, tuple,
};

struct Golden {
    erlang: &'static str,
    hex: String,
    term: Term,
    printed: String,
}

#[test]
fn every_number_is_written_and_read_as_otp_does() {
    hold(&numbers());
}

#[test]
fn every_atom_is_written_and_read_as_otp_does() {
    hold(&atoms());
}

#[test]
fn every_container_is_written_and_read_as_otp_does() {
    hold(&containers());
}

#[test]
fn every_binary_is_written_and_read_as_otp_does() {
    hold(&binaries());
}

#[test]
fn every_identifier_and_fun_is_written_and_read_as_otp_does() {
    hold(&identifiers());
}

fn hold(goldens: &[Golden]) {
    for Golden { erlang, hex: digits, term, printed } in goldens {
        assert_eq!(read(digits).as_ref(), Ok(term), "reading {erlang}");
        assert_eq!(encode(term).as_ref(), Ok(&hex(digits)), "writing {erlang}");
        assert_eq!(&term.to_string(), printed, "printing {erlang}");
    }
}

fn golden(erlang: &'static str, hex: &str, term: impl Into<Term>, printed: &str) -> Golden {
    Golden { erlang, hex: hex.to_owned(), term: term.into(), printed: printed.to_owned() }
}

fn numbers() -> Vec<Golden> {
    let float = |value| Float::new(value).unwrap();
    let ones = [0xff; 255];
    let mut power = [0; 256];
    power[255] = 1;
    vec![
        golden("0", "836100", 0, "0"),
        golden("255", "8361ff", 255, "255"),
        golden("256", "836200000100", 256, "256"),
        golden("-1", "8362ffffffff", -1, "-1"),
        golden("2147483647", "83627fffffff", i32::MAX, "2147483647"),
        golden("-2147483648", "836280000000", i32::MIN, "-2147483648"),
        golden("2147483648", "836e040000000080", 1u32 << 31, "2147483648"),
        golden("-2147483649", "836e040101000080", -2_147_483_649i64, "-2147483649"),
        golden("9223372036854775807", "836e0800ffffffffffffff7f", i64::MAX, "9223372036854775807"),
        golden("-9223372036854775808", "836e08010000000000000080", i64::MIN, "-9223372036854775808"),
        golden("9223372036854775808", "836e08000000000000000080", 1u64 << 63, "9223372036854775808"),
        golden("1 bsl 64", "836e0900000000000000000001", 1u128 << 64, "18446744073709551616"),
        golden("-(1 bsl 64)", "836e0901000000000000000001", -(1i128 << 64), "-18446744073709551616"),
        golden("(1 bsl 2040) - 1", &format!("836eff00{}", "ff".repeat(255)), integer(false, &ones), TWO_TO_2040_LESS_1),
        golden("1 bsl 2040", &format!("836f0000010000{}01", "00".repeat(255)), integer(false, &power), TWO_TO_2040),
        golden("1.5", "83463ff8000000000000", float(1.5), "1.5"),
        golden("-0.0", "83468000000000000000", float(-0.0), "-0.0"),
        golden("0.1", "83463fb999999999999a", float(0.1), "0.1"),
        golden("1.0e300", "83467e37e43c8800759c", float(1e300), "1.0e300"),
        golden("100000.0", "834640f86a0000000000", float(100_000.0), "1.0e5"),
    ]
}

fn atoms() -> Vec<Golden> {
    let name = |text: &str| Atom::new(text).unwrap();
    let (small, latin, greek) = ("a".repeat(255), "ä".repeat(255), "λ".repeat(255));
    vec![
        golden("ok", "8377026f6b", atom("ok"), "ok"),
        golden("''", "837700", atom(""), "''"),
        golden("'hello world'", "83770b68656c6c6f20776f726c64", atom("hello world"), "'hello world'"),
        golden("true", "83770474727565", true, "true"),
        golden("'Ok'", "8377024f6b", atom("Ok"), "'Ok'"),
        golden("'ä'", "837702c3a4", atom("ä"), "ä"),
        golden("'λ'", "837702cebb", atom("λ"), "'λ'"),
        golden("'it\\'s'", "83770469742773", atom("it's"), "'it\\'s'"),
        golden("'a\\nb'", "837703610a62", atom("a\nb"), "'a\\nb'"),
        golden("list_to_atom(lists:duplicate(255, $a))", &format!("8377ff{}", "61".repeat(255)), name(&small), &small),
        golden("list_to_atom(lists:duplicate(255, 16#e4))", &format!("837601fe{}", "c3a4".repeat(255)), name(&latin), &latin),
        golden(
            "list_to_atom(lists:duplicate(255, 16#3bb))",
            &format!("837601fe{}", "cebb".repeat(255)),
            name(&greek),
            &format!("'{greek}'"),
        ),
    ]
}

fn containers() -> Vec<Golden> {
    let nothing: [Term; 0] = [];
    let nils = format!("{{{}}}", vec!["[]"; 256].join(","));
    let ones = |count| format!("[{}]", vec!["1"; count].join(","));
    let empty = || map([(0, 0); 0]).unwrap();
    vec![
        golden("{}", "836800", tuple(nothing.clone()), "{}"),
        golden("{ok, 1}", "83680277026f6b6101", tuple([atom("ok"), 1.into()]), "{ok,1}"),
        golden("{{{}}}", "83680168016800", tuple([tuple([tuple(nothing)])]), "{{{}}}"),
        golden("erlang:make_tuple(256, [])", &format!("836900000100{}", "6a".repeat(256)), tuple(vec![Term::nil(); 256]), &nils),
        golden("[]", "836a", Term::nil(), "[]"),
        golden("[1, 2, 3]", "836b0003010203", list([1, 2, 3]), "[1,2,3]"),
        golden("\"abc\"", "836b0003616263", string("abc"), "\"abc\""),
        golden("\"é\"", "836b0001e9", string("é"), "\"é\""),
        golden("[955]", "836c0000000162000003bb6a", string("λ"), "[955]"),
        golden("[a, b]", "836c000000027701617701626a", list([atom("a"), atom("b")]), "[a,b]"),
        golden("[[]]", "836c000000016a6a", list([Term::nil()]), "[[]]"),
        golden("[1.0 | 2]", "836c00000001463ff00000000000006102", improper([Term::try_from(1.0).unwrap()], 2), "[1.0|2]"),
        golden("[a, b | c]", "836c00000002770161770162770163", improper([atom("a"), atom("b")], atom("c")), "[a,b|c]"),
        golden("lists:duplicate(65535, 1)", &format!("836bffff{}", "01".repeat(65_535)), list(vec![1; 65_535]), &ones(65_535)),
        golden("lists:duplicate(65536, 1)", &format!("836c00010000{}6a", "6101".repeat(65_536)), list(vec![1; 65_536]), &ones(65_536)),
        golden("#{}", "837400000000", empty(), "#{}"),
        golden("#{a => 1}", "8374000000017701616101", map([(atom("a"), 1)]).unwrap(), "#{a => 1}"),
        golden(
            "#{#{} => [#{}]}",
            "83740000000174000000006c0000000174000000006a",
            map([(empty(), list([empty()]))]).unwrap(),
            "#{#{} => [#{}]}",
        ),
        golden("#{1 => a, 1.0 => b, {} => c, [] => d}", FOUR_KEYS, four_keys(), "#{1 => a,1.0 => b,{} => c,[] => d}"),
    ]
}

/// Given in another order than that of keys, which is the one that comes out.
fn four_keys() -> Term {
    let nothing: [Term; 0] = [];
    map([(Term::nil(), atom("d")), (Term::try_from(1.0).unwrap(), atom("b")), (tuple(nothing), atom("c")), (1.into(), atom("a"))]).unwrap()
}

fn binaries() -> Vec<Golden> {
    let bits = |bytes: &'static [u8], last| BitString::new(bytes.into(), last).unwrap();
    vec![
        golden("<<>>", "836d00000000", "", "<<>>"),
        golden("<<\"abc\">>", "836d00000003616263", "abc", "<<\"abc\">>"),
        golden("<<0, 255>>", "836d0000000200ff", binary(&[0, 255][..]), "<<0,255>>"),
        golden("<<\"λ\"/utf8>>", "836d00000002cebb", "λ", "<<206,187>>"),
        golden("<<\"ä\"/utf8>>", "836d00000002c3a4", "ä", "<<\"ä\"/utf8>>"),
        golden("<<\"ä\">>", "836d00000001e4", binary(&[0xe4][..]), "<<\"ä\">>"),
        golden("<<1:1>>", "834d000000010180", bits(&[0x80], 1), "<<1:1>>"),
        golden("<<1, 2, 5:3>>", "834d00000003030102a0", bits(&[1, 2, 0xa0], 3), "<<1,2,5:3>>"),
        golden("<<127:7>>", "834d0000000107fe", bits(&[0xff], 7), "<<127:7>>"),
    ]
}

/// The shell prints the number that it has for a node where we print the name. Its own number is 0.
fn identifiers() -> Vec<Golden> {
    let node = || Atom::new("nonode@nohost").unwrap();
    let pid = |id, serial| Pid { node: node(), id, serial, creation: Creation(0) };
    let port = |id| Port { node: node(), id, creation: Creation(0) };
    let reference = Reference::new(node(), Creation(0), &[3, 2, 1]).unwrap();
    let export =
        |module: &str, function: &str, arity| Export { module: module.parse().unwrap(), function: function.parse().unwrap(), arity };
    vec![
        golden("list_to_pid(\"<0.84.0>\")", &format!("8358{NONODE}000000540000000000000000"), pid(84, 0), "<nonode@nohost.84.0>"),
        golden("list_to_pid(\"<0.84.7>\")", &format!("8358{NONODE}000000540000000700000000"), pid(84, 7), "<nonode@nohost.84.7>"),
        golden("list_to_port(\"#Port<0.5>\")", &format!("8359{NONODE}0000000500000000"), port(5), "#Port<nonode@nohost.5>"),
        golden(
            "binary_to_term(<<131, 120, 119, 13, \"nonode@nohost\", (1 bsl 32):64, 0:32>>)",
            &format!("8378{NONODE}000000010000000000000000"),
            port(1 << 32),
            "#Port<nonode@nohost.4294967296>",
        ),
        golden(
            "list_to_ref(\"#Ref<0.1.2.3>\")",
            &format!("835a0003{NONODE}00000000000000030000000200000001"),
            reference,
            "#Ref<nonode@nohost.1.2.3>",
        ),
        golden("fun lists:map/2", "837177056c6973747377036d61706102", export("lists", "map", 2), "fun lists:map/2"),
        golden(
            "fun 'Elixir.Foo':'bar!'/255",
            "8371770a456c697869722e466f6f77046261722161ff",
            export("Elixir.Foo", "bar!", 255),
            "fun 'Elixir.Foo':'bar!'/255",
        ),
        golden(
            "maps:get(next, element(1, rand:seed_s(exsss)))",
            &format!(
                "8370 00000046 01 40dcc43f8d26b5800cfdadad7a71fb90 00000000 00000000 770472616e64 6100 620206e621 58{NONODE}000000090000000000000000"
            ),
            rand_next(),
            "#Fun<rand.0.34006561>",
        ),
    ]
}

fn rand_next() -> Fun {
    Fun {
        module: Atom::fixed("rand"),
        arity: 1,
        uniq: hex("40dcc43f8d26b5800cfdadad7a71fb90").try_into().unwrap(),
        index: 0,
        old_index: 0,
        old_uniq: 34_006_561,
        creator: Pid { node: Atom::fixed("nonode@nohost"), id: 9, serial: 0, creation: Creation(0) },
        free: Terms::default(),
    }
}

const NONODE: &str = "770d6e6f6e6f6465406e6f686f7374";
const FOUR_KEYS: &str = "8374 00000004 6101770161 463ff0000000000000770162 6800770163 6a770164";
const TWO_TO_2040_LESS_1: &str = "126238304966058622268417487065116999845484776053576109500509161826268184136202698801551568013761380717534054534851164138648904527931605160527688095259563605939964364716019515983399209962459578542172100149937763938581219604072733422507180056009672540900709554109516816573779593326332288314873251559077853068444977864803391962580800682760017849589281937637993445539366428356761821065267423102149447628375691862210717202025241630303118559188678304314076943801692528246980959705901641444238894928620825482303431806955690226308773426829503900930529395181208739591967195841536053143145775307050594328881077553168201547775";
const TWO_TO_2040: &str = "126238304966058622268417487065116999845484776053576109500509161826268184136202698801551568013761380717534054534851164138648904527931605160527688095259563605939964364716019515983399209962459578542172100149937763938581219604072733422507180056009672540900709554109516816573779593326332288314873251559077853068444977864803391962580800682760017849589281937637993445539366428356761821065267423102149447628375691862210717202025241630303118559188678304314076943801692528246980959705901641444238894928620825482303431806955690226308773426829503900930529395181208739591967195841536053143145775307050594328881077553168201547776";
