//! OpenSSL as the second opinion: it accepts what we make, and we read what it makes.

use crate::scratch::{Scratch, openssl_is_here, printed};
use countersign::authority::{Directory, Existing, KeyKind, KeyPair, Leaf, Lifetime, Names, Plan, Subject};
use countersign::clock::SystemClock;
use countersign::x509::pem::{Origin, read_file};
use countersign::x509::{Inspected, PrivateKey};

fn named(name: &str) -> Subject {
    Subject::common_name(name).unwrap()
}

fn accept(scratch: &Scratch, arguments: &str) -> String {
    let output = scratch.run("openssl", arguments);
    let words = printed(&output.stdout) + &printed(&output.stderr);
    assert!(output.status.success(), "openssl {arguments}\n{words}");
    words
}

fn create(scratch: &Scratch, name: &str, key: KeyKind, parent: Option<&Directory>) -> Directory {
    let plan = Plan { key, ..Plan::new(named(name)) };
    Directory::create(&scratch.join(name), &plan, parent, Existing::Keep, &SystemClock).unwrap().0
}

fn issue(ca: &Directory, name: &str, key: KeyKind) {
    let names = Names::default().dns("localhost").unwrap().ip("127.0.0.1".parse().unwrap());
    let leaf = Leaf { key, ..Leaf::agent(named(name), names) };
    ca.issue(ca.path(), &name.parse().unwrap(), &leaf, Existing::Keep, &SystemClock).unwrap();
}

#[test]
fn openssl_accepts_leaves_and_intermediates_of_every_kind_of_key() {
    if !openssl_is_here("openssl_accepts_leaves_and_intermediates_of_every_kind_of_key") {
        return;
    }
    for &kind in KeyKind::ALL {
        let scratch = Scratch::new();
        let root = create(&scratch, "root", kind, None);
        let inter = create(&scratch, "inter", kind, Some(&root));
        issue(&root, "a", kind);
        issue(&inter, "b", kind);
        let both = "-x509_strict -verify_hostname localhost -CAfile root/ca.crt";
        accept(&scratch, &format!("verify {both} -purpose sslserver root/a.crt"));
        accept(&scratch, &format!("verify {both} -purpose sslclient root/a.crt"));
        accept(&scratch, &format!("verify {both} -purpose sslserver -untrusted inter/b.crt inter/b.crt"));
        accept(&scratch, "pkey -in root/a.key -check -noout");
    }
}

#[test]
fn openssl_believes_our_revocation_lists_also_those_of_an_intermediate() {
    if !openssl_is_here("openssl_believes_our_revocation_lists_also_those_of_an_intermediate") {
        return;
    }
    for &kind in KeyKind::ALL {
        let scratch = Scratch::new();
        let root = create(&scratch, "root", kind, None);
        let inter = create(&scratch, "inter", kind, Some(&root));
        issue(&inter, "b", KeyKind::P256);
        root.publish_list(Lifetime::CRL, &SystemClock).unwrap();
        inter.publish_list(Lifetime::CRL, &SystemClock).unwrap();
        accept(&scratch, "crl -in root/crl.pem -noout -CAfile root/ca.crt");
        accept(&scratch, "crl -in inter/crl.pem -noout -verify -CAfile inter/ca.crt");
        let checked = "verify -x509_strict -crl_check_all -CAfile root/ca.crt -CRLfile root/crl.pem -CRLfile inter/crl.pem -untrusted inter/ca.crt inter/b.crt";
        accept(&scratch, checked);

        inter.revoke(&scratch.join("inter/b.crt"), &SystemClock).unwrap();
        let output = scratch.run("openssl", checked);
        assert!(!output.status.success() && printed(&output.stderr).contains("certificate revoked"), "{kind}");
    }
}

#[test]
fn a_list_that_revokes_nothing_has_no_empty_field_and_its_numbers_grow() {
    if !openssl_is_here("a_list_that_revokes_nothing_has_no_empty_field_and_its_numbers_grow") {
        return;
    }
    let scratch = Scratch::new();
    let root = create(&scratch, "root", KeyKind::P256, None);
    for number in ["0x01", "0x02", "0x03"] {
        root.publish_list(Lifetime::CRL, &SystemClock).unwrap();
        let text = accept(&scratch, "crl -in root/crl.pem -noout -text -crlnumber");
        assert!(text.contains("No Revoked Certificates") && text.contains(&format!("crlNumber={number}")), "{text}");
    }
}

#[test]
fn a_ca_made_by_openssl_works_in_each_form_of_key() {
    if !openssl_is_here("a_ca_made_by_openssl_works_in_each_form_of_key") {
        return;
    }
    let makers = [
        ("PKCS#8 RSA", "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out ca.key"),
        ("PKCS#1 RSA", "genrsa -traditional -out ca.key 2048"),
        ("PKCS#8 P-256", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ca.key"),
        ("SEC1 P-256", "ecparam -name prime256v1 -genkey -out ca.key"),
        ("SEC1 P-384", "ecparam -name secp384r1 -genkey -noout -out ca.key"),
        ("PKCS#8 P-521", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out ca.key"),
        ("PKCS#8 Ed25519", "genpkey -algorithm ED25519 -out ca.key"),
    ];
    for (form, maker) in makers {
        let scratch = Scratch::new();
        accept(&scratch, maker);
        accept(&scratch, "req -new -x509 -key ca.key -out ca.crt -days 30 -subj /CN=OpenSSL/O=Example");
        let ca = Directory::open(&scratch).unwrap_or_else(|error| panic!("{form}: {error}"));
        assert_eq!(ca.authority().facts().subject, "CN=OpenSSL, O=Example");
        issue(&ca, "a", KeyKind::P256);
        accept(&scratch, "verify -CAfile ca.crt a.crt");
        ca.revoke(&scratch.join("a.crt"), &SystemClock).unwrap();
        accept(&scratch, "crl -in crl.pem -noout -CAfile ca.crt");
    }
}

#[test]
fn a_leaf_made_by_openssl_is_renewed_with_the_kind_of_key_it_had() {
    if !openssl_is_here("a_leaf_made_by_openssl_is_renewed_with_the_kind_of_key_it_had") {
        return;
    }
    let scratch = Scratch::new();
    let ca = create(&scratch, "root", KeyKind::P256, None);
    std::fs::write(scratch.join("san"), "subjectAltName=DNS:localhost,email:a@example.org\nextendedKeyUsage=serverAuth\n").unwrap();
    accept(&scratch, "req -new -newkey rsa:2048 -nodes -keyout a.key -out a.csr -subj /O=Example/CN=a");
    accept(&scratch, "x509 -req -in a.csr -CA root/ca.crt -CAkey root/ca.key -days 7 -extfile san -out a.crt");
    let facts = ca.renew(&scratch.join("a.crt"), Default::default(), &SystemClock).unwrap().facts;
    assert_eq!((facts.subject.as_str(), facts.names().as_str()), ("O=Example, CN=a", "DNS:localhost, email:a@example.org"));
    assert_eq!(facts.extended_key_usage.as_deref().unwrap(), ["serverAuth"], "a renewal widens nothing");
    assert_eq!(facts.key_algorithm.to_string(), "RSA 2048");
    accept(&scratch, "verify -x509_strict -CAfile root/ca.crt a.crt");
}

#[test]
fn a_serial_number_that_begins_with_a_high_bit_is_revoked_as_it_is() {
    if !openssl_is_here("a_serial_number_that_begins_with_a_high_bit_is_revoked_as_it_is") {
        return;
    }
    let scratch = Scratch::new();
    let ca = create(&scratch, "root", KeyKind::P256, None);
    std::fs::write(scratch.join("ext"), "extendedKeyUsage=clientAuth\n").unwrap();
    accept(&scratch, "req -new -newkey rsa:2048 -nodes -keyout a.key -out a.csr -subj /CN=a");
    accept(&scratch, "x509 -req -in a.csr -CA root/ca.crt -CAkey root/ca.key -set_serial 0xFF01 -days 7 -extfile ext -out a.crt");
    ca.revoke(&scratch.join("a.crt"), &SystemClock).unwrap();
    assert!(ca.revoke(&scratch.join("a.crt"), &SystemClock).unwrap().already);
    let output = scratch.run("openssl", "verify -crl_check -CAfile root/ca.crt -CRLfile root/crl.pem a.crt");
    assert!(printed(&output.stderr).contains("certificate revoked"));
}

#[test]
fn our_fingerprint_is_openssls() {
    if !openssl_is_here("our_fingerprint_is_openssls") {
        return;
    }
    let scratch = Scratch::new();
    let ca = create(&scratch, "root", KeyKind::P256, None);
    let theirs = accept(&scratch, "x509 -in root/ca.crt -noout -fingerprint -sha256 -serial");
    let facts: &Inspected = ca.authority().facts();
    assert!(theirs.contains(&facts.fingerprint.to_string()), "{theirs}");
    assert!(theirs.contains(&facts.serial_hex().replace(':', "")), "{theirs}");
}

#[test]
fn a_generated_key_is_what_openssl_reads_as_the_same_key() {
    if !openssl_is_here("a_generated_key_is_what_openssl_reads_as_the_same_key") {
        return;
    }
    for &kind in KeyKind::ALL {
        let scratch = Scratch::new();
        let pair = KeyPair::generate(kind).unwrap();
        std::fs::write(scratch.join("a.key"), pair.pem().expose()).unwrap();
        accept(&scratch, "pkey -in a.key -pubout -outform DER -out a.pub");
        assert_eq!(std::fs::read(scratch.join("a.pub")).unwrap(), pair.spki_der(), "{kind}");
        accept(&scratch, "pkey -in a.key -out b.key");
        let back = PrivateKey::from_pem(&Origin::memory(), read_file(&scratch.join("b.key")).unwrap().expose()).unwrap();
        assert_eq!(KeyPair::of(back).unwrap().spki_der(), pair.spki_der(), "{kind}");
    }
}
