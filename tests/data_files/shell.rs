//! Command lines in a block of a document.

/// Words of every `lpwa` command of the block, the program's name first; `cargo run -- ARGS` counts too. A line with
/// `[` is a synopsis, not a command.
pub fn commands(block: &str) -> Vec<Vec<String>> {
    let lines = block.lines().map(|line| line.strip_prefix("$ ").unwrap_or(line));
    let pipes =
        lines.filter(|line| !line.contains('[')).flat_map(|line| split(line).into_iter().map(|words| run(&words)));
    pipes.flatten().collect()
}

fn run(words: &[String]) -> Option<Vec<String>> {
    let arguments = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["lpwa", ..] => &words[1..],
        ["sudo", "lpwa", ..] => &words[2..],
        ["cargo", "run", ..] => &words[words.iter().position(|word| word == "--")? + 1..],
        _ => return None,
    };
    Some(["lpwa".to_owned()].into_iter().chain(arguments.iter().cloned()).collect())
}

/// The commands of a line, word by word: quotes, comments, `|`, `&`, `;` and `>` as a shell takes them.
fn split(line: &str) -> Vec<Vec<String>> {
    let (mut commands, mut word, mut quote) = (vec![Vec::new()], None::<String>, None);
    let mut put = |word: &mut Option<String>, next: bool| {
        commands.last_mut().unwrap().extend(word.take());
        if next {
            commands.push(Vec::new());
        }
    };
    for c in line.chars() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, ' ') => put(&mut word, false),
            (None, '|' | '&' | ';' | '>') => put(&mut word, true),
            (None, _) => word.get_or_insert_default().push(c),
        }
    }
    put(&mut word, false);
    commands
}

#[test]
fn lines_are_split_as_a_shell_does() {
    let of = |line: &str| commands(line).into_iter().map(|words| words[1..].join("|")).collect::<Vec<_>>();
    assert_eq!(of("$ lpwa decode '+CEREG: 5,3' x   # why"), ["decode|+CEREG: 5,3|x"]);
    assert_eq!(of("lpwa daemon &\n$ sudo lpwa --json list | jq ."), ["daemon", "--json|list"]);
    assert_eq!(of("cargo run --release -- demo --plain\nmake test\nm0  connected"), ["demo|--plain"]);
}
