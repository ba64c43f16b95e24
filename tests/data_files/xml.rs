//! XML as far as the files of D-Bus use it: tags that match, attributes in quotes, comments without `--`.

/// The text between `<` and `>` of every start tag, in order; an error says what is not well-formed.
pub fn tags(text: &str) -> Result<Vec<String>, String> {
    let (mut tags, mut open, mut rest) = (Vec::new(), Vec::<String>::new(), text);
    let end = |rest: &str, sign: &str| rest.find(sign).ok_or_else(|| format!("{sign} is missing after {rest:.40}"));
    while let Some(at) = rest.find('<') {
        plain(&rest[..at])?;
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            let at = end(comment, "--")?;
            rest = comment[at..].strip_prefix("-->").ok_or_else(|| format!("-- inside a comment: {comment:.40}"))?;
            continue;
        }
        let at = end(rest, ">")?;
        let (tag, after) = (&rest[1..at], &rest[at + 1..]);
        rest = after;
        if tag.starts_with(['!', '?']) {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            let opened = open.pop();
            if opened.as_deref() != Some(name) {
                return Err(format!("</{name}> ends {opened:?}"));
            }
            continue;
        }
        attributes(tag)?;
        let name = tag.split([' ', '\n', '/']).next().unwrap_or_default();
        if !tag.ends_with('/') {
            open.push(name.to_owned());
        }
        tags.push(tag.to_owned());
    }
    plain(rest)?;
    if open.is_empty() { Ok(tags) } else { Err(format!("not closed: {open:?}")) }
}

fn plain(text: &str) -> Result<(), String> {
    if text.contains(['>', '&']) { Err(format!("a bare > or & in {text:?}")) } else { Ok(()) }
}

/// After the name: `key="value"`, each key once.
fn attributes(tag: &str) -> Result<(), String> {
    let mut parts = tag.trim_end_matches('/').split('"');
    let (mut keys, mut last) = (Vec::new(), "");
    while let Some(before) = parts.next() {
        let Some(_value) = parts.next() else {
            last = before;
            break;
        };
        let key = before.split_whitespace().last().and_then(|key| key.strip_suffix('='));
        let key = key.ok_or_else(|| format!("<{tag}>: an attribute without a name"))?;
        if keys.contains(&key) {
            return Err(format!("<{tag}>: {key} stands twice"));
        }
        keys.push(key);
    }
    if last.contains('=') { Err(format!("<{tag}>: a value without quotes")) } else { Ok(()) }
}

#[test]
fn what_is_not_well_formed_is_found() {
    let ok = "<!DOCTYPE node PUBLIC \"a\"\n \"b\">\n<!-- c -->\n<node>\n <x a=\"1\" b=\"2\"/>\n</node>\n";
    assert_eq!(tags(ok).unwrap(), ["node", "x a=\"1\" b=\"2\"/"]);
    for wrong in ["<a>", "<a></b>", "</a>", "<a", "<a>&</a>", "<!-- a -- b --><a/>", "<a b=1/>", "<a b=\"1\" b=\"2\"/>"]
    {
        assert!(tags(wrong).is_err(), "{wrong}");
    }
}
